#pragma once

// LevelDB and RocksDB as a Store: their interfaces are one for all that is
// needed here, but for the namespace.
//
// `Api` names the types: DB, Options, ReadOptions, WriteOptions, WriteBatch,
// Iterator, Slice, Status, the constant kNoCompression, and a function
// DescribeOptions(Options).

#include <memory>
#include <string>
#include <utility>

#include "common/bench/store.h"

namespace kv::bench {

template <typename Api>
class LevelDbLikeStore : public Store {
 public:
  static Result<std::unique_ptr<Store>> Open(
      const std::string& directory, const StoreSettings& settings) {
    auto store = std::make_unique<LevelDbLikeStore>();
    store->directory_ = directory;
    store->settings_ = settings;
    KV_RETURN_IF_ERROR(store->OpenDatabase());
    return std::unique_ptr<Store>(std::move(store));
  }

  Capabilities GetCapabilities() const override {
    return {
        .sequential = true,
        .ordered_scan = true,
        .sync = true,
        .reopen = true,
    };
  }
  std::string DescribeOptions() const override {
    return Api::DescribeOptions(MakeOptions());
  }

  Status Put(std::string_view key, std::string_view value) override {
    return ToStatus(database_->Put({}, ToSlice(key), ToSlice(value)));
  }
  Status PutSynced(std::string_view key, std::string_view value) override {
    typename Api::WriteOptions options;
    options.sync = true;
    return ToStatus(database_->Put(options, ToSlice(key), ToSlice(value)));
  }
  Status PutBatch(std::span<const KeyValue> pairs) override {
    batch_.Clear();
    for (const KeyValue& pair : pairs) {
      batch_.Put(ToSlice(pair.key), ToSlice(pair.value));
    }
    return ToStatus(database_->Write({}, &batch_));
  }
  Status Delete(std::string_view key) override {
    return ToStatus(database_->Delete({}, ToSlice(key)));
  }
  Status GetInto(std::string_view key, std::string* value) override {
    return ToStatus(database_->Get({}, ToSlice(key), value));
  }
  Result<std::string> Get(std::string_view key) override {
    std::string value;
    KV_RETURN_IF_ERROR(GetInto(key, &value));
    return value;
  }
  Status MultiGet(
      std::span<const std::string_view> keys, uint64_t* found) override {
    for (const std::string_view key : keys) {
      std::string value;
      const Status status = GetInto(key, &value);
      if (!status.ok() && !status.IsNotFound()) return status;
      *found += status.ok() ? 1 : 0;
    }
    return Status::Ok();
  }
  std::unique_ptr<Cursor> NewCursor(std::string_view start) override {
    return std::make_unique<IteratorCursor>(database_.get(), start);
  }
  Status Reopen() override {
    database_.reset();
    return OpenDatabase();
  }

 private:
  using Slice = typename Api::Slice;

  class IteratorCursor : public Cursor {
   public:
    IteratorCursor(typename Api::DB* database, std::string_view start)
        : iterator_(database->NewIterator({})) {
      iterator_->Seek(ToSlice(start));
    }
    Status Next(std::string* value) override {
      if (!iterator_->Valid()) {
        KV_RETURN_IF_ERROR(ToStatus(iterator_->status()));
        return Status::NotFound();
      }
      value->assign(iterator_->value().data(), iterator_->value().size());
      iterator_->Next();
      return Status::Ok();
    }

   private:
    const std::unique_ptr<typename Api::Iterator> iterator_;
  };

  static Slice ToSlice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
  }
  static Status ToStatus(const typename Api::Status& status) {
    if (status.ok()) return Status::Ok();
    if (status.IsNotFound()) return Status::NotFound();
    return Status::IoError(status.ToString());
  }
  typename Api::Options MakeOptions() const {
    typename Api::Options options;
    options.create_if_missing = true;
    if (settings_.memtable_bytes > 0) {
      options.write_buffer_size = static_cast<size_t>(settings_.memtable_bytes);
    }
    if (!settings_.compression) {
      options.compression = Api::kNoCompression;
    }
    return options;
  }
  Status OpenDatabase() {
    typename Api::DB* database = nullptr;
    KV_RETURN_IF_ERROR(
        ToStatus(Api::DB::Open(MakeOptions(), directory_, &database)));
    database_.reset(database);
    return Status::Ok();
  }

  std::string directory_;
  StoreSettings settings_;
  std::unique_ptr<typename Api::DB> database_;
  typename Api::WriteBatch batch_;
};

}  // namespace kv::bench
