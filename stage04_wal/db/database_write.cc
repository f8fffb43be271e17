// How a write goes: its checks, the log, the memtable.

#include "db/database.h"
#include "kv/sequence_number.h"

namespace kv {
namespace {

// What `batch` adds to memory if each of its keys is new.
uint64_t BytesAddedAtMost(const WriteBatch& batch) {
  uint64_t added =
      LogWriter::FrameBytes(kBatchHeaderBytes + batch.Payload().size());
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    added += MemTable::EntryBytes(operation.key.size(), operation.value.size());
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
  const MemTable::Entry* const entry = memtable_->Find(from);
  if (entry == nullptr) {
    return Status::NotFound();
  }
  batch_.Clear();
  if (from != to) {
    batch_.Put(to, entry->value);
    batch_.Delete(from);
  }
  return Apply(batch_, options);
}

// All checks come before the first change: what is refused changes nothing.
Status Database::Apply(const WriteBatch& batch, const WriteOptions& options) {
  KV_RETURN_IF_ERROR(CheckBatch(batch));
  KV_RETURN_IF_ERROR(CheckMemory(batch));
  if (!batch.Empty()) {
    KV_RETURN_IF_ERROR(MakeRoomInLog());
    KV_RETURN_IF_ERROR(wal_->Append(last_sequence_ + 1, batch));
  }
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    memtable_->Add(
        ++last_sequence_, operation.kind, operation.key, operation.value);
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

// Counts for each put what it adds at most: a value that shrinks, a delete or
// a key that the batch puts twice gives nothing back. The files are in memory
// too if the database has no directory; what the log holds of old values is
// given up before a write is refused. A delete never is: what is full must be
// able to become less full.
Status Database::CheckMemory(const WriteBatch& batch) {
  // Far from the limit it does not matter which keys are there already: looking
  // for them takes more than a tenth of a put.
  if (MemoryBytes() + BytesAddedAtMost(batch) <= options_.memory_bytes_max) {
    return Status::Ok();
  }
  uint64_t added = 0;
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    if (operation.kind != WriteBatch::Kind::kPut) {
      continue;
    }
    const uint64_t now =
        MemTable::EntryBytes(operation.key.size(), operation.value.size());
    const MemTable::Entry* const old = memtable_->Find(operation.key);
    if (old == nullptr) {
      added += now;
    } else if (old->value.size() < operation.value.size()) {
      added += operation.value.size() - old->value.size();
    }
  }
  if (private_fs_ != nullptr && !batch.Empty()) {
    added += LogWriter::FrameBytes(kBatchHeaderBytes + batch.Payload().size());
  }
  if (added > 0 && MemoryBytes() + added > options_.memory_bytes_max &&
      private_fs_ != nullptr) {
    KV_RETURN_IF_ERROR(MakeCheckpoint());
  }
  const uint64_t after = MemoryBytes() + added;
  if (added > 0 && after > options_.memory_bytes_max && HasPut(batch)) {
    return Status::ResourceExhausted(
        Quantity("memory", after, options_.memory_bytes_max) +
        "; delete keys, or raise memory_bytes_max");
  }
  return Status::Ok();
}

uint64_t Database::MemoryBytes() const {
  return memtable_->Bytes() +
      (private_fs_ == nullptr ? 0 : checkpoint_bytes_ + wal_->Bytes());
}

// A log that is as long as the checkpoint costs as much to read at Open. What
// is written then, the entries of the old checkpoint and those that the log
// adds, is about twice the log at most: so that each byte is written three
// times, not once for each checkpoint.
Status Database::MakeRoomInLog() {
  const bool is_long = wal_->Bytes() > options_.wal_bytes_max &&
      wal_->Bytes() > checkpoint_bytes_;
  return is_long ? MakeCheckpoint() : Status::Ok();
}

}  // namespace kv
