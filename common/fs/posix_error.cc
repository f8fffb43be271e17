#include "common/fs/posix_error.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/fs/file_system.h"

namespace kv {
namespace {

// What a person can do about it; empty where the reason says it all.
const char* Remedy(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "check who owns it and its permissions, or choose another path";
    case EROFS:
      return "the file system is mounted read-only; choose another path";
    case ENOSPC:
      return "free some space on that disk, then try again";
#ifdef EDQUOT
    case EDQUOT:
      return "the disk quota is used up; free some space, then try again";
#endif
    case EMFILE:
    case ENFILE:
      return "too many files are open; raise the limit (ulimit -n) or close "
             "some";
    case ENOTDIR:
      return "a part of the path is a file where a directory is needed";
    case EISDIR:
      return "a directory is there where a file is needed";
    case EEXIST:
      return "it is there already; remove it or choose another name";
    case ENOTEMPTY:
      return "the directory is not empty";
    case EXDEV:
      return "both paths must be on one file system";
    case ENAMETOOLONG:
      return "choose a shorter path";
    case EIO:
      return "the disk reports an error; see the system's log, and do not "
             "trust this disk";
    default:
      return "";
  }
}

}  // namespace

Status PosixError(const char* what, const std::string& path, int error) {
  if (error == ENOENT) {
    return Status::NotFound();
  }
  std::string message = std::string("cannot ") + what + " '" + path +
      "': " + std::generic_category().message(error);
  const std::string remedy = Remedy(error);
  if (!remedy.empty()) {
    message += " (" + remedy + ")";
  }
  return Status::IoError(std::move(message));
}

Status PosixNewNameError(const char* what, const std::string& path, int error) {
  if (error == ENOENT) {
    return Status::IoError(
        std::string("cannot ") + what + " '" + path + "': the directory '" +
        ParentPath(path) + "' does not exist (create it first)");
  }
  return PosixError(what, path, error);
}

}  // namespace kv
