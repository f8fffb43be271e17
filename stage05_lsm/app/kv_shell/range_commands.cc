#include "app/kv_shell/range_commands.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/kv_shell/printing.h"

namespace kv {
namespace {

using shell::Command;
using shell::CommandCall;
using shell::CommandTable;

Status PrintEntries(
    const Result<std::vector<KeyValue>>& entries, std::ostream& out) {
  KV_RETURN_IF_ERROR(entries.status());
  if (entries->empty()) {
    out << "(no keys)\n";
  }
  size_t number = 0;
  for (const KeyValue& entry : *entries) {
    out << ++number << ") " << Printed(entry.key) << " " << Printed(entry.value)
        << "\n";
  }
  return Status::Ok();
}

Status Scan(Database* db, const CommandCall& call) {
  const std::vector<std::string>& words = call.arguments;
  const std::string start = words.empty() ? std::string() : words[0];
  const std::string end = words.size() > 1 ? words[1] : std::string();
  return PrintEntries(db->Scan(start, end), call.out);
}

Status ReverseScan(Database* db, const CommandCall& call) {
  const std::vector<std::string>& words = call.arguments;
  const std::string start = words.empty() ? std::string() : words[0];
  const std::string end = words.size() > 1 ? words[1] : std::string();
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<Iterator> iterator, db->NewIterator());
  if (end.empty()) {
    iterator->SeekToLast();
  } else {
    iterator->SeekForPrev(end);
  }
  if (!end.empty() && iterator->Valid() && iterator->Key() == end) {
    iterator->Prev();
  }
  size_t number = 0;
  for (; iterator->Valid() && iterator->Key() >= start; iterator->Prev()) {
    call.out << ++number << ") " << Printed(iterator->Key()) << " "
             << Printed(iterator->Value()) << "\n";
  }
  if (number == 0 && iterator->GetStatus().ok()) {
    call.out << "(no keys)\n";
  }
  return iterator->GetStatus();
}

}  // namespace

void AddRangeCommands(Database* db, CommandTable* table) {
  const auto add = [table](Command command) {
    table->Add("Reading", std::move(command));
  };
  add(
      {"scan", "[START [END]]", "lists the keys from START to before END",
       "With their values, sorted by their bytes. START is in the range, "
       "and\n"
       "END is not; neither need be a key. Without END, or with an empty "
       "one,\n"
       "to the last key; without both, all of them.",
       [db](const CommandCall& call) { return Scan(db, call); }});
  add(
      {"prefix", "PREFIX", "lists the keys with a prefix, and their values",
       "Sorted by their bytes; the key that is the prefix itself comes "
       "first.",
       [db](const CommandCall& call) {
         return PrintEntries(db->ScanPrefix(call.arguments[0]), call.out);
       }});
  add(
      {"rscan", "[START [END]]", "as scan, with the last key first",
       "The same keys as 'scan START END' lists, backwards: from the last "
       "one\n"
       "before END to START.",
       [db](const CommandCall& call) { return ReverseScan(db, call); }});
}

}  // namespace kv
