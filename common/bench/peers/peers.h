#pragma once

// Stores of other people, measured with the same workloads as ours.

#include <string>
#include <vector>

#include "common/bench/store.h"

namespace kv::bench {

struct Peer {
  StoreFactory factory;  ///< open is null if the peer is not built in
  std::string package;  ///< that brings it on Debian
};

/// All of them, those that are absent too.
std::vector<Peer> AllPeers();

// One function a source file, each named by its build definition.
StoreFactory LevelDbFactory();
StoreFactory RocksDbFactory();
StoreFactory LmdbFactory();

}  // namespace kv::bench
