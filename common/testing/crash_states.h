#pragma once

// Every disk that a power loss at one moment may leave, by the rules of what
// file systems guarantee: nothing but what was synced.
//
// Limits: combinations of more than four files or names are taken one at a
//   time, and of many blocks a dozen are taken; the rest follows from crashes
//   at earlier and later calls.

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "common/fs/memory_file_system.h"

namespace kv::testing {

enum class CrashKind {
  kDropAll,  ///< nothing unsynced survives
  kKeepAll,  ///< all of it does
  kCutWrite,  ///< the last unsynced write is cut
  kFilesApart,  ///< some files keep their unsynced bytes, some do not
  kNamesApart,  ///< some names keep their unsynced changes, some do not
  kLaterBlock,  ///< a later block survives and an earlier one does not
  kLengthOnly,  ///< a file is longer, and its new bytes are zeros
  kTruncateLost,  ///< a truncate is lost and a later write is not, or reverse
  kRenameWithoutData,  ///< a rename survives and unsynced bytes do not
  kDataWithoutRename,  ///< unsynced bytes survive and a rename does not
  kProcessDeath,  ///< the process dies and, after recovery, the power fails
  kNested,  ///< the power fails again during recovery or the first new write
};
inline constexpr size_t kCrashKinds = 12;

std::string_view CrashKindName(CrashKind kind);

/// One disk to build with MemoryFileSystem::Crash.
struct CrashState {
  CrashKind kind = CrashKind::kDropAll;
  CrashChoice choice;
  std::string what;  ///< what survived, in words
};

/// Calls `visit` with each state that a crash with `changes` unsynced can
/// leave, those that must exist (all dropped, all kept) first. Different
/// states may be equal on disk. Stops when `visit` returns false.
void ForEachCrashState(
    const UnsyncedChanges& changes,
    const std::function<bool(const CrashState&)>& visit);

}  // namespace kv::testing
