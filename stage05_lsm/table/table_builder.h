#pragma once

// Writes a table.
//
// Contract: Measure every entry, in ascending order of keys; then Add the same
//   entries in the same order; then Finish. The header stands first and says
//   where the index is, and a file only grows at its end: so the lengths must
//   be known before the first byte is written.
// Threads: one at a time.
// Durability: none; after Finish the caller syncs the file, and then its name.
// Errors: those of the file; the table is useless afterwards.
// Format: docs/format/table.md

#include <cstdint>
#include <string>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "table/table_format.h"

namespace kv {

class TableBuilder {
 public:
  /// Writes to `file`, which is empty, about `write_buffer_bytes` at once. Of
  /// `header`, number, id and last_sequence are the caller's.
  TableBuilder(
      AppendFile* file, const TableHeader& header, uint64_t write_buffer_bytes);

  void Measure(const TableEntry& entry);
  Status Add(const TableEntry& entry);
  Status Finish();

 private:
  void WriteHeader();
  Status WriteBuffer(uint64_t bytes_min);

  AppendFile* const file_;
  TableHeader header_;
  const uint64_t write_buffer_bytes_;
  std::string index_;  // as it will stand in the file
  std::string last_key_;  // of the last Add
  uint64_t added_ = 0;
  uint64_t offset_ = 0;  // of the end of the buffer in the file
  std::string buffer_;  // what is not written yet
};

}  // namespace kv
