// kv_shell: every operation of the database as a command.

#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/shell/escape.h"
#include "common/shell/run_shell.h"
#include "db/database.h"

namespace kv {
namespace {

using shell::Command;
using shell::CommandCall;
using shell::CommandTable;
using shell::DumpOperation;
using shell::EscapeBytes;

constexpr std::string_view kBatchHelp =
    "Between 'batch' and 'apply', put, delete, mput and mdelete answer\n"
    "'queued' and wait; 'apply' applies all of them or, on an error, none;\n"
    "'abandon' drops them. Reads do not see what waits.";

// A value as it is printed: never an empty line.
std::string Printed(std::string_view value) {
  return value.empty() ? "(empty)" : EscapeBytes(value);
}

class Session : public shell::ShellSession {
 public:
  explicit Session(std::unique_ptr<Database> db) : db_(std::move(db)) {}

  void AddCommands(CommandTable* table) override {
    AddWrites(table);
    AddBatch(table);
    AddReads(table);
    AddLog(table);
  }

  Status Apply(const std::vector<DumpOperation>& operations) override {
    WriteBatch batch;
    for (const DumpOperation& operation : operations) {
      if (operation.kind == DumpOperation::Kind::kPut) {
        batch.Put(operation.key, operation.value);
      } else {
        batch.Delete(operation.key);
      }
    }
    return db_->Write(batch);
  }

  Status ForEach(const PairVisitor& visit) override {
    // One entry at a time: there may be more of them than memory holds.
    KV_ASSIGN_OR_RETURN(
        const std::unique_ptr<Iterator> iterator, db_->NewIterator());
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      visit(iterator->Key(), iterator->Value());
    }
    return iterator->GetStatus();
  }

  Status EndOfCommands() override {
    if (!batch_.has_value()) return Status::Ok();
    return Status::Aborted(
        "the batch of " + std::to_string(batch_->Count()) +
        " operations was not applied; end it with 'apply' or 'abandon'");
  }

  Status Close() override { return db_->Close(); }

  std::string Prompt() const override {
    return batch_.has_value()
        ? "kv (batch of " + std::to_string(batch_->Count()) + ")> "
        : "kv> ";
  }

 private:
  void AddWrites(CommandTable* table) {
    const auto add = [table](Command command) {
      table->Add("Writing", std::move(command));
    };
    add(
        {"put", "KEY VALUE", "sets the value of a key",
         "Replaces the value that the key had. Any bytes are a key and a\n"
         "value, the empty ones too: put \"\" \"two words\\x00\".",
         [this](const CommandCall& call) { return Put(call, false); }});
    add(
        {"delete", "KEY", "removes a key",
         "Answers ok also if the key is not there.",
         [this](const CommandCall& call) { return Delete(call, false); }});
    add(
        {"rename", "FROM TO", "gives a key's value to another key",
         "Replaces what TO had, and removes FROM; an error if there is no\n"
         "FROM.",
         [this](const CommandCall& call) { return Rename(call); }});
    add(
        {"mput", "KEY VALUE ...", "sets several keys, all or none", "",
         [this](const CommandCall& call) { return Put(call, true); }});
    add(
        {"mdelete", "KEY ...", "removes several keys, all or none", "",
         [this](const CommandCall& call) { return Delete(call, true); }});
    add(
        {"sync", "", "makes all writes so far durable",
         "Without it a write survives the death of the shell, and a loss of\n"
         "power perhaps. The end of the shell syncs too.",
         [this](const CommandCall& call) { return Sync(call); }});
  }

  void AddBatch(CommandTable* table) {
    const auto add = [table](Command command) {
      command.more_help = kBatchHelp;
      table->Add("Batches", std::move(command));
    };
    add(
        {"batch", "", "begins to collect writes", "",
         [this](const CommandCall& call) { return BeginBatch(call); }});
    add(
        {"apply", "", "applies what was collected, all or none", "",
         [this](const CommandCall& call) { return EndBatch(call, true); }});
    add(
        {"abandon", "", "drops what was collected", "",
         [this](const CommandCall& call) { return EndBatch(call, false); }});
  }

