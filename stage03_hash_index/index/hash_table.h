#pragma once

// A hash table of our own: byte strings to byte strings, by open addressing
// with Robin Hood probing.
//
// A bucket holds the hash of a key and owns one entry; an entry is a single
// allocation with key and value one after another. A key may stand in its home
// bucket (its hash modulo the number of buckets) or after it, wrapping round
// at the end. An insertion that meets a key nearer to its home than the new
// one would be takes that place and moves the rest of the run one on; so a
// search may stop at the first bucket whose key is nearer to its home than the
// search has come, and a removal closes the gap by moving the run one back.
// There are no tombstones, and nothing rots.
//
// Threads: one at a time; several may read while none writes.
// Ownership: a view returned by Find lives until the next Insert, Erase or
//   the end of the table.
// Invariants (CheckInvariants):
//   1. The number of buckets is a power of two.
//   2. At most kLoadPercentMax of the buckets are full, so a search ends.
//   3. From one bucket to the next, the distance from home grows by at most
//      one; an empty bucket counts as distance -1.
//   4. size and bytes are those of the entries that are there.
// Limits: keys and values below 4 GiB.
// Source: Celis, Robin Hood Hashing (1986), sections 2 and 3; the removal is
//   the one of linear probing, Knuth, volume 3, section 6.4, algorithm R.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/hash.h"

namespace kv {

class HashTable {
 public:
  static constexpr size_t kBucketsMin = 16;
  static constexpr size_t kLoadPercentMax = 80;

  /// `seed` should be secret and random: then nobody can choose keys that
  /// collide. `buckets` is rounded up to a power of two.
  explicit HashTable(uint64_t seed, size_t buckets = kBucketsMin);

  /// The value of `key`, or nothing.
  std::optional<std::string_view> Find(std::string_view key) const;

  /// Sets the value of `key`. True if the key is new.
  bool Insert(std::string_view key, std::string_view value);

  /// Removes `key`. False if it was not there.
  bool Erase(std::string_view key);

  /// Calls `visit` for each entry, in no particular order.
  void ForEach(
      const std::function<void(std::string_view key, std::string_view value)>&
          visit) const;

  size_t Size() const { return size_; }

  /// Memory in use, in bytes: all entries and the array of buckets.
  uint64_t Bytes() const { return entry_bytes_ + BucketBytes(buckets_.size()); }

  /// What Bytes() would be after `entries` new keys whose entries take
  /// `entry_bytes` together (see EntryBytes).
  uint64_t BytesAfter(size_t entries, uint64_t entry_bytes) const;

  /// The memory that the entry of such a key and value takes.
  static uint64_t EntryBytes(size_t key_bytes, size_t value_bytes);

  /// Check-fails unless the numbered invariants hold. Linear time.
  void CheckInvariants() const;

 private:
  struct Entry {  // the bytes of key and value follow
    uint32_t key_bytes;
    uint32_t value_bytes;

    char* Data() { return reinterpret_cast<char*>(this + 1); }
    const char* Data() const { return reinterpret_cast<const char*>(this + 1); }
    std::string_view Key() const { return {Data(), key_bytes}; }
    std::string_view Value() const { return {Data() + key_bytes, value_bytes}; }
  };
  struct EntryDeleter {
    void operator()(Entry* entry) const { ::operator delete(entry); }
  };
  using EntryPtr = std::unique_ptr<Entry, EntryDeleter>;

  struct Bucket {
    uint64_t hash = 0;
    EntryPtr entry;  // null: the bucket is empty
  };

  struct Position {
    size_t bucket;
    bool found;  // false: `bucket` is where the key belongs
  };

  static EntryPtr NewEntry(std::string_view key, std::string_view value);
  static uint64_t BucketBytes(size_t buckets);
  static size_t BucketsFor(size_t buckets, size_t entries);

  uint64_t Hash(std::string_view key) const { return HashBytes(key, seed_); }
  size_t Next(size_t bucket) const { return (bucket + 1) & mask_; }
  // How far the bucket is from the home of the key that stands in it.
  size_t Distance(size_t bucket) const {
    return (bucket - static_cast<size_t>(buckets_[bucket].hash)) & mask_;
  }

  Position Locate(std::string_view key, uint64_t hash) const;
  void PlaceAt(size_t bucket, uint64_t hash, EntryPtr entry);
  void RemoveAt(size_t bucket);
  void Grow(size_t buckets);

  const uint64_t seed_;
  std::vector<Bucket> buckets_;
  size_t mask_;
  size_t size_ = 0;
  uint64_t entry_bytes_ = 0;
};

}  // namespace kv
