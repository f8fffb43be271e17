#include "memtable/memtable.h"

#include <utility>

#include "common/base/check.h"

namespace kv {

void MemTable::Add(
    uint64_t sequence, RecordKind kind, std::string_view key,
    std::string_view value) {
  ++changes_;
  const auto place = map_.lower_bound(key);
  const bool found = place != map_.end() && place->first == key;
  if (found) {
    KV_CHECK(sequence > place->second.sequence, "writes come in their order");
    bytes_ -= EntryBytes(key.size(), place->second.value.size());
  }
  switch (kind) {
    case RecordKind::kPut:
      bytes_ += EntryBytes(key.size(), value.size());
      if (found) {
        place->second.sequence = sequence;
        place->second.value.assign(value);
      } else {
        map_.emplace_hint(
            place, std::string(key), Entry{sequence, std::string(value)});
      }
      break;
    case RecordKind::kDelete:
      if (found) {
        map_.erase(place);
      }
      break;
  }
}

const MemTable::Entry* MemTable::Find(std::string_view key) const {
  const auto place = map_.find(key);
  return place == map_.end() ? nullptr : &place->second;
}

Status MemTable::ForEach(
    const std::function<Status(std::string_view, const Entry&)>& visit) const {
  for (const auto& [key, entry] : map_) {
    KV_RETURN_IF_ERROR(visit(key, entry));
  }
  return Status::Ok();
}

// A node of the map has three pointers and a colour beside the entry; a string
// that does not fit into its object has a block of its own.
uint64_t MemTable::EntryBytes(size_t key_bytes, size_t value_bytes) {
  constexpr uint64_t kNodeBytes = sizeof(Map::value_type) + 4 * sizeof(void*);
  constexpr uint64_t kBlockBytes = 16;  // what an allocation costs besides
  return kNodeBytes + kBlockBytes + (key_bytes + kBlockBytes) +
      (value_bytes + kBlockBytes);
}

void MemTable::CheckInvariants() const {
  uint64_t bytes = 0;
  for (const auto& [key, entry] : map_) {
    bytes += EntryBytes(key.size(), entry.value.size());
  }
  KV_CHECK(bytes == bytes_, "the bytes are those of the entries");
}

class MemTable::MapIterator : public Iterator {
 public:
  explicit MapIterator(std::shared_ptr<const MemTable> table)
      : table_(std::move(table)),
        changes_(table_->changes_),
        place_(table_->map_.end()) {}

  bool Valid() const override {
    return !Stale() && place_ != table_->map_.end();
  }

  void SeekToFirst() override {
    if (!Stale()) {
      place_ = table_->map_.begin();
    }
  }

  void Seek(std::string_view target) override {
    if (!Stale()) {
      place_ = table_->map_.lower_bound(target);
    }
  }

  void Next() override {
    KV_CHECK(Valid(), "Next is called at an entry");
    ++place_;
  }

  std::string_view Key() const override {
    KV_CHECK(Valid(), "Key is called at an entry");
    return place_->first;
  }

  std::string_view Value() const override {
    KV_CHECK(Valid(), "Value is called at an entry");
    return place_->second.value;
  }

  Status GetStatus() const override {
    if (Stale()) {
      return Status::Aborted(
          "the database was written since this iterator was made; make a new "
          "one");
    }
    return Status::Ok();
  }

 private:
  bool Stale() const { return changes_ != table_->changes_; }

  const std::shared_ptr<const MemTable> table_;
  const uint64_t changes_;  // of the table, when this was made
  Map::const_iterator place_;
};

std::unique_ptr<Iterator> MemTable::NewIterator(
    std::shared_ptr<const MemTable> table) {
  return std::make_unique<MapIterator>(std::move(table));
}

}  // namespace kv
