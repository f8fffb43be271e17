#include "common/testing/subject.h"

#include "db/database.h"

namespace kv::testing {
namespace {

class DatabaseSubject : public Subject {
 public:
  explicit DatabaseSubject(std::unique_ptr<Database> database)
      : database_(std::move(database)) {}

  Status Put(
      std::string_view key, std::string_view value, WriteMode mode) override {
    return database_->Put(key, value, Translate(mode));
  }

  Status Delete(std::string_view key, WriteMode mode) override {
    return database_->Delete(key, Translate(mode));
  }

  Status Write(
      const std::vector<BatchOperation>& batch, WriteMode mode) override {
    WriteBatch write_batch;
    for (const BatchOperation& operation : batch) {
      switch (operation.kind) {
        case BatchOperation::Kind::kPut:
          write_batch.Put(operation.key, operation.value);
          break;
        case BatchOperation::Kind::kDelete:
          write_batch.Delete(operation.key);
          break;
      }
    }
    return database_->Write(write_batch, Translate(mode));
  }

  Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) override {
    return database_->Rename(from, to, Translate(mode));
  }

  Result<std::string> Get(std::string_view key) override {
    return database_->Get(key);
  }

  Result<bool> Exists(std::string_view key) override {
    return database_->Exists(key);
  }

  std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string>& keys) override {
    return database_->MultiGet(
        std::vector<std::string_view>(keys.begin(), keys.end()));
  }

  Result<std::vector<std::string>> Keys(std::string_view prefix) override {
    return database_->Keys(prefix);
  }

  Result<uint64_t> EstimatedKeys() override {
    KV_ASSIGN_OR_RETURN(const Stats stats, database_->GetStats());
    return stats.estimated_keys;
  }

  Status Sync() override { return database_->Sync(); }

  Status Close() override { return database_->Close(); }

 private:
  static WriteOptions Translate(WriteMode mode) {
    WriteOptions options;
    options.sync = mode == WriteMode::kSynced;
    return options;
  }

  std::unique_ptr<Database> database_;
};

Options Translate(const SubjectOptions& from) {
  Options to;
  to.path = from.path;
  to.key_bytes_max = from.key_bytes_max;
  to.value_bytes_max = from.value_bytes_max;
  to.memory_bytes_max = from.memory_bytes_max;
  to.random = from.random;
  to.file_system = from.file_system;
  return to;
}

}  // namespace

Result<std::unique_ptr<Subject>> OpenSubject(const SubjectOptions& options) {
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<Database> database, Database::Open(Translate(options)));
  return std::unique_ptr<Subject>(
      std::make_unique<DatabaseSubject>(std::move(database)));
}

Capabilities SubjectCapabilities() {
  Capabilities capabilities;
  capabilities.persistent = true;
  capabilities.sync = true;
  capabilities.exact_counts = true;
  // There is one file that is written to.
  capabilities.crash_kinds_never = {CrashKind::kFilesApart};
  capabilities.file_patterns = {"data.log", "LOCK"};
  capabilities.log_pattern = "data.log";
  return capabilities;
}

}  // namespace kv::testing
