#include "common/bench/peers/peers.h"

namespace kv::bench {

std::vector<Peer> AllPeers() {
  return {
      {LevelDbFactory(), "libleveldb-dev"},
      {RocksDbFactory(), "librocksdb-dev"},
      {LmdbFactory(), "liblmdb-dev"},
  };
}

}  // namespace kv::bench
