#pragma once

// Memory that is given out piece by piece and freed all at once.
//
// Pieces are cut from blocks, one after another; a large piece has a block of
// its own. That costs an addition where malloc searches, and puts what is
// allocated together side by side.
// Threads: one allocates; any may read Bytes meanwhile.
// Ownership: pieces live as long as the arena, which runs no destructors.
// Invariants:
//   1. No two pieces overlap, and none is moved.
//   2. Every piece is aligned to kAlignment.
//   3. Bytes is at most 4/3 of all pieces, each rounded up to kAlignment: a
//      block is left only when a small piece did not fit, so when at least
//      three quarters of it are in use.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace kv {

class Arena {
 public:
  static constexpr size_t kAlignment = 8;
  static constexpr size_t kBlockBytes = 8 * 1024;
  /// A larger piece has a block of its own.
  static constexpr size_t kSmallBytesMax = kBlockBytes / 4;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A piece of `bytes` bytes, not initialised; bytes > 0.
  void* Allocate(size_t bytes);

  /// What the blocks take together, in bytes; of the one in use only what is
  /// given out.
  uint64_t Bytes() const { return bytes_.load(std::memory_order_relaxed); }

  /// `bytes`, rounded up to a multiple of kAlignment.
  static constexpr size_t Aligned(size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

 private:
  char* NewBlock(size_t bytes);
  void AddBytes(size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;  // the rest of the block that is in use
  size_t free_bytes_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
};

}  // namespace kv
