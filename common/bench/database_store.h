#pragma once

// A kv::Database as a Store: the same source fits every stage, since each
// stage's database has at least the operations used here, and what a later one
// adds is found at compile time.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/bench/database_cursors.h"
#include "common/bench/describe_options.h"
#include "common/bench/store.h"

namespace kv::bench {

template <typename Database, typename Options, typename WriteBatch>
class DatabaseStore : public Store {
 public:
  /// A database that keeps nothing on disk refuses a path with NotSupported;
  /// then the store is one in memory.
  static Result<std::unique_ptr<Store>> Open(
      const std::string& directory, const StoreSettings& settings) {
    auto store = std::make_unique<DatabaseStore>();
    store->options_.path = directory;
    ApplySettings(settings, &store->options_);
    Status status = store->OpenDatabase();
    if (status.code() == StatusCode::kNotSupported) {
      store->options_.path.clear();
      status = store->OpenDatabase();
    }
    KV_RETURN_IF_ERROR(status);
    return std::unique_ptr<Store>(std::move(store));
  }

  Capabilities GetCapabilities() const override {
    return {
        .sequential = true,
        .ordered_scan = kHasIterators<Database>,
        .sync = kCanSync && !options_.path.empty(),
        .reopen = !options_.path.empty(),
    };
  }

  std::string DescribeOptions() const override {
    return kv::bench::DescribeOptions(options_);
  }

  Status Put(std::string_view key, std::string_view value) override {
    return database_->Put(key, value);
  }

  Status PutSynced(std::string_view key, std::string_view value) override {
    return PutSyncedIn(*database_, key, value);
  }

  Status PutBatch(std::span<const KeyValue> pairs) override {
    batch_.Clear();
    for (const KeyValue& pair : pairs) batch_.Put(pair.key, pair.value);
    return database_->Write(batch_);
  }

  Status Delete(std::string_view key) override {
    return database_->Delete(key);
  }

  Status GetInto(std::string_view key, std::string* value) override {
    return database_->GetInto(key, value);
  }

  Result<std::string> Get(std::string_view key) override {
    return database_->Get(key);
  }

  Status MultiGet(
      std::span<const std::string_view> keys, uint64_t* found) override {
    keys_.assign(keys.begin(), keys.end());
    for (const Result<std::string>& value : database_->MultiGet(keys_)) {
      if (value.ok()) {
        ++*found;
      } else if (!value.status().IsNotFound()) {
        return value.status();
      }
    }
    return Status::Ok();
  }

  std::unique_ptr<Cursor> NewCursor(std::string_view start) override {
    return NewDatabaseCursor(database_.get(), start);
  }

  Status Reopen() override {
    KV_RETURN_IF_ERROR(database_->Close());
    database_.reset();
    return OpenDatabase();
  }

 private:
  // A template for the same reason as PutSyncedIn.
  template <typename AnyOptions>
  static void ApplySettings(
      const StoreSettings& settings, AnyOptions* options) {
    if constexpr (requires { options->memtable_bytes_max; }) {
      if (settings.memtable_bytes > 0) {
        options->memtable_bytes_max = settings.memtable_bytes;
      }
    }
  }

  // The options of one write, found from the signature of Put.
  template <typename Write>
  static Write WriteOptionsOf(
      Status (Database::*)(std::string_view, std::string_view, const Write&));
  using WriteOptions = decltype(WriteOptionsOf(&Database::Put));
  static constexpr bool kCanSync = requires(WriteOptions options) {
    options.sync = true;
  };

  // A template, so that the member `sync` is looked for only where it exists.
  template <typename AnyDatabase>
  Status PutSyncedIn(
      AnyDatabase& database, std::string_view key, std::string_view value) {
    if constexpr (kCanSync) {
      WriteOptions options;
      options.sync = true;
      return database.Put(key, value, options);
    }
    return Status::NotSupported("this database has no synced write");
  }

  Status OpenDatabase() {
    KV_ASSIGN_OR_RETURN(database_, Database::Open(options_));
    return Status::Ok();
  }

  Options options_;
  std::unique_ptr<Database> database_;
  WriteBatch batch_;
  std::vector<std::string_view> keys_;
};

}  // namespace kv::bench
