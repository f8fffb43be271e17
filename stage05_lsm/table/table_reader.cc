#include "table/table_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/check.h"
#include "common/base/checksum.h"
#include "kv/coding.h"

namespace kv {

// For the key of an entry, if the file system has no view of it.
struct TableReader::KeyBuffer {
  std::array<char, 256> bytes;
  std::string longer;  // if it does not fit
};

Result<std::unique_ptr<TableReader>> TableReader::Open(
    FileSystem* fs, const std::string& path) {
  std::unique_ptr<TableReader> table(new TableReader(path));
  KV_ASSIGN_OR_RETURN(table->file_, fs->OpenForMappedRead(path));
  KV_ASSIGN_OR_RETURN(table->file_bytes_, table->file_->Size());
  KV_RETURN_IF_ERROR(table->ReadHeader());
  KV_RETURN_IF_ERROR(table->CheckLength());
  KV_RETURN_IF_ERROR(table->ReadIndex());
  KV_RETURN_IF_ERROR(table->MakeSignposts());
  return table;
}

Status TableReader::ReadHeader() {
  if (file_bytes_ < kTableHeaderBytes) {
    return Damaged(0, "the file is shorter than a table's header");
  }
  std::array<char, kTableHeaderBytes> scratch;
  KV_ASSIGN_OR_RETURN(const std::string_view bytes, ReadBytes(0, scratch));
  Result<TableHeader> header = DecodeTableHeader(bytes);
  if (!header.ok()) {
    return header.status().code() == StatusCode::kNotSupported
        ? Status::NotSupported(
              path_ + ": " + std::string(header.status().message()))
        : Damaged(0, header.status().message());
  }
  header_ = *header;
  return Status::Ok();
}

// The header's numbers are checked against the file before anything is
// allocated for them.
Status TableReader::CheckLength() const {
  const uint64_t index_bytes =
      file_bytes_ - std::min(header_.index_offset, file_bytes_);
  if (header_.index_offset < kTableHeaderBytes ||
      header_.index_offset > file_bytes_ ||
      index_bytes / kIndexEntryBytes != header_.entries ||
      index_bytes % kIndexEntryBytes != 0) {
    return Damaged(
        file_bytes_, "the file ends here, which is not what its header says");
  }
  return Status::Ok();
}

Status TableReader::ReadIndex() {
  // Not initialised: where the file system has a view, no byte of it is used.
  const size_t bytes = static_cast<size_t>(header_.entries) * kIndexEntryBytes;
  index_buffer_.reset(new char[bytes]);
  KV_ASSIGN_OR_RETURN(
      index_,
      ReadBytes(
          header_.index_offset, std::span<char>(index_buffer_.get(), bytes)));
  if (index_.data() != index_buffer_.get()) {
    index_buffer_.reset();
  }
  if (Checksum32(index_, header_.id + header_.index_offset) !=
      header_.index_checksum) {
    return Damaged(
        header_.index_offset, "the index does not match its checksum");
  }
  uint64_t before = 0;
  for (uint64_t number = 0; number <= header_.entries; ++number) {
    const uint64_t offset = EntryOffset(number);
    if (number == 0 ? offset != kTableHeaderBytes : offset <= before) {
      return Damaged(
          header_.index_offset, "the index says where no entry can be");
    }
    before = offset;
  }
  return Status::Ok();
}

// Of the entry behind the last: where the index begins.
uint64_t TableReader::EntryOffset(uint64_t number) const {
  if (number == header_.entries) {
    return header_.index_offset;
  }
  std::string_view input =
      index_.substr(static_cast<size_t>(number) * kIndexEntryBytes);
  uint64_t offset = 0;
  const bool whole = GetFixed64(&input, &offset);
  KV_CHECK(whole, "the index has 8 bytes for each entry");
  return offset;
}

// The index was checked by Open; but what lies in a mapped file may be read
// from the disk again.
Result<TableReader::Place> TableReader::FindPlace(uint64_t number) const {
  KV_CHECK(number < header_.entries, "there is an entry with this number");
  const uint64_t begin = EntryOffset(number);
  const uint64_t end = EntryOffset(number + 1);
  if (begin < kTableHeaderBytes || begin >= end || end > header_.index_offset) {
    return Damaged(
        header_.index_offset, "the index has changed since it was opened");
  }
  return Place{begin, end - begin};
}

Result<TableEntry> TableReader::Read(
    uint64_t number, std::string* scratch) const {
  TableEntry entry;
  InternalKey key;
  KV_RETURN_IF_ERROR(ReadEntry(number, scratch, &entry, &key));
  return entry;
}

Result<std::string> TableReader::StoredKey(uint64_t number) const {
  KeyBuffer buffer;
  InternalKey key;
  KV_RETURN_IF_ERROR(ReadKey(number, &buffer, &key));
  std::string stored;
  PutStoredKey(&stored, key.space, key.user_key);
  return stored;
}

Status TableReader::ReadEntry(
    uint64_t number, std::string* scratch, TableEntry* entry,
    InternalKey* key) const {
  KV_ASSIGN_OR_RETURN(const Place place, FindPlace(number));
  const size_t bytes = static_cast<size_t>(place.bytes);
  if (scratch->size() < bytes) {
    scratch->resize(bytes);
  }
  KV_ASSIGN_OR_RETURN(
      const std::string_view content,
      ReadBytes(place.offset, std::span<char>(scratch->data(), bytes)));
  const Result<TableEntry> decoded =
      DecodeTableEntry(header_.id, place.offset, content);
  if (!decoded.ok()) {
    return Damaged(place.offset, decoded.status().message());
  }
  *entry = *decoded;
  return MakeKey(place.offset, *entry, key);
}

// What a search looks at: the value is not read, unless it lies in the first
// bytes.
Status TableReader::ReadKey(
    uint64_t number, KeyBuffer* buffer, InternalKey* key) const {
  KV_ASSIGN_OR_RETURN(const Place place, FindPlace(number));
  const size_t first = static_cast<size_t>(
      std::min<uint64_t>(place.bytes, buffer->bytes.size()));
  KV_ASSIGN_OR_RETURN(
      std::string_view content,
      ReadBytes(place.offset, std::span<char>(buffer->bytes.data(), first)));
  if (first < place.bytes) {
    const uint64_t wanted = TableEntryKeyBytes(content).value_or(0);
    if (wanted > first && wanted <= place.bytes) {
      buffer->longer.resize(static_cast<size_t>(wanted));
      KV_ASSIGN_OR_RETURN(content, ReadBytes(place.offset, buffer->longer));
    }
  }
  const Result<TableEntry> entry =
      DecodeTableEntryKey(header_.id, place.offset, content, place.bytes);
  if (!entry.ok()) {
    return Damaged(place.offset, entry.status().message());
  }
  return MakeKey(place.offset, *entry, key);
}

Status TableReader::MakeKey(
    uint64_t offset, const TableEntry& entry, InternalKey* key) const {
  if (!GetStoredKey(entry.key, key)) {
    return Damaged(offset, "the entry's key does not begin with a key space");
  }
  // No read would see it: its key would seem to be absent.
  if (entry.sequence > header_.last_sequence) {
    return Damaged(
        offset, "the entry's sequence number is above the table's last");
  }
  key->sequence = entry.sequence;
  key->kind = entry.kind;
  return Status::Ok();
}

// What the first and the last key begin with, all others between them begin
// with too. If one of these is damaged, the table does without signposts: it
// still has the others.
Status TableReader::MakeSignposts() {
  if (header_.entries <= Signposts::kInterval) {
    return Status::Ok();
  }
  KeyBuffer buffer;
  std::array<std::string, 2> ends;
  for (const bool last : {false, true}) {
    InternalKey key;
    const Status status =
        ReadKey(last ? header_.entries - 1 : 0, &buffer, &key);
    if (!status.ok()) {
      return status.code() == StatusCode::kCorruption ? Status::Ok() : status;
    }
    PutStoredKey(&ends[last], key.space, key.user_key);
  }
  const auto difference = std::mismatch(
      ends[0].begin(), ends[0].end(), ends[1].begin(), ends[1].end());
  std::string prefix(ends[0].begin(), difference.first);
  signposts_ = std::make_unique<Signposts>(header_.entries, std::move(prefix));
  return Status::Ok();
}

// Invariant: what stands before `begin` stands before the target, and what
// stands at `end` or behind it does not.
Result<TableReader::Position> TableReader::Search(
    const InternalKey& target) const {
  const uint64_t word = signposts_ == nullptr ? 0 : signposts_->WordOf(target);
  KeyBuffer buffer;
  InternalKey key;
  uint64_t begin = 0;
  uint64_t end = header_.entries;
  Position position;
  while (begin < end) {
    const uint64_t middle = Signposts::Middle(begin, end);
    const bool has_signpost = word != 0 && Signposts::IsPlace(middle);
    if (has_signpost) {
      const uint64_t known = signposts_->At(middle);
      if (known != 0 && known != word) {
        if (known < word) {
          begin = middle + 1;
        } else {
          end = middle;
        }
        continue;
      }
    }
    KV_RETURN_IF_ERROR(ReadKey(middle, &buffer, &key));
    if (has_signpost) {
      signposts_->Set(middle, signposts_->WordOf(key));
    }
    if (Compare(key, target) < 0) {
      begin = middle + 1;
    } else {
      end = middle;
      position.is_key = IsSameKey(key, target);
      position.sequence = key.sequence;
    }
  }
  position.number = end;
  return position;
}

Result<uint64_t> TableReader::LowerBound(const InternalKey& target) const {
  KV_ASSIGN_OR_RETURN(const Position position, Search(target));
  return position.number;
}

Result<std::optional<TableEntry>> TableReader::Find(
    const InternalKey& key, std::string* scratch) const {
  KV_ASSIGN_OR_RETURN(const Position position, Search(key));
  if (!position.is_key) {
    return std::optional<TableEntry>();
  }
  KV_ASSIGN_OR_RETURN(const TableEntry entry, Read(position.number, scratch));
  return std::optional<TableEntry>(entry);
}

// As many bytes as `scratch` has, which the file has too.
Result<std::string_view> TableReader::ReadBytes(
    uint64_t offset, std::span<char> scratch) const {
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes, file_->ReadAt(offset, scratch));
  if (bytes.size() < scratch.size()) {
    return Status::IoError(
        path_ + ": a read gave fewer bytes than the file has; try again");
  }
  return bytes;
}

