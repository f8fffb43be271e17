// How the log becomes short again: everything goes to a table first.

#include "db/database.h"
#include "kv/file_names.h"
#include "table/table_builder.h"

namespace kv {

Status Database::Checkpoint() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return MakeCheckpoint();
}

Result<WalStatus> Database::GetWalStatus() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return wal_->GetStatus();
}

Status Database::RotateWal() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return wal_->Rotate();
}

Status Database::ClearWal() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  KV_RETURN_IF_ERROR(MakeCheckpoint());
  return wal_->RemoveArchived();
}

// After each step a crash leaves a directory that opens with every write in
// it: the new segment is empty, the checkpoint gets its name when it is whole,
// and the old segments go when that name is durable.
Status Database::MakeCheckpoint() {
  KV_RETURN_IF_ERROR(wal_->Rotate());
  if (wal_->LastSegment() != first_segment_) {
    KV_RETURN_IF_ERROR(WriteCheckpoint());
  }
  return wal_->RemoveBefore(first_segment_);
}

// Of everything before the log's last segment, which is empty.
Status Database::WriteCheckpoint() {
  const std::string name = CheckpointName(options_.path);
  const std::string unfinished = UnfinishedName(name);
  // What a checkpoint that failed has left.
  KV_ASSIGN_OR_RETURN(const bool left, fs_->Exists(unfinished));
  if (left) {
    KV_RETURN_IF_ERROR(fs_->Remove(unfinished));
  }
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(unfinished, AppendMode::kCreate));
  KV_RETURN_IF_ERROR(WriteEntries(file.get()));
  const Status synced = file->Sync();
  if (!synced.ok()) {
    return wal_->Fail(synced, "syncing a checkpoint");
  }
  const uint64_t bytes = file->Size();
  KV_RETURN_IF_ERROR(file->Close());
  KV_RETURN_IF_ERROR(fs_->Rename(unfinished, name));
  const Status named = fs_->SyncDirectory(options_.path);
  if (!named.ok()) {
    return wal_->Fail(named, "syncing the directory");
  }
  checkpoint_bytes_ = bytes;
  first_segment_ = wal_->LastSegment();
  return Status::Ok();
}

Status Database::WriteEntries(AppendFile* file) const {
  TableHeader header;
  header.number = wal_->LastSegment();
  header.id = options_.random->Next();
  header.last_sequence = last_sequence_;
  TableBuilder builder(file, header, options_.write_buffer_bytes);
  const auto entry_of = [](std::string_view key, const MemTable::Entry& entry) {
    return TableEntry{entry.sequence, RecordKind::kPut, key, entry.value};
  };
  KV_RETURN_IF_ERROR(memtable_->ForEach(
      [&](std::string_view key, const MemTable::Entry& entry) {
        builder.Measure(entry_of(key, entry));
        return Status::Ok();
      }));
  KV_RETURN_IF_ERROR(memtable_->ForEach(
      [&](std::string_view key, const MemTable::Entry& entry) {
        return builder.Add(entry_of(key, entry));
      }));
  return builder.Finish();
}

}  // namespace kv
