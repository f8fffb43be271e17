// The workloads of every stage, on this one.

#include "common/bench/database_bench.h"

#include "common/bench/database_store.h"
#include "db/database.h"

int main(int argc, char** argv) {
  using Store =
      kv::bench::DatabaseStore<kv::Database, kv::Options, kv::WriteBatch>;
  return kv::bench::RunDatabaseBench(argc, argv, {KV_STAGE, Store::Open});
}
