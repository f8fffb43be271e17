#include "index/hash_table.h"

#include <cstring>
#include <new>
#include <utility>

#include "common/base/check.h"

namespace kv {

HashTable::HashTable(uint64_t seed, size_t buckets) : seed_(seed) {
  size_t count = kBucketsMin;
  while (count < buckets) {
    count *= 2;
  }
  buckets_.resize(count);
  mask_ = count - 1;
}

// Walks from the key's home. Robin Hood order (invariant 3) bounds the walk: a
// bucket that is empty, or whose key is nearer to its own home than we have
// come, proves that the key is not further on.
HashTable::Position HashTable::Locate(
    std::string_view key, uint64_t hash) const {
  size_t bucket = static_cast<size_t>(hash) & mask_;
  for (size_t distance = 0;; ++distance) {
    const Bucket& candidate = buckets_[bucket];
    if (candidate.entry == nullptr || Distance(bucket) < distance) {
      return {bucket, false};
    }
    if (candidate.hash == hash && candidate.entry->Key() == key) {
      return {bucket, true};
    }
    bucket = Next(bucket);
  }
}

std::optional<std::string_view> HashTable::Find(std::string_view key) const {
  const Position position = Locate(key, Hash(key));
  if (!position.found) {
    return std::nullopt;
  }
  return buckets_[position.bucket].entry->Value();
}

bool HashTable::Insert(std::string_view key, std::string_view value) {
  const uint64_t hash = Hash(key);
  Position position = Locate(key, hash);
  // The new entry first: `key` and `value` may be views into the old one.
  EntryPtr entry = NewEntry(key, value);
  entry_bytes_ += EntryBytes(key.size(), value.size());
  if (position.found) {
    EntryPtr& old = buckets_[position.bucket].entry;
    entry_bytes_ -= EntryBytes(old->key_bytes, old->value_bytes);
    old = std::move(entry);
    return false;
  }
  const size_t buckets = BucketsFor(buckets_.size(), size_ + 1);
  if (buckets > buckets_.size()) {
    Grow(buckets);
    position = Locate(entry->Key(), hash);
  }
  PlaceAt(position.bucket, hash, std::move(entry));
  ++size_;
  return true;
}

// Puts an entry into a bucket and moves the run that stands there one on, up
// to the first empty bucket. Each key that moves is one further from its home,
// and so is its new neighbour: the order stays.
void HashTable::PlaceAt(size_t bucket, uint64_t hash, EntryPtr entry) {
  Bucket moving{hash, std::move(entry)};
  while (moving.entry != nullptr) {
    std::swap(moving, buckets_[bucket]);
    bucket = Next(bucket);
  }
}

// Makes room by moving every entry to a new, larger array. The hashes are in
// the buckets, so no key is read.
void HashTable::Grow(size_t buckets) {
  std::vector<Bucket> old =
      std::exchange(buckets_, std::vector<Bucket>(buckets));
  mask_ = buckets - 1;
  for (Bucket& from : old) {
    if (from.entry == nullptr) {
      continue;
    }
    size_t bucket = static_cast<size_t>(from.hash) & mask_;
    for (size_t distance = 0;
         buckets_[bucket].entry != nullptr && Distance(bucket) >= distance;
         ++distance) {
      bucket = Next(bucket);
    }
    PlaceAt(bucket, from.hash, std::move(from.entry));
  }
}

bool HashTable::Erase(std::string_view key) {
  const Position position = Locate(key, Hash(key));
  if (!position.found) {
    return false;
  }
  const Entry& entry = *buckets_[position.bucket].entry;
  entry_bytes_ -= EntryBytes(entry.key_bytes, entry.value_bytes);
  --size_;
  RemoveAt(position.bucket);
  return true;
}

// Empties a bucket and moves the run behind it one back, up to the first
// bucket that is empty or whose key is at home.
void HashTable::RemoveAt(size_t bucket) {
  buckets_[bucket].entry = nullptr;
  for (size_t next = Next(bucket);
       buckets_[next].entry != nullptr && Distance(next) > 0;
       next = Next(next)) {
    std::swap(buckets_[bucket], buckets_[next]);
    bucket = next;
  }
}

void HashTable::ForEach(
    const std::function<void(std::string_view key, std::string_view value)>&
        visit) const {
  for (const Bucket& bucket : buckets_) {
    if (bucket.entry != nullptr) {
      visit(bucket.entry->Key(), bucket.entry->Value());
    }
  }
}

uint64_t HashTable::BytesAfter(size_t entries, uint64_t entry_bytes) const {
  return entry_bytes_ + entry_bytes +
      BucketBytes(BucketsFor(buckets_.size(), size_ + entries));
}

uint64_t HashTable::EntryBytes(size_t key_bytes, size_t value_bytes) {
  return sizeof(Entry) + key_bytes + value_bytes;
}

HashTable::EntryPtr HashTable::NewEntry(
    std::string_view key, std::string_view value) {
  KV_CHECK(
      key.size() <= UINT32_MAX && value.size() <= UINT32_MAX,
      "keys and values are below 4 GiB");
  void* memory = ::operator new(EntryBytes(key.size(), value.size()));
  EntryPtr entry(new (memory) Entry{
      static_cast<uint32_t>(key.size()),
      static_cast<uint32_t>(value.size()),
  });
  // memcpy takes no null, not even for no bytes; an empty view may be one.
  if (!key.empty()) {
    std::memcpy(entry->Data(), key.data(), key.size());
  }
  if (!value.empty()) {
    std::memcpy(entry->Data() + key.size(), value.data(), value.size());
  }
  return entry;
}

uint64_t HashTable::BucketBytes(size_t buckets) {
  return buckets * sizeof(Bucket);
}

// The number of buckets that `entries` need, from `buckets` upwards.
size_t HashTable::BucketsFor(size_t buckets, size_t entries) {
  while (entries * 100 > buckets * kLoadPercentMax) {
    buckets *= 2;
  }
  return buckets;
}

void HashTable::CheckInvariants() const {
  KV_CHECK((buckets_.size() & mask_) == 0, "invariant 1: a power of two");
  KV_CHECK(
      size_ * 100 <= buckets_.size() * kLoadPercentMax,
      "invariant 2: the load is below its maximum");
  size_t entries = 0;
  uint64_t bytes = 0;
  for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    const EntryPtr& entry = buckets_[bucket].entry;
    const size_t next = Next(bucket);
    if (buckets_[next].entry != nullptr) {
      const size_t distance_max = entry == nullptr ? 0 : Distance(bucket) + 1;
      KV_CHECK(
          Distance(next) <= distance_max,
          "invariant 3: a key's distance grows by at most one a bucket");
    }
    if (entry != nullptr) {
      KV_CHECK(
          buckets_[bucket].hash == Hash(entry->Key()),
          "the bucket holds the hash of its key");
      ++entries;
      bytes += EntryBytes(entry->key_bytes, entry->value_bytes);
    }
  }
  KV_CHECK(entries == size_, "invariant 4: size counts the entries");
  KV_CHECK(bytes == entry_bytes_, "invariant 4: bytes are the entries' bytes");
}

}  // namespace kv
