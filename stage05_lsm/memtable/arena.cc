#include "memtable/arena.h"

#include "common/base/check.h"

namespace kv {

static_assert(
    Arena::kAlignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
    "a block is aligned as new leaves it");

void* Arena::Allocate(size_t bytes) {
  KV_CHECK(bytes > 0 && bytes <= SIZE_MAX / 2, "a piece has a sane size");
  bytes = Aligned(bytes);
  if (bytes > kSmallBytesMax) {
    AddBytes(bytes);
    return NewBlock(bytes);  // the block in use stays in use
  }
  if (bytes > free_bytes_) {
    AddBytes(free_bytes_);  // lost
    free_ = NewBlock(kBlockBytes);
    free_bytes_ = kBlockBytes;
  }
  AddBytes(bytes);
  char* const piece = free_;
  free_ += bytes;
  free_bytes_ -= bytes;
  return piece;
}

char* Arena::NewBlock(size_t bytes) {
  blocks_.emplace_back(new char[bytes]);  // make_unique would fill it with 0
  return blocks_.back().get();
}

// One thread writes: nothing comes between the load and the store.
void Arena::AddBytes(size_t bytes) {
  bytes_.store(Bytes() + bytes, std::memory_order_relaxed);
}

}  // namespace kv
