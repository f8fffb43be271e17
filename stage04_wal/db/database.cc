#include "db/database.h"

#include "common/base/check.h"

namespace kv {

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
  const MemTable::Entry* const entry = memtable_->Find(key);
  if (entry == nullptr) {
    ++stats_.gets_missed;
    return Status::NotFound();
  }
  value->assign(entry->value);
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
  const bool exists = memtable_->Find(key) != nullptr;
  ++(exists ? stats_.gets_found : stats_.gets_missed);
  return exists;
}

Result<std::vector<std::string>> Database::Keys(
    std::string_view prefix, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  std::vector<std::string> keys;
  const std::unique_ptr<Iterator> iterator = MemTable::NewIterator(memtable_);
  for (iterator->Seek(prefix); iterator->Valid(); iterator->Next()) {
    if (iterator->Key().substr(0, prefix.size()) != prefix) {
      break;
    }
    keys.emplace_back(iterator->Key());
  }
  return keys;
}

Result<std::vector<KeyValue>> Database::Scan(
    std::string_view start, std::string_view end, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return Collect(
      start, [end](std::string_view key) { return end.empty() || key < end; });
}

Result<std::vector<KeyValue>> Database::ScanPrefix(
    std::string_view prefix, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return Collect(prefix, [prefix](std::string_view key) {
    return key.substr(0, prefix.size()) == prefix;
  });
}

// The entries from `start` on, as long as `is_in` says so of their keys.
Result<std::vector<KeyValue>> Database::Collect(
    std::string_view start,
    const std::function<bool(std::string_view)>& is_in) {
  std::vector<KeyValue> found;
  const std::unique_ptr<Iterator> iterator = MemTable::NewIterator(memtable_);
  for (iterator->Seek(start); iterator->Valid(); iterator->Next()) {
    if (!is_in(iterator->Key())) {
      break;
    }
    found.push_back(
        {std::string(iterator->Key()), std::string(iterator->Value())});
  }
  KV_RETURN_IF_ERROR(iterator->GetStatus());
  return found;
}

Result<std::unique_ptr<Iterator>> Database::NewIterator(const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return MemTable::NewIterator(memtable_);
}

Result<Stats> Database::GetStats() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  Stats stats = stats_;
  stats.estimated_keys = memtable_->Count();
  stats.memory_bytes = MemoryBytes();
  stats.wal_bytes = wal_->Bytes();
  stats.disk_bytes = checkpoint_bytes_ + stats.wal_bytes;
  stats.wal_segments = wal_->LastSegment() - first_segment_ + 1;
  return stats;
}

Status Database::Sync() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return wal_->Sync();
}

Result<RecoveryReport> Database::GetRecoveryReport() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return recovery_;
}

}  // namespace kv
