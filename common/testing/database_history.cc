#include "common/testing/database_history.h"

#include <iterator>
#include <memory>

#include "common/base/random.h"
#include "common/fs/memory_file_system.h"

namespace kv::testing {
namespace {

constexpr char kPath[] = "db";

class Recorder {
 public:
  Recorder(
      const SubjectFactory& open, const Capabilities& capabilities,
      const HistoryPlan& plan)
      : open_(open),
        capabilities_(capabilities),
        plan_(plan),
        fs_(MemoryFileSystem::CrashModel::kNone),
        random_(plan.seed) {}

  Result<DatabaseHistory> Record() {
    KV_RETURN_IF_ERROR(Open());
    KV_RETURN_IF_ERROR(NoteState(false));
    for (size_t i = 1; i <= plan_.writes; ++i) {
      KV_RETURN_IF_ERROR(Write());
      if (i * 4 % plan_.writes < 4) {
        KV_ASSIGN_OR_RETURN(
            DirectoryImage image, ReadDirectoryImage(&fs_, kPath));
        history_.older.push_back(std::move(image));
      }
      KV_RETURN_IF_ERROR(Maintain(i));
    }
    KV_ASSIGN_OR_RETURN(history_.died, ReadDirectoryImage(&fs_, kPath));
    KV_RETURN_IF_ERROR(FindLog());
    history_.close.after = model_;
    history_.close.log = log_;
    history_.close.log_begin = log_size_;
    // After a clean close any damage is Corruption.
    history_.close.synced_end = log_size_;
    KV_RETURN_IF_ERROR(subject_->Close());
    KV_RETURN_IF_ERROR(FindLog());
    history_.close.log_end = log_size_;
    KV_ASSIGN_OR_RETURN(history_.closed, ReadDirectoryImage(&fs_, kPath));
    return std::move(history_);
  }

 private:
  Status Open() {
    SubjectOptions options;
    options.path = kPath;
    options.file_system = &fs_;
    options.random = &random_;
    options.tiny_sizes = plan_.tiny_sizes;
    KV_ASSIGN_OR_RETURN(subject_, open_(options));
    KV_RETURN_IF_ERROR(FindLog());
    // What recovery showed is durable.
    synced_end_ = log_size_;
    return Status::Ok();
  }

  // The last log and its length now.
  Status FindLog() {
    KV_ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_.List(kPath));
    const std::string log = LastLogName(capabilities_, names);
    if (log != log_) synced_end_ = 0;
    log_ = log;
    log_size_ = 0;
    if (!log.empty()) {
      KV_ASSIGN_OR_RETURN(log_size_, fs_.FileSize(JoinPath(kPath, log)));
    }
    return Status::Ok();
  }

  // After a write that did or did not sync.
  Status NoteState(bool synced) {
    HistoryWrite write;
    const std::string log_before = log_;
    write.log_begin = log_size_;
    write.synced_end = synced_end_;
    KV_RETURN_IF_ERROR(FindLog());
    if (log_ != log_before) {
      write.log_begin = 0;
      write.synced_end = 0;
    }
    if (synced) synced_end_ = log_size_;
    write.after = model_;
    write.log = log_;
    write.log_end = log_size_;
    history_.writes.push_back(std::move(write));
    return Status::Ok();
  }

  std::string Key() {
    return "key" + std::to_string(random_.Below(plan_.keys));
  }

  std::string Value() {
    std::string value = "value" + std::to_string(history_.writes.size()) + ":";
    for (uint64_t left = random_.Below(plan_.value_bytes_max); left > 0;
         --left) {
      value += static_cast<char>(random_.Below(256));
    }
    return value;
  }

  Status Write() {
    const bool synced = capabilities_.sync && random_.OneIn(5);
    const WriteMode mode = synced ? WriteMode::kSynced : WriteMode::kUnsynced;
    // Between writes Maintain may have changed the log.
    KV_RETURN_IF_ERROR(FindLog());
    const uint64_t draw = random_.Below(10);
    if (draw < 6) {
      const std::string key = Key();
      model_[key] = Value();
      KV_RETURN_IF_ERROR(subject_->Put(key, model_[key], mode));
    } else if (draw < 7 && !model_.empty()) {
      const std::string key = ExistingKey();
      model_.erase(key);
      KV_RETURN_IF_ERROR(subject_->Delete(key, mode));
    } else if (draw < 8 && !model_.empty()) {
      const std::string from = ExistingKey();
      const std::string to = "to" + Key();
      const std::string value = model_[from];
      model_.erase(from);
      model_[to] = value;
      KV_RETURN_IF_ERROR(subject_->Rename(from, to, mode));
    } else {
      KV_RETURN_IF_ERROR(WriteBatchOf(1 + random_.Below(4), mode));
    }
    return NoteState(synced);
  }

  std::string ExistingKey() {
    auto at = model_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.Below(model_.size())));
    return at->first;
  }

  Status WriteBatchOf(uint64_t count, WriteMode mode) {
    std::vector<BatchOperation> batch;
    for (; count > 0; --count) {
      BatchOperation operation;
      operation.key = Key();
      if (random_.OneIn(4)) {
        operation.kind = BatchOperation::Kind::kDelete;
        model_.erase(operation.key);
      } else {
        operation.value = Value();
        model_[operation.key] = operation.value;
      }
      batch.push_back(std::move(operation));
    }
    return subject_->Write(batch, mode);
  }

  // What a database does besides writing, at fixed moments.
  Status Maintain(size_t i) {
    const size_t part = plan_.writes / 8 + 1;
    if (i == plan_.writes / 2) {
      KV_RETURN_IF_ERROR(subject_->Close());
      return Open();
    }
    if (i % part != 0) return Status::Ok();
    if (capabilities_.flush) KV_RETURN_IF_ERROR(subject_->Flush());
    if (i / part % 2 == 1 && capabilities_.checkpoint) {
      KV_RETURN_IF_ERROR(subject_->Checkpoint());
    }
    if (i / part % 4 == 2 && capabilities_.compact) {
      KV_RETURN_IF_ERROR(subject_->Compact());
    }
    return Status::Ok();
  }

  const SubjectFactory& open_;
  const Capabilities& capabilities_;
  const HistoryPlan& plan_;
  MemoryFileSystem fs_;
  SeededRandom random_;
  std::unique_ptr<Subject> subject_;
  std::map<std::string, std::string> model_;
  std::string log_;
  uint64_t log_size_ = 0;
  uint64_t synced_end_ = 0;
  DatabaseHistory history_;
};

}  // namespace

Result<DatabaseHistory> RecordHistory(
    const SubjectFactory& open, const Capabilities& capabilities,
    const HistoryPlan& plan) {
  return Recorder(open, capabilities, plan).Record();
}

}  // namespace kv::testing
