#include "db/database.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/hash.h"

namespace kv {
namespace {

// "a value (operation 3 of 10)"; a single write needs no number.
std::string Which(std::string_view what, size_t index, size_t count) {
  std::string text(what);
  if (count > 1) {
    text += " (operation " + std::to_string(index + 1) + " of " +
        std::to_string(count) + ")";
  }
  return text;
}

std::string Quantity(std::string_view what, uint64_t is, uint64_t max) {
  return std::string(what) + " of " + std::to_string(is) +
      " bytes is over the limit of " + std::to_string(max) + " bytes";
}

}  // namespace

Database::Call::Call(Database* database) : database_(database) {
  KV_CHECK(
      !database_->in_call_.exchange(true, std::memory_order_acquire),
      "a Database is used by one thread at a time");
}

Database::Call::~Call() {
  database_->in_call_.store(false, std::memory_order_release);
}

Status Database::Call::Admit() const {
  if (database_->closed_) {
    return Status::InvalidArgument(
        "the database is closed; open it again to use it");
  }
  return Status::Ok();
}

Status Database::Put(
    std::string_view key, std::string_view value, const WriteOptions& options) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  batch_.Clear();
  batch_.Put(key, value);
  return Apply(batch_, options);
}

Status Database::Delete(std::string_view key, const WriteOptions& options) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  batch_.Clear();
  batch_.Delete(key);
  return Apply(batch_, options);
}

Status Database::Write(const WriteBatch& batch, const WriteOptions& options) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return Apply(batch, options);
}

Status Database::Rename(
    std::string_view from, std::string_view to, const WriteOptions& options) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  KV_ASSIGN_OR_RETURN(const std::optional<Record> record, FindRecord(from));
  if (!record.has_value()) {
    return Status::NotFound();
  }
  batch_.Clear();
  if (from != to) {
    batch_.Put(to, record->value);
    batch_.Delete(from);
  }
  return Apply(batch_, options);
}

// All checks come before the first change: what is refused changes nothing.
Status Database::Apply(const WriteBatch& batch, const WriteOptions& options) {
  KV_RETURN_IF_ERROR(CheckBatch(batch));
  KV_RETURN_IF_ERROR(CheckMemory(batch));
  if (!batch.Empty()) {
    KV_RETURN_IF_ERROR(PlanIndex(batch.Payload()));
    const uint64_t frame = log_->Offset();
    KV_RETURN_IF_ERROR(log_->Append(FrameType::kBatch, batch.Payload()));
    log_bytes_ = log_->Offset();
    ApplyIndex(frame, log_bytes_ - frame);
  }
  if (options.sync) {
    KV_RETURN_IF_ERROR(log_->Sync());
  }
  for (size_t index = 0; index < batch.Count(); ++index) {
    switch (batch.At(index).kind) {
      case WriteBatch::Kind::kPut:
        ++stats_.puts;
        break;
      case WriteBatch::Kind::kDelete:
        ++stats_.deletes;
        break;
    }
  }
  return Status::Ok();
}

Status Database::CheckBatch(const WriteBatch& batch) const {
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    if (operation.key.size() > options_.key_bytes_max) {
      return Status::InvalidArgument(
          Quantity(
              Which("a key", index, batch.Count()), operation.key.size(),
              options_.key_bytes_max) +
          "; shorten it, or raise key_bytes_max");
    }
    if (operation.value.size() > options_.value_bytes_max) {
      return Status::InvalidArgument(
          Quantity(
              Which("a value", index, batch.Count()), operation.value.size(),
              options_.value_bytes_max) +
          "; split it, or raise value_bytes_max");
    }
  }
  return CheckBatchBytes(batch.Payload().size());
}

// The index is in memory, and the log too if the database has no directory.
// The log only grows.
Status Database::CheckMemory(const WriteBatch& batch) const {
  if (batch.Empty()) {
    return Status::Ok();
  }
  uint64_t after = index_.BytesAfter(batch.Count());
  if (private_fs_ != nullptr) {
    after += log_->Offset() + LogWriter::FrameBytes(batch.Payload().size());
  }
  if (after > options_.memory_bytes_max) {
    return Status::ResourceExhausted(
        Quantity("memory", after, options_.memory_bytes_max) +
        "; give the database a directory, or raise memory_bytes_max");
  }
  return Status::Ok();
}

Result<std::string> Database::Get(
    std::string_view key, const ReadOptions& options) {
  std::string value;
  KV_RETURN_IF_ERROR(GetInto(key, &value, options));
  return value;
}

Status Database::GetInto(
    std::string_view key, std::string* value, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  KV_ASSIGN_OR_RETURN(const std::optional<Record> record, FindRecord(key));
  if (!record.has_value()) {
    ++stats_.gets_missed;
    return Status::NotFound();
  }
  value->assign(record->value);
  ++stats_.gets_found;
  return Status::Ok();
}

std::vector<Result<std::string>> Database::MultiGet(
    const std::vector<std::string_view>& keys, const ReadOptions& options) {
  std::vector<Result<std::string>> results;
  results.reserve(keys.size());
  for (const std::string_view key : keys) {
    results.push_back(Get(key, options));
  }
  return results;
}

Result<bool> Database::Exists(std::string_view key, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  KV_ASSIGN_OR_RETURN(const std::optional<Record> record, FindRecord(key));
  ++(record.has_value() ? stats_.gets_found : stats_.gets_missed);
  return record.has_value();
}