  void AddReads(CommandTable* table) {
    const auto add = [table](Command command) {
      table->Add("Reading", std::move(command));
    };
    add(
        {"get", "KEY", "prints the value of a key",
         "(not found) if there is none, (empty) for a value of no bytes.\n"
         "Bytes that are not printable are shown as \\xNN.",
         [this](const CommandCall& call) { return Get(call); }});
    add(
        {"mget", "KEY ...", "prints the values of several keys", "",
         [this](const CommandCall& call) { return MultiGet(call); }});
    add(
        {"exists", "KEY", "says (true) or (false)", "",
         [this](const CommandCall& call) { return Exists(call); }});
    add(
        {"keys", "[PREFIX]", "lists the keys that begin with a prefix",
         "Sorted by their bytes, as unsigned numbers.",
         [this](const CommandCall& call) { return Keys(call); }});
    add(
        {"scan", "[START [END]]", "lists the keys from START to before END",
         "With their values, sorted by their bytes. START is in the range, "
         "and\n"
         "END is not; neither need be a key. Without END, or with an empty "
         "one,\n"
         "to the last key; without both, all of them.",
         [this](const CommandCall& call) { return Scan(call); }});
    add(
        {"prefix", "PREFIX", "lists the keys with a prefix, and their values",
         "Sorted by their bytes; the key that is the prefix itself comes "
         "first.",
         [this](const CommandCall& call) {
           return PrintEntries(db_->ScanPrefix(call.arguments[0]), call.out);
         }});
    add(
        {"stats", "", "prints numbers about the database",
         "Each version of a key in memory, and each entry of a table, counts "
         "as one\n"
         "of the estimated_keys.",
         [this](const CommandCall& call) { return PrintStats(call); }});
    add(
        {"rscan", "[START [END]]", "as scan, with the last key first",
         "The same keys as 'scan START END' lists, backwards: from the last "
         "one\n"
         "before END to START.",
         [this](const CommandCall& call) { return ReverseScan(call); }});
  }

  void AddLog(CommandTable* table) {
    const auto add = [table](Command command) {
      table->Add("The log", std::move(command));
    };
    add(
        {"checkpoint", "", "does the same as flush",
         "Everything is in tables then, and the log is empty.",
         [this](const CommandCall& call) {
           return Say(db_->Checkpoint(), call.out);
         }});
    add(
        {"wal-status", "", "prints the log's segments and its durable part",
         "first_segment and last_segment are the numbers of the first and the\n"
         "last file, NUMBER.wal, and bytes is their length together. "
         "Operations\n"
         "are numbered: last_sequence was written last, and all up to\n"
         "synced_sequence survive a loss of power.",
         [this](const CommandCall& call) { return PrintWalStatus(call); }});
    add(
        {"wal-rotate", "", "ends the log's segment and begins another",
         "The old one is made durable; one without a write is not ended.",
         [this](const CommandCall& call) {
           return Say(db_->RotateWal(), call.out);
         }});
    add(
        {"wal-clear", "", "flushes, and drops archived segments too",
         "What it drops can be given back by no later recovery.",
         [this](const CommandCall& call) {
           return Say(db_->ClearWal(), call.out);
         }});
    add(
        {"recovery", "", "prints what opening found",
         "How many entries the tables have, and what was read from the log\n"
         "behind them: segments, batches (writes) and operations in them.\n"
         "trimmed_bytes were a torn tail, as a crash leaves it; skipped_bytes\n"
         "were damaged, and passed over as --recovery-mode allowed.",
         [this](const CommandCall& call) { return PrintRecovery(call); }});
    add(
        {"flush", "", "writes what is in memory to a table; drops its log",
         "The next opening reads only the log that was written since. A "
         "memtable\n"
         "that has grown to its limit is flushed by itself.",
         [this](const CommandCall& call) {
           return Say(db_->Flush(), call.out);
         }});
  }

