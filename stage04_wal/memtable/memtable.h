#pragma once

// The newest value of every key, sorted, in memory.
//
// Threads: one at a time.
// Invariants:
//   1. Each key is there once; one that was deleted is not there.
//   2. Bytes() is the sum of EntryBytes over the entries.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "kv/iterator.h"
#include "kv/record_kind.h"

namespace kv {

class MemTable {
 public:
  struct Entry {
    uint64_t sequence = 0;
    std::string value;
  };

  /// Makes what the write with this sequence number says the newest of `key`;
  /// the number is above that of every write before.
  void Add(
      uint64_t sequence, RecordKind kind, std::string_view key,
      std::string_view value);

  /// The entry of `key`, until it is next changed; null if there is none.
  const Entry* Find(std::string_view key) const;

  /// Calls `visit` for every entry in ascending order of keys, until it
  /// returns an error.
  Status ForEach(
      const std::function<Status(std::string_view key, const Entry& entry)>&
          visit) const;

  uint64_t Count() const { return map_.size(); }

  /// Memory in use, in bytes.
  uint64_t Bytes() const { return bytes_; }

  /// What an entry of these lengths takes.
  static uint64_t EntryBytes(size_t key_bytes, size_t value_bytes);

  /// Over the entries of `table`, which lives as long as the iterator. The
  /// next Add ends its validity: it is then at no entry, and its status is
  /// Aborted.
  static std::unique_ptr<Iterator> NewIterator(
      std::shared_ptr<const MemTable> table);

  /// Checks the invariants.
  void CheckInvariants() const;

 private:
  class MapIterator;

  // std::string compares as unsigned bytes; std::less<> takes views too.
  using Map = std::map<std::string, Entry, std::less<>>;

  Map map_;
  uint64_t bytes_ = 0;
  uint64_t changes_ = 0;
};

}  // namespace kv