Result<std::vector<std::string>> Database::Keys(
    std::string_view prefix, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  KV_ASSIGN_OR_RETURN(const HashTable live, LiveKeys(prefix));
  std::vector<std::string> keys;
  live.ForEach(
      [&](std::string_view key, std::string_view) { keys.emplace_back(key); });
  // std::string compares as unsigned bytes.
  std::sort(keys.begin(), keys.end());
  return keys;
}

Result<Stats> Database::GetStats() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  Stats stats = stats_;
  stats.estimated_keys = index_.Size();
  stats.disk_bytes = log_->FileBytes();
  stats.memory_bytes = index_.Bytes();
  if (private_fs_ != nullptr) {
    stats.memory_bytes += stats.disk_bytes;
  }
  stats.live_bytes = live_bytes_;
  stats.dead_bytes = dead_bytes_;
  return stats;
}

Status Database::Sync() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return log_->Sync();
}

// Calls `visit` for every operation of the log, oldest first, with the offset
// of its frame.
Status Database::VisitLog(
    const std::function<void(uint64_t, const WriteBatch::Operation&)>& visit) {
  LogReader reader(
      file_.get(), log_name_, identity_, log_->Offset(), &read_buffer_);
  Frame frame;
  for (;;) {
    KV_ASSIGN_OR_RETURN(const bool more, reader.Next(&frame));
    if (!more) {
      return Status::Ok();
    }
    BatchReader batch(frame.payload);
    WriteBatch::Operation operation;
    for (;;) {
      KV_ASSIGN_OR_RETURN(const bool another, batch.Next(&operation));
      if (!another) {
        break;
      }
      visit(frame.offset, operation);
    }
  }
}

uint32_t Database::Hash(std::string_view key) const {
  return static_cast<uint32_t>(HashBytes(key, hash_seed_) >> 32);
}

// The record that holds the value of `key`, read and compared: another key may
// have the same hash.
Result<std::optional<Database::Record>> Database::FindRecord(
    std::string_view key) {
  HashIndex::Candidates candidates = index_.Find(Hash(key));
  while (const std::optional<Location> location = candidates.Next()) {
    LogReader reader(
        file_.get(), log_name_, identity_, log_bytes_, &record_buffer_);
    reader.Seek(location->frame, location->frame_bytes);
    Frame frame;
    KV_ASSIGN_OR_RETURN(const bool found, reader.Next(&frame));
    KV_CHECK(found, "an index entry points into the log");
    BatchReader batch(frame.payload, location->record);
    WriteBatch::Operation operation;
    KV_ASSIGN_OR_RETURN(const bool whole, batch.Next(&operation));
    KV_CHECK(whole, "an index entry points to an operation");
    if (operation.key == key) {
      return std::optional<Record>(Record{
          *location,
          batch.Offset() - location->record,
          operation.value,
      });
    }
  }
  return std::optional<Record>();
}

// Finds out what the operations of `payload` will change in the index, while
// an error can still refuse them all.
Status Database::PlanIndex(std::string_view payload) {
  changes_.clear();
  BatchReader batch(payload);
  for (;;) {
    const size_t begin = batch.Offset();
    WriteBatch::Operation operation;
    KV_ASSIGN_OR_RETURN(const bool more, batch.Next(&operation));
    if (!more) {
      break;
    }
    changes_.push_back({
        .key = operation.key,
        .hash = Hash(operation.key),
        .is_put = operation.kind == WriteBatch::Kind::kPut,
        .record = static_cast<uint32_t>(begin),
        .record_bytes = batch.Offset() - begin,
        .old = std::nullopt,
        .old_bytes = 0,
    });
  }
  // Backwards, since only the last operation of a key counts.
  std::optional<HashTable> later;
  if (changes_.size() > 1) {
    later.emplace(hash_seed_);
  }
  for (size_t index = changes_.size(); index-- > 0;) {
    IndexChange& change = changes_[index];
    if (later.has_value() && !later->Insert(change.key, {})) {
      change.is_put = false;
      continue;
    }
    KV_ASSIGN_OR_RETURN(
        const std::optional<Record> old, FindRecord(change.key));
    if (old.has_value()) {
      change.old = old->location;
      change.old_bytes = old->bytes;
    }
  }
  return Status::Ok();
}

// Makes the planned changes for the frame that now stands in the log. Cannot
// fail.
void Database::ApplyIndex(uint64_t frame, uint64_t frame_bytes) {
  for (const IndexChange& change : changes_) {
    if (change.old.has_value()) {
      const bool erased = index_.Erase(change.hash, *change.old);
      KV_CHECK(erased, "what was found in the index is there");
      live_bytes_ -= change.old_bytes;
      dead_bytes_ += change.old_bytes;
    }
    if (change.is_put) {
      index_.Insert(change.hash, {frame, frame_bytes, change.record});
      live_bytes_ += change.record_bytes;
    } else {
      dead_bytes_ += change.record_bytes;
    }
  }
}

// The keys with `prefix` that have a value, each with an empty one here.
Result<HashTable> Database::LiveKeys(std::string_view prefix) {
  HashTable live(options_.random->Next());
  KV_RETURN_IF_ERROR(
      VisitLog([&](uint64_t, const WriteBatch::Operation& operation) {
        if (operation.key.substr(0, prefix.size()) != prefix) {
          return;
        }
        switch (operation.kind) {
          case WriteBatch::Kind::kPut:
            live.Insert(operation.key, {});
            break;
          case WriteBatch::Kind::kDelete:
            live.Erase(operation.key);
            break;
        }
      }));
  return live;
}

}  // namespace kv
