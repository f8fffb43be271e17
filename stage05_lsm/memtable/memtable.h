#pragma once

// The newest writes, every version of them, sorted, in memory.
//
// Threads: one writer. With MemTableKind::kSkipList any number of readers
//   beside it (memtable/skip_list.h says why that is safe); with kBPlusTree no
//   reader while Add runs.
// Ownership: what Find and an iterator return are views into the memtable;
//   they live as long as it does.
// Invariants:
//   1. Entries are in strictly ascending order of Compare (kv/internal_key.h).
//   2. No entry is ever changed or removed.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/random.h"
#include "kv/internal_iterator.h"
#include "kv/internal_key.h"
#include "kv/options.h"

namespace kv {

class MemTable {
 public:
  struct Entry {
    uint64_t sequence = 0;
    RecordKind kind = RecordKind::kPut;
    std::string_view value;
  };

  /// What a memtable without entries takes at most.
  static constexpr uint64_t kEmptyBytesMax = 1024;

  /// `random` gives the seed of a skip list's heights.
  static std::shared_ptr<MemTable> Create(MemTableKind kind, Random* random);

  virtual ~MemTable() = default;
  MemTable(const MemTable&) = delete;
  MemTable& operator=(const MemTable&) = delete;

  /// Adds a version. It is not there yet.
  virtual void Add(const InternalKey& key, std::string_view value) = 0;

  /// The newest version of `key`'s user key that is not above its sequence;
  /// nothing if there is none. A delete is found as an entry of that kind.
  virtual std::optional<Entry> Find(const InternalKey& key) const = 0;

  /// Lives no longer than the memtable. Adding leaves it at its entry; what is
  /// added behind where it stands, it meets.
  virtual std::unique_ptr<InternalIterator> NewIterator() const = 0;

  /// How many versions there are.
  virtual uint64_t Count() const = 0;

  /// Memory in use by entries, in bytes; of a block that is not full yet only
  /// what is taken.
  virtual uint64_t Bytes() const = 0;

  /// What one entry takes at most, in bytes: Bytes() is at most the sum of this
  /// over all entries, and kEmptyBytesMax. (What one Add takes may be more: it
  /// may begin a node that others go on to fill.)
  static uint64_t EntryBytesMax(size_t key_bytes, size_t value_bytes);

  /// Checks the invariants, those of the structure too.
  virtual void CheckInvariants() const = 0;

 protected:
  MemTable() = default;
};

}  // namespace kv
