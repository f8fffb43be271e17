#pragma once

// Finds and reads the entries of a table, in place.
//
// Contract: Open; the file must not change while it is open.
// Threads: any, once it is open.
// Ownership: an entry's views lie in `*scratch` or in memory of the file; they
//   live until `*scratch` changes or the reader ends.
// Errors: Corruption, with file and offset, for bytes that are not what was
//   written; NotSupported for a newer format; IoError.
// Limits: keeps the index in memory only if the file system cannot give a view
//   of it, and half a byte an entry for its signposts.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "kv/internal_iterator.h"
#include "kv/internal_key.h"
#include "table/signposts.h"
#include "table/table_format.h"

namespace kv {

class TableReader {
 public:
  /// Reads header and index of the table at `path`.
  static Result<std::unique_ptr<TableReader>> Open(
      FileSystem* fs, const std::string& path);

  const TableHeader& Header() const { return header_; }
  uint64_t FileBytes() const { return file_bytes_; }

  /// The entry with this number, counted from 0; number < Header().entries.
  Result<TableEntry> Read(uint64_t number, std::string* scratch) const;

  /// The stored key of that entry; the value is not read.
  Result<std::string> StoredKey(uint64_t number) const;

  /// The number of the first entry that does not stand before `target`;
  /// Header().entries if there is none.
  Result<uint64_t> LowerBound(const InternalKey& target) const;

  /// The newest version of `key`'s user key that is not above its sequence;
  /// nothing if the table has none. A delete is found as an entry of that
  /// kind.
  Result<std::optional<TableEntry>> Find(
      const InternalKey& key, std::string* scratch) const;

  /// Over all entries; lives no longer than the reader.
  std::unique_ptr<InternalIterator> NewIterator() const;

 private:
  class EntryIterator;
  struct KeyBuffer;

  // Where a search ended.
  struct Position {
    uint64_t number = 0;
    bool is_key = false;  // whether the entry there has the target's key
    uint64_t sequence = 0;  // of that entry
  };

  // Of an entry in the file.
  struct Place {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };

  explicit TableReader(std::string path) : path_(std::move(path)) {}

  Status ReadHeader();
  Status CheckLength() const;
  Status ReadIndex();
  Status MakeSignposts();
  uint64_t EntryOffset(uint64_t number) const;
  Result<Place> FindPlace(uint64_t number) const;
  Result<Position> Search(const InternalKey& target) const;
  Status ReadKey(uint64_t number, KeyBuffer* buffer, InternalKey* key) const;
  Status ReadEntry(
      uint64_t number, std::string* scratch, TableEntry* entry,
      InternalKey* key) const;
  Status MakeKey(
      uint64_t offset, const TableEntry& entry, InternalKey* key) const;
  Result<std::string_view> ReadBytes(
      uint64_t offset, std::span<char> scratch) const;
  Status Damaged(uint64_t offset, std::string_view what) const;

  const std::string path_;
  std::unique_ptr<RandomFile> file_;
  uint64_t file_bytes_ = 0;
  TableHeader header_;
  std::unique_ptr<char[]> index_buffer_;  // if the file system has no view
  std::string_view index_;
  std::unique_ptr<Signposts> signposts_;  // none for a small table
};

}  // namespace kv