  static Status Say(const Status& status, std::ostream& out) {
    if (status.ok()) {
      out << "ok\n";
    }
    return status;
  }

  // Applies `batch`, or adds it to the batch that is being collected.
  Status Write(const WriteBatch& batch, std::ostream& out) {
    if (!batch_.has_value()) {
      KV_RETURN_IF_ERROR(db_->Write(batch));
      out << "ok\n";
      return Status::Ok();
    }
    for (size_t i = 0; i < batch.Count(); ++i) {
      const WriteBatch::Operation operation = batch.At(i);
      if (operation.kind == WriteBatch::Kind::kPut) {
        batch_->Put(operation.key, operation.value);
      } else {
        batch_->Delete(operation.key);
      }
    }
    out << "queued\n";
    return Status::Ok();
  }

  Status Put(const CommandCall& call, bool several) {
    const std::vector<std::string>& words = call.arguments;
    if (words.size() % 2 != 0) {
      return Status::InvalidArgument(
          "a key without a value: '" + EscapeBytes(words.back()) + "'");
    }
    if (!several && !batch_.has_value()) {
      KV_RETURN_IF_ERROR(db_->Put(words[0], words[1]));
      call.out << "ok\n";
      return Status::Ok();
    }
    WriteBatch batch;
    for (size_t i = 0; i < words.size(); i += 2) {
      batch.Put(words[i], words[i + 1]);
    }
    return Write(batch, call.out);
  }

  Status Delete(const CommandCall& call, bool several) {
    if (!several && !batch_.has_value()) {
      KV_RETURN_IF_ERROR(db_->Delete(call.arguments[0]));
      call.out << "ok\n";
      return Status::Ok();
    }
    WriteBatch batch;
    for (const std::string& key : call.arguments) {
      batch.Delete(key);
    }
    return Write(batch, call.out);
  }

  Status Rename(const CommandCall& call) {
    if (batch_.has_value()) {
      return Status::InvalidArgument(
          "a batch holds only put, delete, mput and mdelete; 'apply' or "
          "'abandon' it first");
    }
    KV_RETURN_IF_ERROR(db_->Rename(call.arguments[0], call.arguments[1]));
    call.out << "ok\n";
    return Status::Ok();
  }

  Status Sync(const CommandCall& call) {
    KV_RETURN_IF_ERROR(db_->Sync());
    call.out << "ok\n";
    return Status::Ok();
  }

  Status BeginBatch(const CommandCall& call) {
    if (batch_.has_value()) {
      return Status::InvalidArgument(
          "a batch is being collected; 'apply' or 'abandon' it first");
    }
    batch_.emplace();
    call.out << "ok\n";
    return Status::Ok();
  }

  Status EndBatch(const CommandCall& call, bool apply) {
    if (!batch_.has_value()) {
      return Status::InvalidArgument("there is no batch; 'batch' begins one");
    }
    const WriteBatch batch = *std::exchange(batch_, std::nullopt);
    if (apply) {
      KV_RETURN_IF_ERROR(db_->Write(batch));
    }
    call.out << "ok\n";
    return Status::Ok();
  }

  Status Get(const CommandCall& call) {
    const Result<std::string> value = db_->Get(call.arguments[0]);
    return PrintValue(value, call.out);
  }

  Status MultiGet(const CommandCall& call) {
    const std::vector<std::string_view> keys(
        call.arguments.begin(), call.arguments.end());
    const std::vector<Result<std::string>> values = db_->MultiGet(keys);
    for (size_t i = 0; i < values.size(); ++i) {
      call.out << i + 1 << ") ";
      const Status status = PrintValue(values[i], call.out);
      if (!status.ok()) {
        call.out << "(error)\n";
        return status;
      }
    }
    return Status::Ok();
  }

