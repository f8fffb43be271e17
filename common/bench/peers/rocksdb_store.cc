#include "common/bench/peers/peers.h"

#if defined(KV_BENCH_HAVE_ROCKSDB)

#include "common/bench/peers/leveldb_like.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/version.h"
#include "rocksdb/write_batch.h"

namespace kv::bench {
namespace {

struct RocksDbApi {
  using DB = rocksdb::DB;
  using Options = rocksdb::Options;
  using WriteOptions = rocksdb::WriteOptions;
  using WriteBatch = rocksdb::WriteBatch;
  using Iterator = rocksdb::Iterator;
  using Slice = rocksdb::Slice;
  using Status = rocksdb::Status;
  static constexpr auto kNoCompression = rocksdb::kNoCompression;

  static std::string DescribeOptions(const Options& options) {
    return "RocksDB " + std::to_string(ROCKSDB_MAJOR) + "." +
        std::to_string(ROCKSDB_MINOR) +
        ": write_buffer_size=" + std::to_string(options.write_buffer_size) +
        " compression=" +
        (options.compression == rocksdb::kSnappyCompression ? "snappy"
                                                            : "none") +
        " block_size=4096 block_cache=8 MiB filter=none sync=false";
  }
};

}  // namespace

StoreFactory RocksDbFactory() {
  return {"rocksdb", LevelDbLikeStore<RocksDbApi>::Open};
}

}  // namespace kv::bench

#else

kv::bench::StoreFactory kv::bench::RocksDbFactory() {
  return {"rocksdb", nullptr};
}

#endif
