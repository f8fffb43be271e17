#include "common/fs/fault_kinds.h"

#include <array>

namespace kv {

std::string_view FileCallName(FileCall call) {
  constexpr std::array<std::string_view, kFileCallKinds> kNames = {
      "open",
      "create",
      "read",
      "append",
      "sync",
      "truncate",
      "close",
      "list",
      "file size",
      "exists",
      "create directory",
      "remove directory",
      "sync directory",
      "rename",
      "remove",
      "hard link",
      "lock",
  };
  return kNames[static_cast<size_t>(call)];
}

std::string_view FaultKindName(FaultKind kind) {
  constexpr std::array<std::string_view, kFaultKinds> kNames = {
      "read EIO",   "write EIO", "ENOSPC",       "short write",
      "short read", "EINTR",     "fsync EIO",    "directory fsync EIO",
      "rename EIO", "EMFILE",    "any call EIO",
  };
  return kNames[static_cast<size_t>(kind)];
}

bool CanStrike(FaultKind kind, FileCall call) {
  switch (kind) {
    case FaultKind::kReadError:
    case FaultKind::kShortRead:
      return call == FileCall::kRead;
    case FaultKind::kWriteError:
    case FaultKind::kShortWrite:
      return call == FileCall::kAppend;
    case FaultKind::kNoSpace:
      return call == FileCall::kAppend || call == FileCall::kCreate;
    case FaultKind::kInterrupted:
      return call == FileCall::kRead || call == FileCall::kAppend ||
          call == FileCall::kSync;
    case FaultKind::kSyncError:
      return call == FileCall::kSync;
    case FaultKind::kSyncDirectoryError:
      return call == FileCall::kSyncDirectory;
    case FaultKind::kRenameError:
      return call == FileCall::kRename;
    case FaultKind::kTooManyFiles:
      return call == FileCall::kOpen || call == FileCall::kCreate ||
          call == FileCall::kList || call == FileCall::kLock;
    case FaultKind::kAny:
      return true;
  }
  return false;
}

const char* FaultReason(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNoSpace:
      return "No space left on device";
    case FaultKind::kTooManyFiles:
      return "Too many open files";
    case FaultKind::kReadError:
    case FaultKind::kWriteError:
    case FaultKind::kShortWrite:
    case FaultKind::kShortRead:
    case FaultKind::kInterrupted:
    case FaultKind::kSyncError:
    case FaultKind::kSyncDirectoryError:
    case FaultKind::kRenameError:
    case FaultKind::kAny:
      return "Input/output error";
  }
  return "";
}

}  // namespace kv