  static Status PrintValue(
      const Result<std::string>& value, std::ostream& out) {
    if (value.status().IsNotFound()) {
      out << "(not found)\n";
      return Status::Ok();
    }
    KV_RETURN_IF_ERROR(value.status());
    out << Printed(*value) << "\n";
    return Status::Ok();
  }

  Status Exists(const CommandCall& call) {
    KV_ASSIGN_OR_RETURN(const bool exists, db_->Exists(call.arguments[0]));
    call.out << (exists ? "(true)\n" : "(false)\n");
    return Status::Ok();
  }

  Status Keys(const CommandCall& call) {
    const std::string prefix =
        call.arguments.empty() ? std::string() : call.arguments[0];
    KV_ASSIGN_OR_RETURN(const std::vector<std::string> keys, db_->Keys(prefix));
    if (keys.empty()) {
      call.out << "(no keys)\n";
    }
    for (size_t i = 0; i < keys.size(); ++i) {
      call.out << i + 1 << ") " << Printed(keys[i]) << "\n";
    }
    return Status::Ok();
  }

  Status Scan(const CommandCall& call) {
    const std::vector<std::string>& words = call.arguments;
    const std::string start = words.empty() ? std::string() : words[0];
    const std::string end = words.size() > 1 ? words[1] : std::string();
    return PrintEntries(db_->Scan(start, end), call.out);
  }

