#include "index/hash_index.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace kv {
namespace {

constexpr size_t kHomesMin = 16;
constexpr size_t kRoomMin = 64;
constexpr uint64_t kLengthUnitBytes = 64;
constexpr unsigned kLengthBits = 16;

}  // namespace

Location HashIndex::Slot::Get() const {
  const uint64_t units = frame_and_length & ((1u << kLengthBits) - 1);
  return {
      frame_and_length >> kLengthBits,
      units * kLengthUnitBytes,
      record,
  };
}

HashIndex::Slot HashIndex::MakeSlot(uint32_t hash, const Location& location) {
  KV_CHECK(
      location.frame > 0 && location.frame <= kFrameOffsetMax,
      "a frame's offset has 48 bits");
  uint64_t units =
      (location.frame_bytes + kLengthUnitBytes - 1) / kLengthUnitBytes;
  if (units >= (1u << kLengthBits)) {
    units = 0;
  }
  return {hash, location.record, (location.frame << kLengthBits) | units};
}

HashIndex::HashIndex() : homes_(kHomesMin), slots_(SlotsFor(kHomesMin)) {}

HashIndex::Candidates HashIndex::Find(uint32_t hash) const {
  size_t slot = Home(hash);
  while (!slots_[slot].IsGap() && slots_[slot].hash < hash) {
    ++slot;
  }
  return Candidates(this, hash, slot);
}

std::optional<Location> HashIndex::Candidates::Next() {
  const Slot& slot = index_->slots_[slot_];
  if (slot.IsGap() || slot.hash != hash_) {
    return std::nullopt;
  }
  ++slot_;
  return slot.Get();
}

void HashIndex::Insert(uint32_t hash, const Location& location) {
  const size_t homes = HomesFor(homes_, size_ + 1);
  if (homes > homes_) {
    Grow(homes);
  }
  const size_t place = Find(hash).slot_;
  size_t gap = place;
  while (!slots_[gap].IsGap()) {
    ++gap;
  }
  if (gap + 1 == slots_.size()) {
    AddRoom();
  }
  const auto begin = slots_.begin();
  std::move_backward(
      begin + static_cast<ptrdiff_t>(place),
      begin + static_cast<ptrdiff_t>(gap),
      begin + static_cast<ptrdiff_t>(gap) + 1);
  slots_[place] = MakeSlot(hash, location);
  ++size_;
}

bool HashIndex::Erase(uint32_t hash, const Location& location) {
  size_t slot = Find(hash).slot_;
  while (!slots_[slot].IsGap() && slots_[slot].hash == hash) {
    if (slots_[slot].Get() == location) {
      // Move what follows one back, up to a gap or an entry that is at home.
      size_t next = slot + 1;
      while (!slots_[next].IsGap() && Home(slots_[next].hash) < next) {
        slots_[next - 1] = slots_[next];
        ++next;
      }
      slots_[next - 1] = Slot();
      --size_;
      return true;
    }
    ++slot;
  }
  return false;
}

// The entries are in order, and so are their new homes: one pass, and each
// goes to its home or behind the one before.
void HashIndex::Grow(size_t homes) {
  homes_ = homes;
  std::vector<Slot> old =
      std::exchange(slots_, std::vector<Slot>(SlotsFor(homes)));
  size_t next = 0;
  for (const Slot& slot : old) {
    if (slot.IsGap()) {
      continue;
    }
    next = std::max(next, Home(slot.hash));
    if (next + 1 == slots_.size()) {
      AddRoom();
    }
    slots_[next] = slot;
    ++next;
  }
}

// Behind the last home, for a run that does not end there.
void HashIndex::AddRoom() {
  slots_.reserve(slots_.size() + kRoomMin);  // exactly, where resize doubles
  slots_.resize(slots_.size() + kRoomMin);
}

uint64_t HashIndex::BytesAfter(size_t entries) const {
  return SlotsFor(HomesFor(homes_, size_ + entries)) * sizeof(Slot);
}

// A quarter more at a time: the array is never less than 72 % full.
size_t HashIndex::HomesFor(size_t homes, size_t entries) {
  while (entries * 100 > homes * kLoadPercentMax) {
    homes += homes / 4;
  }
  return homes;
}

size_t HashIndex::SlotsFor(size_t homes) {
  return homes + homes / 64 + kRoomMin;
}

void HashIndex::CheckInvariants() const {
  KV_CHECK(slots_.back().IsGap(), "invariant 3: the last slot is a gap");
  KV_CHECK(
      size_ * 100 <= homes_ * kLoadPercentMax,
      "invariant 4: the load is below its maximum");
  size_t entries = 0;
  size_t run_begin = 0;
  uint32_t last_hash = 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].IsGap()) {
      run_begin = slot + 1;
      continue;
    }
    const uint32_t hash = slots_[slot].hash;
    KV_CHECK(last_hash <= hash, "invariant 1: sorted by hash");
    KV_CHECK(
        run_begin <= Home(hash) && Home(hash) <= slot,
        "invariant 2: no gap between home and slot");
    last_hash = hash;
    ++entries;
  }
  KV_CHECK(entries == size_, "size counts the entries");
}

}  // namespace kv
