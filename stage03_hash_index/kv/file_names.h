#pragma once

// The names of the files in a database's directory.

#include <string>
#include <string_view>

namespace kv {

/// The log that holds the database.
std::string DataLogName(const std::string& directory);
/// A data log that is being created; renamed when it is whole.
std::string NewDataLogName(const std::string& directory);
/// Locked while a process has the database open.
std::string LockName(const std::string& directory);

/// Whether a name in the directory is one of ours.
bool IsDatabaseFile(std::string_view name);

}  // namespace kv
