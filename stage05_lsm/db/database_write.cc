// How a write goes: its checks, the log, the memtable.

#include "db/database.h"
#include "kv/sequence_number.h"

namespace kv {
namespace {

// What `batch` adds to the memtable at most.
uint64_t MemTableBytesMax(const WriteBatch& batch) {
  uint64_t added = 0;
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    added +=
        MemTable::EntryBytesMax(operation.key.size(), operation.value.size());
  }
  return added;
}

bool HasPut(const WriteBatch& batch) {
  for (size_t index = 0; index < batch.Count(); ++index) {
    if (batch.At(index).kind == WriteBatch::Kind::kPut) {
      return true;
    }
  }
  return false;
}

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
  KV_ASSIGN_OR_RETURN(const std::optional<std::string_view> value, Find(from));
  if (!value.has_value()) {
    return Status::NotFound();
  }
  batch_.Clear();
  if (from != to) {
    batch_.Put(to, *value);
    batch_.Delete(from);
  }
  return Apply(batch_, options);
}

// All checks come before the first change: what is refused changes nothing.
Status Database::Apply(const WriteBatch& batch, const WriteOptions& options) {
  KV_RETURN_IF_ERROR(CheckBatch(batch));
  if (!batch.Empty()) {
    KV_RETURN_IF_ERROR(MakeRoom(batch));
    KV_RETURN_IF_ERROR(wal_->Append(last_sequence_ + 1, batch));
  }
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    view_.memtable->Add(
        {KeySpace::kUser, operation.key, ++last_sequence_, operation.kind},
        operation.value);
  }
  KV_RETURN_IF_ERROR(wal_->SyncIfDue(options.sync));
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
  if (last_sequence_ + batch.Count() >= kSequenceMax) {
    return Status::ResourceExhausted(
        "there are no more sequence numbers; take the keys over into a new "
        "database: kv_shell --dump OLD | kv_shell --load NEW");
  }
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
  return CheckBatchBytes(kBatchHeaderBytes + batch.Payload().size());
}

// A memtable grows over its limit only by a batch that is larger than that. The
// files are in memory too if the database has no directory: there a flush makes
// no room for a delete, which is never refused. What a flush that failed has
// left in memory may be all that fills it.
Status Database::MakeRoom(const WriteBatch& batch) {
  const uint64_t memtable_bytes = MemTableBytesMax(batch);
  uint64_t added = memtable_bytes;
  if (private_fs_ != nullptr) {
    added += LogWriter::FrameBytes(kBatchHeaderBytes + batch.Payload().size());
  }
  const bool has_put = HasPut(batch);
  const bool is_full =
      view_.memtable->Bytes() + memtable_bytes > options_.memtable_bytes_max ||
      ((has_put || private_fs_ == nullptr) &&
       MemoryBytes() + added > options_.memory_bytes_max);
  const bool can_flush =
      view_.memtable->Count() > 0 || view_.immutable != nullptr;
  if (is_full && can_flush) {
    KV_RETURN_IF_ERROR(FlushMemTable());
  }
  const uint64_t after = MemoryBytes() + added;
  if (after > options_.memory_bytes_max && has_put) {
    return Status::ResourceExhausted(
        Quantity("memory", after, options_.memory_bytes_max) +
        "; raise memory_bytes_max");
  }
  return Status::Ok();
}

uint64_t Database::MemoryBytes() const {
  uint64_t bytes = view_.memtable->Bytes();
  if (view_.immutable != nullptr) {
    bytes += view_.immutable->Bytes();
  }
  return private_fs_ == nullptr ? bytes : bytes + DiskBytes();
}

uint64_t Database::DiskBytes() const {
  uint64_t bytes = wal_->Bytes() + versions_->Bytes();
  for (const Version::Table& table : view_.version->tables) {
    bytes += table.metadata.bytes;
  }
  return bytes;
}

}  // namespace kv
