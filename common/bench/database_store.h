#pragma once

// A kv::Database as a Store: the same source fits every stage, since each
// stage's database has at least the operations used here, and what a later one
// adds is found at compile time.

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/base/check.h"
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
        .ordered_scan = kHasIterators,
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

  /// Without iterators: lists the keys at the first Next, then gets one after
  /// another.
  std::unique_ptr<Cursor> NewCursor(std::string_view start) override {
    if constexpr (kHasIterators) {
      return NewIteratorCursor(*database_, start);
    } else {
      if (!start.empty()) return nullptr;
      return std::make_unique<KeysCursor>(database_.get());
    }
  }

  Status Reopen() override {
    KV_RETURN_IF_ERROR(database_->Close());
    database_.reset();
    return OpenDatabase();
  }

 private:
  class KeysCursor : public Cursor {
   public:
    explicit KeysCursor(Database* database) : database_(database) {}
    Status Next(std::string* value) override {
      if (!listed_) {
        KV_ASSIGN_OR_RETURN(keys_, database_->Keys());
        listed_ = true;
      }
      if (next_ == keys_.size()) return Status::NotFound();
      return database_->GetInto(keys_[next_++], value);
    }

   private:
    Database* const database_;
    std::vector<std::string> keys_;
    size_t next_ = 0;
    bool listed_ = false;
  };

  template <typename Iterator>
  class IteratorCursor : public Cursor {
   public:
    IteratorCursor(std::unique_ptr<Iterator> iterator, std::string_view start)
        : iterator_(std::move(iterator)) {
      iterator_->Seek(start);
    }
    Status Next(std::string* value) override {
      if (!iterator_->Valid()) {
        KV_RETURN_IF_ERROR(iterator_->GetStatus());
        return Status::NotFound();
      }
      value->assign(iterator_->Value());
      iterator_->Next();
      return Status::Ok();
    }

   private:
    const std::unique_ptr<Iterator> iterator_;
  };

  template <typename AnyDatabase>
  static constexpr bool OffersIterators() {
    return requires(AnyDatabase database) {
      database.NewIterator();
    };
  }
  static constexpr bool kHasIterators = OffersIterators<Database>();

  template <typename AnyDatabase>
  static std::unique_ptr<Cursor> NewIteratorCursor(
      AnyDatabase& database, std::string_view start) {
    auto made = database.NewIterator();
    KV_CHECK(made.ok(), "an open database makes an iterator");
    using Iterator = typename std::decay_t<decltype(*made)>::element_type;
    return std::make_unique<IteratorCursor<Iterator>>(
        std::move(made).value(), start);
  }

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
