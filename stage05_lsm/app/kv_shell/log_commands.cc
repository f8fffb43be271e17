#include "app/kv_shell/log_commands.h"

#include <iostream>
#include <string>
#include <utility>

#include "app/kv_shell/printing.h"

namespace kv {
namespace {

using shell::Command;
using shell::CommandCall;
using shell::CommandTable;

Status PrintWalStatus(Database* db, const CommandCall& call) {
  KV_ASSIGN_OR_RETURN(const WalStatus status, db->GetWalStatus());
  return PrintNumbers(
      {
          {"first_segment", status.first_segment},
          {"last_segment", status.last_segment},
          {"bytes", status.bytes},
          {"last_sequence", status.last_sequence},
          {"synced_sequence", status.synced_sequence},
          {"archived_segments", status.archived_segments},
      },
      call.out);
}

Status PrintRecovery(Database* db, const CommandCall& call) {
  KV_ASSIGN_OR_RETURN(const RecoveryReport report, db->GetRecoveryReport());
  KV_RETURN_IF_ERROR(PrintNumbers(
      {
          {"table_entries", report.table_entries},
          {"segments", report.segments},
          {"batches", report.batches},
          {"operations", report.operations},
          {"trimmed_bytes", report.trimmed_bytes},
          {"skipped_bytes", report.skipped_bytes},
      },
      call.out));
  for (const std::string& damage : report.skipped) {
    call.out << "skipped: " << damage << "\n";
  }
  return Status::Ok();
}

}  // namespace

void AddLogCommands(Database* db, CommandTable* table) {
  const auto add = [table](Command command) {
    table->Add("The log", std::move(command));
  };
  add(
      {"checkpoint", "", "does the same as flush",
       "Everything is in tables then, and the log is empty.",
       [db](const CommandCall& call) {
         return Say(db->Checkpoint(), call.out);
       }});
  add(
      {"wal-status", "", "prints the log's segments and its durable part",
       "first_segment and last_segment are the numbers of the first and the\n"
       "last file, NUMBER.wal, and bytes is their length together. "
       "Operations\n"
       "are numbered: last_sequence was written last, and all up to\n"
       "synced_sequence survive a loss of power.",
       [db](const CommandCall& call) { return PrintWalStatus(db, call); }});
  add(
      {"wal-rotate", "", "ends the log's segment and begins another",
       "The old one is made durable; one without a write is not ended.",
       [db](const CommandCall& call) {
         return Say(db->RotateWal(), call.out);
       }});
  add(
      {"wal-clear", "", "flushes, and drops archived segments too",
       "What it drops can be given back by no later recovery.",
       [db](const CommandCall& call) {
         return Say(db->ClearWal(), call.out);
       }});
  add(
      {"recovery", "", "prints what opening found",
       "How many entries the tables have, and what was read from the log\n"
       "behind them: segments, batches (writes) and operations in them.\n"
       "trimmed_bytes were a torn tail, as a crash leaves it; skipped_bytes\n"
       "of the log were damaged, and passed over as --recovery-mode allowed.\n"
       "A table that was left out has a line of its own.",
       [db](const CommandCall& call) { return PrintRecovery(db, call); }});
  add(
      {"flush", "", "writes what is in memory to a table; drops its log",
       "The next opening reads only the log that was written since. A "
       "memtable\n"
       "that has grown to its limit is flushed by itself.",
       [db](const CommandCall& call) { return Say(db->Flush(), call.out); }});
}

Status TellWhatWasSkipped(Database* db) {
  KV_ASSIGN_OR_RETURN(const RecoveryReport report, db->GetRecoveryReport());
  if (!report.skipped.empty()) {
    std::cerr << "kv_shell: there was damage, and what stood there is missing "
                 "now; 'recovery' lists the places\n";
  }
  return Status::Ok();
}

}  // namespace kv
