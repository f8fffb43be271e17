#include "db/database.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace kv {
namespace {

// The largest limit that can be chosen for a key or a value.
constexpr uint64_t kEntryBytesMax = 1024 * 1024 * 1024;

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

Status CheckLimit(std::string_view name, uint64_t limit, uint64_t max) {
  if (limit == 0 || limit > max) {
    return Status::InvalidArgument(
        std::string(name) + " is " + std::to_string(limit) +
        "; choose from 1 to " + std::to_string(max));
  }
  return Status::Ok();
}

Status CheckOptions(const Options& options) {
  KV_RETURN_IF_ERROR(
      CheckLimit("key_bytes_max", options.key_bytes_max, kEntryBytesMax));
  KV_RETURN_IF_ERROR(
      CheckLimit("value_bytes_max", options.value_bytes_max, kEntryBytesMax));
  return CheckLimit("memory_bytes_max", options.memory_bytes_max, UINT64_MAX);
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

Result<std::unique_ptr<Database>> Database::Open(Options options) {
  if (!options.path.empty()) {
    return Status::NotSupported(
        "'" + options.path +
        "': this database keeps nothing on disk; "
        "leave the path empty for a database in memory");
  }
  KV_RETURN_IF_ERROR(CheckOptions(options));
  if (options.random == nullptr) {
    options.random = Random::System();
  }
  return std::unique_ptr<Database>(new Database(options));
}

Database::Database(const Options& options)
    : options_(options), table_(options.random->Next()) {}

Database::~Database() {
  // A destructor has nobody to tell; a caller who wants the error calls Close.
  static_cast<void>(Close());
}

Status Database::Close() {
  const Call call(this);
  closed_ = true;
  return Status::Ok();
}

Status Database::Put(
    std::string_view key, std::string_view value, const WriteOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  batch_.Clear();
  batch_.Put(key, value);
  return Apply(batch_);
}

Status Database::Delete(std::string_view key, const WriteOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  batch_.Clear();
  batch_.Delete(key);
  return Apply(batch_);
}

Status Database::Write(const WriteBatch& batch, const WriteOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  return Apply(batch);
}

Status Database::Rename(
    std::string_view from, std::string_view to, const WriteOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  const std::optional<std::string_view> value = table_.Find(from);
  if (!value.has_value()) {
    return Status::NotFound();
  }
  batch_.Clear();
  if (from != to) {
    batch_.Put(to, *value);
    batch_.Delete(from);
  }
  return Apply(batch_);
}

// All checks come before the first change: what is refused changes nothing.
Status Database::Apply(const WriteBatch& batch) {
  KV_RETURN_IF_ERROR(CheckBatch(batch));
  KV_RETURN_IF_ERROR(CheckMemory(batch));
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    switch (operation.kind) {
      case WriteBatch::Kind::kPut:
        table_.Insert(operation.key, operation.value);
        ++stats_.puts;
        break;
      case WriteBatch::Kind::kDelete:
        table_.Erase(operation.key);
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
  return Status::Ok();
}

// Counts for each put what it adds at most: a value that shrinks, a delete or
// a key that the batch puts twice gives nothing back.
Status Database::CheckMemory(const WriteBatch& batch) const {
  size_t entries = 0;
  uint64_t bytes = 0;
  for (size_t index = 0; index < batch.Count(); ++index) {
    const WriteBatch::Operation operation = batch.At(index);
    if (operation.kind != WriteBatch::Kind::kPut) {
      continue;
    }
    const uint64_t now =
        HashTable::EntryBytes(operation.key.size(), operation.value.size());
    const std::optional<std::string_view> old = table_.Find(operation.key);
    if (!old.has_value()) {
      ++entries;
      bytes += now;
    } else if (old->size() < operation.value.size()) {
      bytes += operation.value.size() - old->size();
    }
  }
  const uint64_t after = table_.BytesAfter(entries, bytes);
  if (bytes > 0 && after > options_.memory_bytes_max) {
    return Status::ResourceExhausted(
        Quantity("memory", after, options_.memory_bytes_max) +
        "; delete keys, or raise memory_bytes_max");
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
  const std::optional<std::string_view> found = table_.Find(key);
  if (!found.has_value()) {
    ++stats_.gets_missed;
    return Status::NotFound();
  }
  ++stats_.gets_found;
  value->assign(*found);
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
  const bool found = table_.Find(key).has_value();
  ++(found ? stats_.gets_found : stats_.gets_missed);
  return found;
}

Result<std::vector<std::string>> Database::Keys(
    std::string_view prefix, const ReadOptions&) {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  std::vector<std::string> keys;
  table_.ForEach([&](std::string_view key, std::string_view) {
    if (key.substr(0, prefix.size()) == prefix) {
      keys.emplace_back(key);
    }
  });
  // std::string compares as unsigned bytes.
  std::sort(keys.begin(), keys.end());
  return keys;
}

Result<Stats> Database::GetStats() {
  const Call call(this);
  KV_RETURN_IF_ERROR(call.Admit());
  Stats stats = stats_;
  stats.estimated_keys = table_.Size();
  stats.memory_bytes = table_.Bytes();
  return stats;
}

}  // namespace kv
