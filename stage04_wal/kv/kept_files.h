#pragma once

// Directories in which files are kept that a database no longer needs.
//
// Two files that are kept may have had the same name. The second one gets a
// number behind it: "000007.wal", "000007.wal.2". A file that is there already,
// with the same content, is not kept twice, so that what crashed can be done
// again.
//
// Durability: none; the directory has to be synced.

#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/fs/file_system.h"

namespace kv {

/// The name that a file had which is kept as `name`: "000007.wal" for both of
/// these.
std::string_view NameBeforeKept(std::string_view name);

/// Whether `directory`, which may be missing, has the file at `path`.
Result<bool> IsKept(
    FileSystem* fs, const std::string& path, const std::string& directory);

/// Links the file at `path` into `directory`, which is made if it is missing.
Status KeepFile(
    FileSystem* fs, const std::string& path, const std::string& directory);

}  // namespace kv
