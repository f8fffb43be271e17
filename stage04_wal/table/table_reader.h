#pragma once

// Reads a table from its first entry to its last.
//
// Contract: Open, then Next until it returns false or an error. After
//   Corruption from Next, another Next goes on with the entry behind.
// Threads: one at a time.
// Ownership: an entry's views live until the next call.
// Errors: Corruption, with file and offset, for bytes that are not what was
//   written; NotSupported for a newer format; IoError.
// Limits: memory for the index and one window; never more than the file is
//   long.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "table/table_format.h"

namespace kv {

class TableReader {
 public:
  /// Reads header and index of the table at `path`, and later about
  /// `read_buffer_bytes` at once.
  static Result<std::unique_ptr<TableReader>> Open(
      FileSystem* fs, const std::string& path, uint64_t read_buffer_bytes);

  /// As Open, but goes by the lengths of the entries instead of the index: for
  /// a table whose end is damaged or missing. Header() then tells of the
  /// entries before the first one that is damaged.
  static Result<std::unique_ptr<TableReader>> OpenWithoutIndex(
      FileSystem* fs, const std::string& path, uint64_t read_buffer_bytes);

  const TableHeader& Header() const { return header_; }

  /// True: `*entry` is the next one. False: there are no more.
  Result<bool> Next(TableEntry* entry);

  /// Where the next entry begins, or the last one ends.
  uint64_t Offset() const { return EntryOffset(next_); }

 private:
  TableReader(std::string path, uint64_t read_buffer_bytes)
      : path_(std::move(path)), read_buffer_bytes_(read_buffer_bytes) {}

  Status ReadHeader();
  Status CheckLength() const;
  Status ReadIndex();
  Status FindEntries();
  uint64_t EntryOffset(uint64_t entry) const;
  Result<std::string_view> Read(uint64_t offset, uint64_t bytes);
  Status Damaged(uint64_t offset, std::string_view what) const;

  const std::string path_;
  const uint64_t read_buffer_bytes_;
  std::unique_ptr<RandomFile> file_;
  uint64_t file_bytes_ = 0;
  TableHeader header_;
  std::string index_;
  uint64_t next_ = 0;  // the number of the next entry
  std::string last_key_;
  std::string buffer_;
  std::string_view window_;  // what was read last
  uint64_t window_offset_ = 0;
};

}  // namespace kv
