#pragma once

// The calls of a file system that can be counted and made to fail, and the
// ways in which they fail.

#include <cstddef>
#include <string_view>

namespace kv {

enum class FileCall {
  kOpen,  ///< OpenForAppend of an existing file, and the opens for reading
  kCreate,  ///< OpenForAppend with kCreate
  kRead,  ///< ReadAt and Read
  kAppend,
  kSync,
  kTruncate,
  kClose,
  kList,
  kFileSize,
  kExists,
  kCreateDirectory,
  kRemoveDirectory,
  kSyncDirectory,
  kRename,
  kRemove,
  kHardLink,
  kLock,
};
inline constexpr size_t kFileCallKinds = 17;

std::string_view FileCallName(FileCall call);

enum class FaultKind {
  kReadError,  ///< a read returns EIO
  kWriteError,  ///< an append writes nothing and returns EIO
  kNoSpace,  ///< an append writes a part and returns ENOSPC; so does a create
  kShortWrite,  ///< an append writes a part and returns EIO
  kShortRead,  ///< a read returns half of the bytes, as if the file had ended
  kInterrupted,  ///< EINTR: carried on below this interface, never seen here
  kSyncError,  ///< a file's sync returns EIO; what was dirty is lost for good
  kSyncDirectoryError,  ///< a directory's sync returns EIO
  kRenameError,  ///< a rename changes nothing and returns EIO
  kTooManyFiles,  ///< an open, create, list or lock returns EMFILE
  kAny,  ///< whatever the call is, it changes nothing and returns EIO
};
inline constexpr size_t kFaultKinds = 11;

std::string_view FaultKindName(FaultKind kind);

/// Whether a fault of this kind can strike that call.
bool CanStrike(FaultKind kind, FileCall call);

/// The system's words for it.
const char* FaultReason(FaultKind kind);

}  // namespace kv