  Status ReverseScan(const CommandCall& call) {
    const std::vector<std::string>& words = call.arguments;
    const std::string start = words.empty() ? std::string() : words[0];
    const std::string end = words.size() > 1 ? words[1] : std::string();
    KV_ASSIGN_OR_RETURN(
        const std::unique_ptr<Iterator> iterator, db_->NewIterator());
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

  static Status PrintEntries(
      const Result<std::vector<KeyValue>>& entries, std::ostream& out) {
    KV_RETURN_IF_ERROR(entries.status());
    if (entries->empty()) {
      out << "(no keys)\n";
    }
    size_t number = 0;
    for (const KeyValue& entry : *entries) {
      out << ++number << ") " << Printed(entry.key) << " "
          << Printed(entry.value) << "\n";
    }
    return Status::Ok();
  }

  Status PrintWalStatus(const CommandCall& call) {
    KV_ASSIGN_OR_RETURN(const WalStatus status, db_->GetWalStatus());
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

  Status PrintRecovery(const CommandCall& call) {
    KV_ASSIGN_OR_RETURN(const RecoveryReport report, db_->GetRecoveryReport());
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

  Status PrintStats(const CommandCall& call) {
    KV_ASSIGN_OR_RETURN(const Stats stats, db_->GetStats());
    return PrintNumbers(
        {
            {"estimated_keys", stats.estimated_keys},
            {"memory_bytes", stats.memory_bytes},
            {"disk_bytes", stats.disk_bytes},
            {"wal_bytes", stats.wal_bytes},
            {"wal_segments", stats.wal_segments},
            {"puts", stats.puts},
            {"deletes", stats.deletes},
            {"gets_found", stats.gets_found},
            {"gets_missed", stats.gets_missed},
            {"table_bytes", stats.table_bytes},
            {"tables", stats.tables},
        },
        call.out);
  }

  static Status PrintNumbers(
      const std::vector<std::pair<std::string_view, uint64_t>>& lines,
      std::ostream& out) {
    for (const auto& [name, number] : lines) {
      out << name << ": " << number << "\n";
    }
    return Status::Ok();
  }

  std::unique_ptr<Database> db_;
  std::optional<WriteBatch> batch_;  // what is being collected
};

// An error that names options by their names in C++ names the shell's too.
Status WithTheShellsNames(const Status& status) {
  if (status.code() != StatusCode::kCorruption ||
      status.message().find("RecoveryMode::") == std::string_view::npos) {
    return status;
  }
  return Status::Corruption(
      std::string(status.message()) +
      " (in this shell, choose with --recovery-mode)");
}

// What was passed over must not go unnoticed.
Status TellWhatWasSkipped(Database* db) {
  KV_ASSIGN_OR_RETURN(const RecoveryReport report, db->GetRecoveryReport());
  if (!report.skipped.empty()) {
    std::cerr << "kv_shell: there was damage, and what stood there is missing "
                 "now; 'recovery' lists the places\n";
  }
  return Status::Ok();
}

std::vector<shell::ShellFlag> Flags(Options* options) {
  using shell::ChoiceFlag;
  using shell::NumberFlag;
  return {
      NumberFlag("--key-bytes-max", "the longest key", &options->key_bytes_max),
      NumberFlag(
          "--value-bytes-max", "the longest value", &options->value_bytes_max),
      NumberFlag(
          "--memory-bytes-max", "what may be kept in memory",
          &options->memory_bytes_max),
      ChoiceFlag(
          "--sync-policy", "POLICY",
          "when a write is made durable: never, interval or every-write",
          {"never", "interval", "every-write"},
          [options](size_t place) {
            options->sync_policy = static_cast<SyncPolicy>(place);
          }),
      NumberFlag(
          "--sync-interval-micros", "for interval: how long a write may wait",
          &options->sync_interval_micros),
      NumberFlag(
          "--wal-segment-bytes-max", "the longest segment of the log",
          &options->wal_segment_bytes_max),
      {"--archive-wal", "", "keeps segments that the tables cover",
       [options](std::string_view) {
         options->archive_wal = true;
         return Status::Ok();
       }},
      ChoiceFlag(
          "--recovery-mode", "MODE",
          "what to do about files that are not whole: automatic, strict, "
          "point-in-time or salvage",
          {"automatic", "strict", "point-in-time", "salvage"},
          [options](size_t place) {
            options->recovery_mode = static_cast<RecoveryMode>(place);
          }),
      NumberFlag(
          "--memtable-bytes-max", "the memtable's size that makes a flush",
          &options->memtable_bytes_max),
      ChoiceFlag(
          "--memtable", "KIND",
          "how a memtable keeps its order: skiplist or bplustree",
          {"skiplist", "bplustree"},
          [options](size_t place) {
            options->memtable_kind = static_cast<MemTableKind>(place);
          }),
      NumberFlag(
          "--manifest-bytes-max", "the manifest's length that begins a new one",
          &options->manifest_bytes_max),
  };
}

}  // namespace
}  // namespace kv

int main(int argc, char** argv) {
  kv::Options options;
  kv::shell::ShellSpec spec;
  spec.name = "kv_shell";
  spec.about = "kv_shell: a key-value database to type at.";
  spec.flags = kv::Flags(&options);
  options.on_open_progress = [](const kv::OpenProgress& progress) {
    std::cerr << "kv_shell: opening, " << progress.bytes_done << " of "
              << progress.bytes_total << " bytes read\n";
  };
  spec.limits = [&options] {
    return kv::shell::DumpLimits{
        options.key_bytes_max,
        options.value_bytes_max,
    };
  };
  spec.open = [&options](const std::string& path, bool create)
      -> kv::Result<std::unique_ptr<kv::shell::ShellSession>> {
    options.path = path;
    options.create_if_missing = create;
    auto opened = kv::Database::Open(options);
    if (!opened.ok()) {
      return kv::WithTheShellsNames(opened.status());
    }
    std::unique_ptr<kv::Database> db = std::move(opened).value();
    KV_RETURN_IF_ERROR(kv::TellWhatWasSkipped(db.get()));
    return std::unique_ptr<kv::shell::ShellSession>(
        std::make_unique<kv::Session>(std::move(db)));
  };
  return kv::shell::RunShell(argc, argv, spec);
}
