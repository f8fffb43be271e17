#pragma once

// Where in the log the value of a key stands: hashes of keys to locations.
//
// The keys themselves stay on disk. Two keys may have the same hash, and then
// both locations are here: who looks one up reads the record and compares.
//
// The slots are an array with gaps, sorted by hash. A hash has a home, its
// share of the array: hash * homes / 2^32. It stands at its home, or after it
// if that is taken; a run of full slots is sorted. So a search walks from the
// home until it meets a larger hash or a gap, an insertion moves the rest of
// its run one on, and a removal closes the gap.
//
// Threads: one at a time; several may read while none writes.
// Invariants (CheckInvariants):
//   1. From one full slot to the next, the hash never gets smaller.
//   2. Between a hash's home and its slot there is no gap.
//   3. The last slot is a gap, so every walk ends.
//   4. At most kLoadPercentMax of the homes are in use. The array never gets
//      smaller; while entries are only inserted, and their hashes differ, at
//      least 70 % of the homes are in use (from 1,000 entries on), and an entry
//      takes at most 24 bytes. A test looks at that half of it.
// Source: linear probing in sorted order, Amble and Knuth, Ordered Hash Tables
//   (1974).

#include <cstdint>
#include <optional>
#include <vector>

namespace kv {

/// A record in the log.
struct Location {
  uint64_t frame = 0;  ///< offset of its frame in the file
  uint64_t frame_bytes = 0;  ///< at least the frame's length, if it is known
  uint32_t record = 0;  ///< offset of the operation in the payload

  bool operator==(const Location& other) const {
    return frame == other.frame && record == other.record;
  }
};

class HashIndex {
 public:
  static constexpr size_t kLoadPercentMax = 90;
  static constexpr uint64_t kFrameOffsetMax = (uint64_t{1} << 48) - 1;

  HashIndex();

  /// Walks over the locations of one hash.
  class Candidates {
   public:
    /// The next location, or nothing. The index must not have changed.
    std::optional<Location> Next();

   private:
    friend class HashIndex;
    Candidates(const HashIndex* index, uint32_t hash, size_t slot)
        : index_(index), hash_(hash), slot_(slot) {}

    const HashIndex* index_;
    uint32_t hash_;
    size_t slot_;
  };
  Candidates Find(uint32_t hash) const;

  /// Adds an entry. The frame's offset is above 0, at most kFrameOffsetMax.
  void Insert(uint32_t hash, const Location& location);

  /// Removes the entry with this location. False if there is none.
  bool Erase(uint32_t hash, const Location& location);

  size_t Size() const { return size_; }

  /// Memory in use, in bytes.
  uint64_t Bytes() const { return slots_.capacity() * sizeof(Slot); }

  /// What Bytes() would be after `entries` insertions.
  uint64_t BytesAfter(size_t entries) const;

  /// Check-fails unless the numbered invariants hold. Linear time.
  void CheckInvariants() const;

 private:
  // 16 bytes. The length is in units of 64 bytes, rounded up; 0 is not known.
  struct Slot {
    uint32_t hash = 0;
    uint32_t record = 0;
    uint64_t frame_and_length = 0;  // 48 bits, 16 bits; 0: a gap

    bool IsGap() const { return frame_and_length == 0; }
    Location Get() const;
  };

  static Slot MakeSlot(uint32_t hash, const Location& location);
  // The homes that an array of `homes` homes has come to when it holds
  // `entries`: a quarter more at a time, as often as the load asks for it. So
  // many insertions at once and one by one come to the same number.
  static size_t HomesFor(size_t homes, size_t entries);
  static size_t SlotsFor(size_t homes);

  size_t Home(uint32_t hash) const {
    return static_cast<size_t>((uint64_t{hash} * homes_) >> 32);
  }
  void Grow(size_t homes);
  void AddRoom();  // kRoomMin slots more, and no memory beyond them

  size_t homes_;
  std::vector<Slot> slots_;  // the homes, and room for the last run
  size_t size_ = 0;
};

}  // namespace kv
