// kv_shell: every operation of the database as a command.

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/kv_shell/log_commands.h"
#include "app/kv_shell/printing.h"
#include "app/kv_shell/range_commands.h"
#include "app/kv_shell/shell_flags.h"
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

class Session : public shell::ShellSession {
 public:
  explicit Session(std::unique_ptr<Database> db) : db_(std::move(db)) {}

  void AddCommands(CommandTable* table) override {
    AddWrites(table);
    AddBatch(table);
    AddReads(table);
    AddLogCommands(db_.get(), table);
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
    KV_ASSIGN_OR_RETURN(const std::vector<std::string> keys, db_->Keys());
    // Many keys at once, for a database that looks for all of them in one go.
    constexpr size_t kKeysAtOnceMax = 1000;
    for (size_t begin = 0; begin < keys.size(); begin += kKeysAtOnceMax) {
      const size_t end = std::min(keys.size(), begin + kKeysAtOnceMax);
      const std::vector<std::string_view> some(
          keys.begin() + static_cast<std::ptrdiff_t>(begin),
          keys.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<Result<std::string>> values = db_->MultiGet(some);
      for (size_t i = 0; i < some.size(); ++i) {
        KV_RETURN_IF_ERROR(values[i].status());
        visit(some[i], *values[i]);
      }
    }
    return Status::Ok();
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
    AddRangeCommands(db_.get(), table);
    add(
        {"stats", "", "prints numbers about the database", "",
         [this](const CommandCall& call) { return PrintStats(call); }});
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
        },
        call.out);
  }

  std::unique_ptr<Database> db_;
  std::optional<WriteBatch> batch_;  // what is being collected
};

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
