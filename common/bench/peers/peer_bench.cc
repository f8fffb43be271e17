// kv_peer_bench NAME [OPTIONS]: the workloads of our stages on a store of
// someone else.

#include <cstdio>
#include <string>
#include <string_view>

#include "common/bench/database_bench.h"
#include "common/bench/peers/peers.h"

namespace kv::bench {

namespace {

int ListPeers(std::FILE* out) {
  size_t absent = 0;
  for (const Peer& peer : AllPeers()) {
    if (peer.factory.open) {
      std::fprintf(out, "%s\n", peer.factory.name.c_str());
    } else {
      ++absent;
      std::fprintf(
          out, "%s: absent, install %s and build again\n",
          peer.factory.name.c_str(), peer.package.c_str());
    }
  }
  std::fprintf(out, "%zu absent\n", absent);
  return 0;
}

int Run(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) == "--peers") {
    return ListPeers(stdout);
  }
  for (const Peer& peer : AllPeers()) {
    if (peer.factory.name == argv[1] && peer.factory.open) {
      return RunDatabaseBench(argc - 1, argv + 1, peer.factory);
    }
  }
  std::fprintf(
      stderr, "usage: kv_peer_bench NAME [OPTIONS], where NAME is one of\n");
  ListPeers(stderr);
  return 2;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  return kv::bench::Run(argc, argv);
}
