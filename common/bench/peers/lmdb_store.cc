#include "common/bench/peers/peers.h"

#if defined(KV_BENCH_HAVE_LMDB)

#include <lmdb.h>

#include <utility>

namespace kv::bench {
namespace {

constexpr size_t kMapBytes = size_t{4} << 30;

Status ToStatus(int code) {
  if (code == MDB_SUCCESS) return Status::Ok();
  if (code == MDB_NOTFOUND) return Status::NotFound();
  return Status::IoError(std::string("lmdb: ") + mdb_strerror(code));
}

MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

class LmdbCursor : public Cursor {
 public:
  LmdbCursor(MDB_env* environment, MDB_dbi database, std::string_view start)
      : start_(start) {
    const bool began =
        mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction_) == 0 &&
        mdb_cursor_open(transaction_, database, &cursor_) == 0;
    KV_CHECK(began, "a read transaction of LMDB begins");
  }
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;
  ~LmdbCursor() override {
    mdb_cursor_close(cursor_);
    mdb_txn_abort(transaction_);
  }

  Status Next(std::string* value) override {
    MDB_val key = ToVal(start_);
    MDB_val found;
    const MDB_cursor_op step = !first_ ? MDB_NEXT
        : start_.empty()               ? MDB_FIRST
                                       : MDB_SET_RANGE;
    first_ = false;
    KV_RETURN_IF_ERROR(ToStatus(mdb_cursor_get(cursor_, &key, &found, step)));
    value->assign(static_cast<const char*>(found.mv_data), found.mv_size);
    return Status::Ok();
  }

 private:
  const std::string start_;
  bool first_ = true;
  MDB_txn* transaction_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
};

// One transaction for each call, as in the other stores.
class LmdbStore : public Store {
 public:
  /// It has no memtable and compresses nothing, so that no setting is for it.
  static Result<std::unique_ptr<Store>> Open(
      const std::string& directory, const StoreSettings&) {
    auto store = std::make_unique<LmdbStore>();
    store->directory_ = directory;
    KV_RETURN_IF_ERROR(store->OpenEnvironment());
    return std::unique_ptr<Store>(std::move(store));
  }
  LmdbStore() = default;
  LmdbStore(const LmdbStore&) = delete;
  LmdbStore& operator=(const LmdbStore&) = delete;
  ~LmdbStore() override { mdb_env_close(environment_); }

  Capabilities GetCapabilities() const override {
    return {
        .sequential = true,
        .ordered_scan = true,
        .sync = true,
        .reopen = true,
    };
  }
  std::string DescribeOptions() const override {
    return "LMDB " + std::to_string(MDB_VERSION_MAJOR) + "." +
        std::to_string(MDB_VERSION_MINOR) + "." +
        std::to_string(MDB_VERSION_PATCH) +
        " defaults but MDB_NOSYNC, since the others do not sync a write "
        "either; map of 4 GiB";
  }

  Status Put(std::string_view key, std::string_view value) override {
    return InWrite(
        [&](MDB_txn* transaction) { return PutIn(transaction, key, value); });
  }
  Status PutSynced(std::string_view key, std::string_view value) override {
    KV_RETURN_IF_ERROR(Put(key, value));
    return ToStatus(mdb_env_sync(environment_, 1));
  }
  Status PutBatch(std::span<const KeyValue> pairs) override {
    return InWrite([&](MDB_txn* transaction) {
      for (const KeyValue& pair : pairs) {
        const int code = PutIn(transaction, pair.key, pair.value);
        if (code != 0) return code;
      }
      return 0;
    });
  }
  Status Delete(std::string_view key) override {
    return InWrite([&](MDB_txn* transaction) {
      MDB_val name = ToVal(key);
      const int code = mdb_del(transaction, database_, &name, nullptr);
      return code == MDB_NOTFOUND ? 0 : code;
    });
  }
  Status GetInto(std::string_view key, std::string* value) override {
    MDB_txn* transaction = nullptr;
    KV_RETURN_IF_ERROR(ToStatus(
        mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &transaction)));
    MDB_val name = ToVal(key);
    MDB_val found;
    const int code = mdb_get(transaction, database_, &name, &found);
    if (code == 0) {
      value->assign(static_cast<const char*>(found.mv_data), found.mv_size);
    }
    mdb_txn_abort(transaction);
    return ToStatus(code);
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
    return std::make_unique<LmdbCursor>(environment_, database_, start);
  }
  Status Reopen() override {
    mdb_env_close(std::exchange(environment_, nullptr));
    return OpenEnvironment();
  }

 private:
  Status OpenEnvironment() {
    KV_RETURN_IF_ERROR(ToStatus(mdb_env_create(&environment_)));
    KV_RETURN_IF_ERROR(ToStatus(mdb_env_set_mapsize(environment_, kMapBytes)));
    KV_RETURN_IF_ERROR(ToStatus(
        mdb_env_open(environment_, directory_.c_str(), MDB_NOSYNC, 0644)));
    return InWrite([&](MDB_txn* transaction) {
      return mdb_dbi_open(transaction, nullptr, 0, &database_);
    });
  }

  template <typename Change>
  Status InWrite(Change change) {
    MDB_txn* transaction = nullptr;
    KV_RETURN_IF_ERROR(
        ToStatus(mdb_txn_begin(environment_, nullptr, 0, &transaction)));
    const int code = change(transaction);
    if (code != 0) {
      mdb_txn_abort(transaction);
      return ToStatus(code);
    }
    return ToStatus(mdb_txn_commit(transaction));
  }

  int PutIn(
      MDB_txn* transaction, std::string_view key, std::string_view value) {
    MDB_val name = ToVal(key);
    MDB_val content = ToVal(value);
    return mdb_put(transaction, database_, &name, &content, 0);
  }

  std::string directory_;
  MDB_env* environment_ = nullptr;
  MDB_dbi database_ = 0;
};

}  // namespace

StoreFactory LmdbFactory() {
  return {"lmdb", LmdbStore::Open};
}

}  // namespace kv::bench

#else

kv::bench::StoreFactory kv::bench::LmdbFactory() {
  return {"lmdb", nullptr};
}

#endif