Status TableReader::Damaged(uint64_t offset, std::string_view what) const {
  return Status::Corruption(
      path_ + " at offset " + std::to_string(offset) + ": " +
      std::string(what));
}

// Two buffers take turns, so that the key of the entry before is still there
// to be compared.
class TableReader::EntryIterator : public InternalIterator {
 public:
  explicit EntryIterator(const TableReader* table) : table_(table) {}

  bool Valid() const override { return valid_; }

  void SeekToFirst() override { MoveTo(0); }
  void SeekToLast() override { MoveTo(EntriesEnd() - 1); }

  void Seek(const InternalKey& target) override {
    const Result<Position> position = table_->Search(target);
    if (position.ok()) {
      MoveTo(position->number);
    } else {
      Stop(position.status());
    }
  }

  void SeekForPrev(const InternalKey& target) override {
    const Result<Position> position = table_->Search(target);
    if (!position.ok()) {
      Stop(position.status());
      return;
    }
    const bool is_target =
        position->is_key && position->sequence == target.sequence;
    MoveTo(is_target ? position->number : position->number - 1);
  }

  void Next() override {
    KV_CHECK(valid_, "Next is for an iterator that is at an entry");
    const InternalKey before = key_;
    MoveTo(number_ + 1);
    CheckOrder(before, key_);
  }

