#pragma once

// What a MemoryFileSystem gives to those who open its files. Private to its
// sources.
//
// Ownership: a handle keeps its file alive, also when its last name is gone.

#include <cstdint>
#include <memory>
#include <string>

#include "common/fs/memory_file_nodes.h"

namespace kv {

/// `size` is the file's length now; `path` is for messages.
std::unique_ptr<AppendFile> NewAppendHandle(
    std::shared_ptr<MemoryFileSystem::File> file, const std::string& path,
    uint64_t size);

std::unique_ptr<RandomFile> NewRandomHandle(
    std::shared_ptr<MemoryFileSystem::File> file);

std::unique_ptr<SequentialFile> NewSequentialHandle(
    std::shared_ptr<MemoryFileSystem::File> file);

/// Releases the lock of `file`, which is held, when it ends.
std::unique_ptr<FileLock> NewLockHandle(
    std::shared_ptr<MemoryFileSystem::File> file);

}  // namespace kv
