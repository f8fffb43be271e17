#include "db/database.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

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
  KV_ASSIGN_OR_RETURN(const std::optional<uint64_t> frame, FindFrame(from));
  if (!frame.has_value()) {
    return Status::NotFound();
  }
  std::string value;
  KV_RETURN_IF_ERROR(ReadValue(*frame, from, &value));
  batch_.Clear();
  if (from != to) {
    batch_.Put(to, value);
    batch_.Delete(from);
  }
  return Apply(batch_, options);
}

// All checks come before the first change: what is refused changes nothing.
Status Database::Apply(const WriteBatch& batch, const WriteOptions& options) {
  KV_RETURN_IF_ERROR(CheckBatch(batch));
  KV_RETURN_IF_ERROR(CheckMemory(batch));
  if (!batch.Empty()) {
    KV_RETURN_IF_ERROR(log_->Append(FrameType::kBatch, batch.Payload()));
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

// A log in memory only grows; one on disk is not bounded by memory.
Status Database::CheckMemory(const WriteBatch& batch) const {
  if (private_fs_ == nullptr || batch.Empty()) {
    return Status::Ok();
  }
  const uint64_t after =
      log_->Offset() + LogWriter::FrameBytes(batch.Payload().size());
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
  KV_ASSIGN_OR_RETURN(const std::optional<uint64_t> frame, FindFrame(key));
  if (!frame.has_value()) {
    ++stats_.gets_missed;
    return Status::NotFound();
  }
  KV_RETURN_IF_ERROR(ReadValue(*frame, key, value));
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
  KV_ASSIGN_OR_RETURN(const std::optional<uint64_t> frame, FindFrame(key));
  ++(frame.has_value() ? stats_.gets_found : stats_.gets_missed);
  return frame.has_value();
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
  KV_ASSIGN_OR_RETURN(const HashTable live, LiveKeys({}));
  Stats stats = stats_;
  stats.estimated_keys = live.Size();
  stats.memory_bytes = private_fs_ == nullptr ? 0 : log_->Offset();
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

// The frame with the last write of `key`; nothing if that is a delete, or if
// there is none. Reads the whole log.
Result<std::optional<uint64_t>> Database::FindFrame(std::string_view key) {
  std::optional<uint64_t> found;
  KV_RETURN_IF_ERROR(
      VisitLog([&](uint64_t frame, const WriteBatch::Operation& operation) {
        if (operation.key != key) {
          return;
        }
        if (operation.kind == WriteBatch::Kind::kPut) {
          found = frame;
        } else {
          found = std::nullopt;
        }
      }));
  return found;
}

// The value that the frame's last put of `key` gave it.
Status Database::ReadValue(
    uint64_t frame_offset, std::string_view key, std::string* value) {
  LogReader reader(
      file_.get(), log_name_, identity_, log_->Offset(), &read_buffer_);
  reader.Seek(frame_offset);
  Frame frame;
  KV_ASSIGN_OR_RETURN(const bool found, reader.Next(&frame));
  KV_CHECK(found, "a frame that was found before");
  std::string_view last;
  BatchReader batch(frame.payload);
  WriteBatch::Operation operation;
  for (;;) {
    KV_ASSIGN_OR_RETURN(const bool another, batch.Next(&operation));
    if (!another) {
      break;
    }
    if (operation.key == key) {
      last = operation.value;
    }
  }
  value->assign(last);
  return Status::Ok();
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
