#pragma once

// What the searches of a table have seen, so that later ones need not look.
//
// A binary search reads an entry at each step, and each lies somewhere else: of
// a million entries, twenty. So the searches all pass by the same entries,
// every 16th of the table, and leave there the 8 bytes of the key that come
// after what all keys of the table have in common. Where these decide, the
// entry is not read again; what is left are the four steps between two
// signposts.
//
// In a mapped table of a million entries a Find takes 1.9 us with them and
// 5.3 us without, for half a byte an entry.
// Threads: any. A signpost says the same whoever wrote it, so it does not
//   matter in which order threads see them.
// Invariants: a signpost is nothing but what stood in an intact entry.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kv/internal_key.h"

namespace kv {

class Signposts {
 public:
  static constexpr uint64_t kInterval = 16;

  /// For a table of so many entries, all keys of which begin with `prefix`, a
  /// part of the stored key.
  Signposts(uint64_t entries, std::string prefix);

  /// What a signpost at `key` says: a lower one than that at a key behind it,
  /// or the same. 0 if that cannot be told, since the key begins otherwise.
  uint64_t WordOf(const InternalKey& key) const;

  /// Whether there may be a signpost at the entry with this number.
  static bool IsPlace(uint64_t number) { return number % kInterval == 0; }

  /// A place near the middle, if begin and end are more than kInterval apart;
  /// else the middle.
  static uint64_t Middle(uint64_t begin, uint64_t end);

  /// What is known of the key of the entry with this number; 0: nothing.
  uint64_t At(uint64_t number) const {
    return words_[Place(number)].load(std::memory_order_relaxed);
  }
  void Set(uint64_t number, uint64_t word) {
    words_[Place(number)].store(word, std::memory_order_relaxed);
  }

 private:
  static size_t Place(uint64_t number) {
    return static_cast<size_t>(number / kInterval);
  }

  const std::string prefix_;
  const std::unique_ptr<std::atomic<uint64_t>[]> words_;
};

}  // namespace kv
