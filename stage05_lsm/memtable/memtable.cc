#include "memtable/memtable.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "common/base/check.h"
#include "memtable/arena.h"
#include "memtable/bplus_tree.h"
#include "memtable/skip_list.h"

namespace kv {
namespace {

// One version as it is kept in the arena. The bytes of key and value follow.
class StoredEntry {
 public:
  static const StoredEntry* Create(
      Arena* arena, const InternalKey& key, std::string_view value);

  static constexpr size_t Bytes(size_t key_bytes, size_t value_bytes) {
    return sizeof(StoredEntry) + key_bytes + value_bytes;
  }

  InternalKey Key() const {
    return {space_, {Data(), key_bytes_}, sequence_, kind_};
  }
  std::string_view Value() const { return {Data() + key_bytes_, value_bytes_}; }

 private:
  StoredEntry(const InternalKey& key, std::string_view value);

  char* Data() { return reinterpret_cast<char*>(this + 1); }
  const char* Data() const { return reinterpret_cast<const char*>(this + 1); }

  const uint64_t sequence_;
  const uint32_t key_bytes_;
  const uint32_t value_bytes_;
  const KeySpace space_;
  const RecordKind kind_;
};

StoredEntry::StoredEntry(const InternalKey& key, std::string_view value)
    : sequence_(key.sequence),
      key_bytes_(static_cast<uint32_t>(key.user_key.size())),
      value_bytes_(static_cast<uint32_t>(value.size())),
      space_(key.space),
      kind_(key.kind) {
  // An empty view may have no data at all, which memcpy must not see.
  if (!key.user_key.empty()) {
    std::memcpy(Data(), key.user_key.data(), key.user_key.size());
  }
  if (!value.empty()) {
    std::memcpy(Data() + key_bytes_, value.data(), value.size());
  }
}

const StoredEntry* StoredEntry::Create(
    Arena* arena, const InternalKey& key, std::string_view value) {
  KV_CHECK(
      key.user_key.size() <= UINT32_MAX && value.size() <= UINT32_MAX,
      "a key and a value are below 4 GiB");
  return new (arena->Allocate(Bytes(key.user_key.size(), value.size())))
      StoredEntry(key, value);
}

// What the structures are sorted by.
struct EntryOrder {
  using Target = InternalKey;

  static InternalKey TargetOf(const StoredEntry* entry) { return entry->Key(); }
  static int Compare(const StoredEntry* entry, const InternalKey& target) {
    return kv::Compare(entry->Key(), target);
  }
};

template <typename Position>
class EntryIterator final : public InternalIterator {
 public:
  explicit EntryIterator(const Position& position) : position_(position) {}

  bool Valid() const override { return position_.Valid(); }

  void SeekToFirst() override {
    position_.SeekToFirst();
    ReadKey();
  }

  void SeekToLast() override {
    position_.SeekToLast();
    ReadKey();
  }

  void Seek(const InternalKey& target) override {
    position_.Seek(target);
    ReadKey();
  }

  void SeekForPrev(const InternalKey& target) override {
    position_.SeekForPrev(target);
    ReadKey();
  }

  void Next() override {
    KV_CHECK(Valid(), "Next is called at an entry");
    position_.Next();
    ReadKey();
  }

  void Prev() override {
    KV_CHECK(Valid(), "Prev is called at an entry");
    position_.Prev();
    ReadKey();
  }

  const InternalKey& Key() const override {
    KV_CHECK(Valid(), "Key is called at an entry");
    return key_;
  }

  std::string_view Value() const override {
    KV_CHECK(Valid(), "Value is called at an entry");
    return position_.Get()->Value();
  }

  Status GetStatus() const override { return Status::Ok(); }

 private:
  void ReadKey() {
    if (position_.Valid()) {
      key_ = position_.Get()->Key();
    }
  }

  Position position_;
  InternalKey key_;
};

// A memtable over one of the structures: a template, so that only the calls of
// MemTable itself are virtual, and none for each step of a search.
template <typename Structure>
class MemTableOver final : public MemTable {
 public:
  template <typename... Arguments>
  explicit MemTableOver(Arguments... arguments)
      : entries_(&arena_, arguments...) {}

  void Add(const InternalKey& key, std::string_view value) override {
    entries_.Insert(StoredEntry::Create(&arena_, key, value));
    // One thread writes: nothing comes between the load and the store.
    count_.store(Count() + 1, std::memory_order_relaxed);
  }

  std::optional<Entry> Find(const InternalKey& key) const override {
    typename Structure::Iterator position(&entries_);
    position.Seek(key);
    if (!position.Valid()) {
      return std::nullopt;
    }
    const StoredEntry* const entry = position.Get();
    const InternalKey found = entry->Key();
    if (!IsSameKey(found, key)) {
      return std::nullopt;
    }
    return Entry{found.sequence, found.kind, entry->Value()};
  }

  std::unique_ptr<InternalIterator> NewIterator() const override {
    using Position = typename Structure::Iterator;
    return std::make_unique<EntryIterator<Position>>(Position(&entries_));
  }

  uint64_t Count() const override {
    return count_.load(std::memory_order_relaxed);
  }

  uint64_t Bytes() const override { return arena_.Bytes(); }

  void CheckInvariants() const override {
    entries_.CheckInvariants();
    typename Structure::Iterator position(&entries_);
    uint64_t count = 0;
    InternalKey last;
    for (position.SeekToFirst(); position.Valid(); position.Next()) {
      const InternalKey key = position.Get()->Key();
      KV_CHECK(
          count == 0 || Compare(last, key) < 0,
          "entries are in strictly ascending order");
      last = key;
      ++count;
    }
    KV_CHECK(count == Count(), "the count is that of the entries");
  }

 private:
  Arena arena_;
  Structure entries_;  // in the arena
  std::atomic<uint64_t> count_ = 0;
};

using SkipListOfEntries = SkipList<const StoredEntry*, EntryOrder>;
using BPlusTreeOfEntries = BPlusTree<const StoredEntry*, EntryOrder>;

}  // namespace

std::shared_ptr<MemTable> MemTable::Create(MemTableKind kind, Random* random) {
  switch (kind) {
    case MemTableKind::kSkipList:
      return std::make_shared<MemTableOver<SkipListOfEntries>>(random->Next());
    case MemTableKind::kBPlusTree:
      return std::make_shared<MemTableOver<BPlusTreeOfEntries>>();
  }
  KV_CHECK(false, "the kind of memtable is a known one");
  return nullptr;
}

uint64_t MemTable::EntryBytesMax(size_t key_bytes, size_t value_bytes) {
  constexpr size_t kItemBytesMax = std::max(
      SkipListOfEntries::ItemBytesMax(), BPlusTreeOfEntries::ItemBytesMax());
  const uint64_t bytes =
      Arena::Aligned(StoredEntry::Bytes(key_bytes, value_bytes)) +
      kItemBytesMax;
  return bytes + (bytes + 2) / 3;  // see invariant 3 of Arena
}

}  // namespace kv
