// How memory becomes free again: a full memtable goes to a table, and then its
// log is not needed any more.

#include <utility>

#include "db/database.h"
#include "kv/file_names.h"
#include "table/table_builder.h"

namespace kv {
namespace {

// Calls `visit` for the newest version of each key in ascending order, until it
// returns an error. What is older nobody needs in a table: an iterator that may
// show it keeps the memtable.
template <typename Visit>
Status ForEachNewest(const MemTable& memtable, const Visit& visit) {
  const std::unique_ptr<InternalIterator> iterator = memtable.NewIterator();
  std::string stored_key;
  std::optional<InternalKey> before;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const InternalKey& key = iterator->Key();
    if (before.has_value() && IsSameKey(*before, key)) {
      continue;
    }
    stored_key.clear();
    PutStoredKey(&stored_key, key.space, key.user_key);
    KV_RETURN_IF_ERROR(visit(
        TableEntry{key.sequence, key.kind, stored_key, iterator->Value()}));
    before = key;
  }
  return Status::Ok();
}

}  // namespace

Status Database::Flush() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return FlushMemTable();
}

Status Database::Checkpoint() {
  return Flush();
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
  KV_RETURN_IF_ERROR(FlushMemTable());
  return wal_->RemoveArchived();
}

// After each step a crash leaves a directory that opens with every write in it:
// a new segment is empty; a table that no manifest names is removed by Open;
// and the old segments go when the manifest durably names the table that has
// what is in them. If a step fails, the memtable stays where reads find it, and
// the next flush tries again; a table that is written already is not written
// once more, or each try would leave one on a disk that may be full.
Status Database::FlushMemTable() {
  KV_RETURN_IF_ERROR(wal_->Rotate());
  KV_RETURN_IF_ERROR(FlushImmutable());
  if (view_.memtable->Count() > 0) {
    BeginMemTable();
    KV_RETURN_IF_ERROR(FlushImmutable());
  }
  return wal_->RemoveBefore(versions_->FirstSegment());
}

// The log's last segment is empty: what comes into it is in the new memtable.
void Database::BeginMemTable() {
  view_.immutable = std::move(view_.memtable);
  view_.memtable = MemTable::Create(options_.memtable_kind, options_.random);
  immutable_end_segment_ = wal_->LastSegment();
  immutable_last_sequence_ = last_sequence_;
}

Status Database::FlushImmutable() {
  if (view_.immutable == nullptr) {
    return Status::Ok();
  }
  VersionEdit edit;
  edit.first_segment = immutable_end_segment_;
  edit.last_sequence = immutable_last_sequence_;
  std::vector<std::shared_ptr<const TableReader>> readers;
  if (view_.immutable->Count() > 0) {
    if (!unnamed_table_.has_value()) {
      KV_ASSIGN_OR_RETURN(TableMetadata table, WriteTable(*view_.immutable));
      KV_ASSIGN_OR_RETURN(
          std::shared_ptr<const TableReader> reader,
          TableReader::Open(fs_, TableName(options_.path, table.number)));
      unnamed_table_ = {std::move(table), std::move(reader)};
    }
    edit.added.push_back(unnamed_table_->metadata);
    readers.push_back(unnamed_table_->reader);
  }
  const Status applied = versions_->Apply(edit, std::move(readers));
  if (!applied.ok()) {
    return versions_->ReadOnlyCause().ok()
        ? applied
        : wal_->Fail(applied, "naming a table");
  }
  view_.version = versions_->Current();
  view_.immutable = nullptr;
  unnamed_table_.reset();
  return Status::Ok();
}

// When this returns Ok, the table and its name are durable.
Result<TableMetadata> Database::WriteTable(const MemTable& memtable) {
  TableMetadata table;
  table.number = versions_->NextTableNumber();
  table.id = options_.random->Next();
  const std::string name = TableName(options_.path, table.number);
  // What a flush that failed has left.
  KV_ASSIGN_OR_RETURN(const bool left, fs_->Exists(name));
  if (left) {
    KV_RETURN_IF_ERROR(fs_->Remove(name));
  }
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(name, AppendMode::kCreate));
  TableHeader header;
  header.number = table.number;
  header.id = table.id;
  header.last_sequence = immutable_last_sequence_;
  TableBuilder builder(file.get(), header, options_.write_buffer_bytes);
  KV_RETURN_IF_ERROR(ForEachNewest(memtable, [&](const TableEntry& entry) {
    if (table.entries == 0) {
      table.smallest.assign(entry.key);
    }
    table.largest.assign(entry.key);
    ++table.entries;
    builder.Measure(entry);
    return Status::Ok();
  }));
  KV_RETURN_IF_ERROR(ForEachNewest(
      memtable, [&](const TableEntry& entry) { return builder.Add(entry); }));
  KV_RETURN_IF_ERROR(builder.Finish());
  const Status synced = file->Sync();
  if (!synced.ok()) {
    return wal_->Fail(synced, "syncing a table");
  }
  table.bytes = file->Size();
  KV_RETURN_IF_ERROR(file->Close());
  const Status named = fs_->SyncDirectory(options_.path);
  if (!named.ok()) {
    return wal_->Fail(named, "syncing the directory");
  }
  return table;
}

}  // namespace kv