  void Prev() override {
    KV_CHECK(valid_, "Prev is for an iterator that is at an entry");
    const InternalKey behind = key_;
    MoveTo(number_ - 1);
    CheckOrder(key_, behind);
  }

  const InternalKey& Key() const override {
    KV_CHECK(valid_, "Key is for an iterator that is at an entry");
    return key_;
  }

  std::string_view Value() const override {
    KV_CHECK(valid_, "Value is for an iterator that is at an entry");
    return value_;
  }

  Status GetStatus() const override { return status_; }

 private:
  uint64_t EntriesEnd() const { return table_->header_.entries; }

  // To the entry with this number, or to none if there is no such entry: 0 - 1
  // is none either.
  void MoveTo(uint64_t number) {
    if (number >= EntriesEnd()) {
      Stop(Status::Ok());
      return;
    }
    number_ = number;
    turn_ = 1 - turn_;
    TableEntry entry;
    status_ = table_->ReadEntry(number, &scratch_[turn_], &entry, &key_);
    valid_ = status_.ok();
    value_ = entry.value;
  }

  void CheckOrder(const InternalKey& before, const InternalKey& behind) {
    // A table has one version of a key, so the oldest that `before` could have
    // stands before `behind` too.
    const InternalKey oldest{before.space, before.user_key, 0, before.kind};
    if (valid_ && Compare(oldest, behind) >= 0) {
      Stop(table_->Damaged(
          table_->EntryOffset(number_),
          "the entry's key does not stand in its order"));
    }
  }

  void Stop(const Status& status) {
    valid_ = false;
    status_ = status;
  }

  const TableReader* const table_;
  bool valid_ = false;
  Status status_;
  uint64_t number_ = 0;
  InternalKey key_;
  std::string_view value_;
  std::array<std::string, 2> scratch_;
  size_t turn_ = 0;
};

std::unique_ptr<InternalIterator> TableReader::NewIterator() const {
  return std::make_unique<EntryIterator>(this);
}

}  // namespace kv
