#pragma once

// A database of any stage in a directory, for the benchmarks of one stage.

#include <filesystem>
#include <memory>
#include <utility>

#include "common/base/check.h"

namespace kv::bench {

/// The database in `path`, made if there is none; a check failure if it does
/// not open.
template <typename Database, typename Options>
std::unique_ptr<Database> OpenAt(
    const std::filesystem::path& path, Options options) {
  options.path = path.string();
  auto db = Database::Open(std::move(options));
  KV_CHECK(db.ok(), "the benchmark's database opens");
  return std::move(db).value();
}

}  // namespace kv::bench
