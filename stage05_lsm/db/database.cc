#include "db/database.h"

#include "common/base/check.h"
#include "db/database_iterator.h"

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
  KV_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(key));
  if (!found.has_value()) {
    ++stats_.gets_missed;
    return Status::NotFound();
  }
  value->assign(*found);
  ++stats_.gets_found;
  return Status::Ok();
}

// The value lives until the next read or write. What is newer is looked at
// first: the first version that is found is the newest.
Result<std::optional<std::string_view>> Database::Find(std::string_view key) {
  const InternalKey target{KeySpace::kUser, key, last_sequence_};
  const auto value_of = [](RecordKind kind, std::string_view value) {
    return kind == RecordKind::kPut ? std::optional(value) : std::nullopt;
  };
  for (const MemTable* const memtable :
       {static_cast<const MemTable*>(view_.memtable.get()),
        view_.immutable.get()}) {
    if (memtable == nullptr) {
      continue;
    }
    if (const auto entry = memtable->Find(target)) {
      return value_of(entry->kind, entry->value);
    }
  }
  for (const Version::Table& table : view_.version->tables) {
    KV_ASSIGN_OR_RETURN(
        const std::optional<TableEntry> entry,
        table.reader->Find(target, &read_buffer_));
    if (entry.has_value()) {
      return value_of(entry->kind, entry->value);
    }
  }
  return std::optional<std::string_view>();
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
  KV_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(key));
  ++(found.has_value() ? stats_.gets_found : stats_.gets_missed);
  return found.has_value();
}

Result<std::vector<std::string>> Database::Keys(
    std::string_view prefix, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  std::vector<std::string> keys;
  DatabaseIterator iterator(view_, last_sequence_);
  for (iterator.Seek(prefix); iterator.Valid(); iterator.Next()) {
    if (iterator.Key().substr(0, prefix.size()) != prefix) {
      break;
    }
    keys.emplace_back(iterator.Key());
  }
  KV_RETURN_IF_ERROR(iterator.GetStatus());
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
  DatabaseIterator iterator(view_, last_sequence_);
  for (iterator.Seek(start); iterator.Valid(); iterator.Next()) {
    if (!is_in(iterator.Key())) {
      break;
    }
    found.push_back(
        {std::string(iterator.Key()), std::string(iterator.Value())});
  }
  KV_RETURN_IF_ERROR(iterator.GetStatus());
  return found;
}

Result<std::unique_ptr<Iterator>> Database::NewIterator(const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return std::unique_ptr<Iterator>(
      std::make_unique<DatabaseIterator>(view_, last_sequence_));
}

Result<Stats> Database::GetStats() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  Stats stats = stats_;
  stats.estimated_keys = view_.memtable->Count();
  if (view_.immutable != nullptr) {
    stats.estimated_keys += view_.immutable->Count();
  }
  for (const Version::Table& table : view_.version->tables) {
    stats.estimated_keys += table.metadata.entries;
    stats.table_bytes += table.metadata.bytes;
  }
  stats.tables = view_.version->tables.size();
  stats.memory_bytes = MemoryBytes();
  stats.disk_bytes = DiskBytes();
  stats.wal_bytes = wal_->Bytes();
  stats.wal_segments = wal_->LastSegment() - versions_->FirstSegment() + 1;
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
