#include "kv/file_names.h"

#include "common/fs/file_system.h"

namespace kv {
namespace {

constexpr std::string_view kDataLog = "data.log";
constexpr std::string_view kNewDataLog = "data.log.new";
constexpr std::string_view kLock = "LOCK";

}  // namespace

std::string DataLogName(const std::string& directory) {
  return JoinPath(directory, kDataLog);
}

std::string NewDataLogName(const std::string& directory) {
  return JoinPath(directory, kNewDataLog);
}

std::string LockName(const std::string& directory) {
  return JoinPath(directory, kLock);
}

bool IsDatabaseFile(std::string_view name) {
  return name == kDataLog || name == kNewDataLog || name == kLock;
}

}  // namespace kv
