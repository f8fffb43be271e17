#pragma once

// What a MemoryFileSystem consists of. Private to its sources.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/fs/memory_file_system.h"

namespace kv {

/// What all files of one file system, and their handles, share.
struct MemoryFileSystem::Shared {
  explicit Shared(CrashModel crash_model)
      : records(crash_model == CrashModel::kRecord) {}

  /// To be called after each mutating call, with no lock held.
  void CountCall();

  const bool records;
  std::atomic<uint64_t> calls = 0;
  std::atomic<uint64_t> bytes_in_use = 0;
  std::atomic<uint64_t> next_id = 1;
  std::function<void(uint64_t)> observer;
};

/// The bytes of one file, in chunks that never move: appending is O(1), and
/// a view stays valid while the file grows.
class MemoryContent {
 public:
  static constexpr size_t kChunkBytes = 16 * 1024;

  explicit MemoryContent(std::atomic<uint64_t>* bytes_in_use)
      : bytes_in_use_(bytes_in_use) {}
  ~MemoryContent() { Truncate(0); }
  MemoryContent(const MemoryContent&) = delete;
  MemoryContent& operator=(const MemoryContent&) = delete;

  uint64_t size() const { return size_; }
  void Append(std::string_view data);
  void Truncate(uint64_t size);

  /// Up to scratch.size() bytes, fewer only at the end; in `scratch` only
  /// where they lie in two chunks.
  std::string_view Read(uint64_t offset, std::span<char> scratch) const;
  std::string Copy(uint64_t begin, uint64_t end) const;
  uint64_t Hash(uint64_t seed) const;

 private:
  std::atomic<uint64_t>* const bytes_in_use_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  uint64_t size_ = 0;
};

/// A file, whatever its names.
struct MemoryFileSystem::File {
  // A write is the `size` bytes from `offset`; a truncate cut to `offset`,
  // and `removed` is what it cut off. Undone from the newest to the oldest
  // they give the durable content, so that nothing is copied when it becomes
  // durable.
  struct Undo {
    bool is_truncate;
    uint64_t offset;
    uint64_t size;
    std::string removed;
  };
  struct Range {
    uint64_t begin;
    uint64_t end;
  };

  File(std::shared_ptr<Shared> shared_state, uint64_t file_id)
      : shared(std::move(shared_state)),
        id(file_id),
        content(&shared->bytes_in_use) {}

  void Append(std::string_view data) KV_EXCLUDES(mutex);
  /// False if the file is shorter than `size`.
  bool Truncate(uint64_t size) KV_EXCLUDES(mutex);
  void Sync() KV_EXCLUDES(mutex);
  void LoseUnsynced() KV_EXCLUDES(mutex);

  /// False if the durable content is the content.
  bool IsDirty() const KV_REQUIRES(mutex) {
    return !unsynced.empty() || !lost.empty();
  }
  /// All but the path.
  DirtyFile Describe() const KV_REQUIRES(mutex);

  const std::shared_ptr<Shared> shared;
  const uint64_t id;
  mutable Mutex mutex;
  MemoryContent content KV_GUARDED_BY(mutex);
  std::vector<Undo> unsynced KV_GUARDED_BY(mutex);
  /// What a failed Sync dropped: readable until a crash.
  std::vector<Range> lost KV_GUARDED_BY(mutex);
  std::atomic<bool> is_locked = false;
};

/// What a name stands for: one of the two.
struct MemoryFileSystem::Entry {
  std::shared_ptr<File> file;
  std::shared_ptr<Directory> directory;
};

struct MemoryFileSystem::Directory {
  struct Change {
    NameChange what;
    Entry entry;
  };
  using Names = std::map<std::string, Entry, std::less<>>;

  explicit Directory(uint64_t directory_id) : id(directory_id) {}

  static void Apply(const Change& change, Names* names);

  const uint64_t id;
  Names names;
  Names durable;  ///< used by CrashModel::kRecord only
  std::vector<Change> unsynced;
};

}  // namespace kv
