#include "common/bench/peers/peers.h"

#if defined(KV_BENCH_HAVE_LEVELDB)

#include "common/bench/peers/leveldb_like.h"
#include "leveldb/db.h"
#include "leveldb/options.h"
#include "leveldb/write_batch.h"

namespace kv::bench {
namespace {

struct LevelDbApi {
  using DB = leveldb::DB;
  using Options = leveldb::Options;
  using WriteOptions = leveldb::WriteOptions;
  using WriteBatch = leveldb::WriteBatch;
  using Iterator = leveldb::Iterator;
  using Slice = leveldb::Slice;
  using Status = leveldb::Status;
  static constexpr auto kNoCompression = leveldb::kNoCompression;

  static std::string DescribeOptions(const Options& options) {
    return "LevelDB " + std::to_string(leveldb::kMajorVersion) + "." +
        std::to_string(leveldb::kMinorVersion) +
        ": write_buffer_size=" + std::to_string(options.write_buffer_size) +
        " block_size=" + std::to_string(options.block_size) + " compression=" +
        (options.compression == leveldb::kSnappyCompression ? "snappy"
                                                            : "none") +
        " block_cache=8 MiB filter=none sync=false";
  }
};

}  // namespace

StoreFactory LevelDbFactory() {
  return {"leveldb", LevelDbLikeStore<LevelDbApi>::Open};
}

}  // namespace kv::bench

#else

kv::bench::StoreFactory kv::bench::LevelDbFactory() {
  return {"leveldb", nullptr};
}

#endif
