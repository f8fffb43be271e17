#include "app/kv_shell/range_commands.h"

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
}

}  // namespace kv
