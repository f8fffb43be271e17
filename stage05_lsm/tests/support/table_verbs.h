#pragma once

// The verbs of the tests that look at the bytes of a table.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/checksum.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "kv/coding.h"
#include "kv/internal_key.h"
#include "support/database_verbs.h"
#include "table/table_builder.h"
#include "table/table_format.h"
#include "table/table_reader.h"

namespace kv {

inline constexpr uint64_t kTableId = 0x0123456789abcdef;
inline constexpr uint64_t kTableBufferBytes = 4096;
inline constexpr TableHeader kTestHeader = {
    .number = 7, .id = kTableId, .last_sequence = kSequenceMax};

/// An entry that owns its bytes.
struct Row {
  Row(uint64_t sequence_number, RecordKind record_kind,
      std::string_view user_key, std::string_view value_bytes,
      KeySpace space = KeySpace::kUser)
      : sequence(sequence_number), kind(record_kind), value(value_bytes) {
    PutStoredKey(&key, space, user_key);
  }
  Row(const InternalKey& internal_key, std::string_view value_bytes)
      : Row(internal_key.sequence, internal_key.kind, internal_key.user_key,
            value_bytes, internal_key.space) {}
  explicit Row(const TableEntry& entry)
      : sequence(entry.sequence),
        kind(entry.kind),
        key(entry.key),
        value(entry.value) {}

  TableEntry Entry() const { return {sequence, kind, key, value}; }
  InternalKey Key() const {
    InternalKey internal_key;
    EXPECT_TRUE(GetStoredKey(key, &internal_key));
    internal_key.sequence = sequence;
    internal_key.kind = kind;
    return internal_key;
  }
  std::string Text() const {
    return Show(key) + (kind == RecordKind::kPut ? "=" : "-") + Show(value) +
        "@" + std::to_string(sequence);
  }

  uint64_t sequence;
  RecordKind kind;
  std::string key;  // as it is stored
  std::string value;
};

inline std::vector<std::string> Texts(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  for (const Row& row : rows) texts.push_back(row.Text());
  return texts;
}

/// The key of the newest version of a user's key.
inline InternalKey Newest(std::string_view user_key) {
  return {.user_key = user_key, .sequence = kSequenceMax};
}

/// What an iterator gave up to the end or the first error.
struct ReadResult {
  std::vector<std::string> rows;
  Status status;  // Ok: the end was reached
};

inline ReadResult ReadForward(InternalIterator& iterator) {
  ReadResult result;
  for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) {
    result.rows.push_back(Row(iterator.Key(), iterator.Value()).Text());
  }
  result.status = iterator.GetStatus();
  return result;
}

/// The last entry comes first.
inline ReadResult ReadBackward(InternalIterator& iterator) {
  ReadResult result;
  for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev()) {
    result.rows.push_back(Row(iterator.Key(), iterator.Value()).Text());
  }
  result.status = iterator.GetStatus();
  return result;
}

/// What Find says: the row, "(none)" or "(error: ...)".
inline std::string Found(const TableReader& table, const InternalKey& key) {
  std::string scratch;
  const Result<std::optional<TableEntry>> entry = table.Find(key, &scratch);
  if (!entry.ok()) return "(error: " + entry.status().ToString() + ")";
  return entry->has_value() ? Row(**entry).Text() : "(none)";
}

/// A table's file in memory.
class TableFile {
 public:
  const std::string& path() const { return path_; }
  MemoryFileSystem& memory() { return memory_; }
  FaultFileSystem& faults() { return faults_; }

  Status TryBuild(
      const std::vector<Row>& rows, uint64_t buffer_bytes = kTableBufferBytes,
      const TableHeader& header = kTestHeader) {
    if (memory_.Exists(path_).value()) {
      MustBeOk(memory_.Remove(path_), "Remove");
    }
    auto file = faults_.OpenForAppend(path_, AppendMode::kCreate);
    MustBeOk(file.status(), "OpenForAppend");
    TableBuilder builder(file->get(), header, buffer_bytes);
    for (const Row& row : rows) builder.Measure(row.Entry());
    for (const Row& row : rows) {
      KV_RETURN_IF_ERROR(builder.Add(row.Entry()));
    }
    return builder.Finish();
  }
  std::string Build(
      const std::vector<Row>& rows, uint64_t buffer_bytes = kTableBufferBytes,
      const TableHeader& header = kTestHeader) {
    MustBeOk(TryBuild(rows, buffer_bytes, header), "building a table");
    return Content();
  }

  std::string Content() {
    Result<std::string> content = ReadFile(&memory_, path_);
    MustBeOk(content.status(), "ReadFile");
    return std::move(content).value();
  }
  void SetContent(std::string_view content) {
    MustBeOk(WriteFile(&memory_, path_, content), "WriteFile");
  }

  Result<std::unique_ptr<TableReader>> TryOpen() {
    return TableReader::Open(&faults_, path_);
  }
  std::unique_ptr<TableReader> Open() {
    Result<std::unique_ptr<TableReader>> table = TryOpen();
    MustBeOk(table.status(), "TableReader::Open");
    return std::move(table).value();
  }

  /// Opens and reads it forward.
  ReadResult Read() {
    auto table = TryOpen();
    if (!table.ok()) return {{}, table.status()};
    return ReadForward(*(*table)->NewIterator());
  }
  ReadResult ReadOf(std::string_view content) {
    SetContent(content);
    return Read();
  }

 private:
  const std::string path_ = "/table";
  MemoryFileSystem memory_;
  FaultFileSystem faults_{&memory_};
};

/// `entries` bytes and an index of `offsets`, all checksums right.
inline std::string MakeTable(
    std::string_view entries, const std::vector<uint64_t>& offsets) {
  std::string index;
  for (const uint64_t offset : offsets) PutFixed64(&index, offset);
  TableHeader header;
  header.entries = offsets.size();
  header.index_offset = kTableHeaderBytes + entries.size();
  header.id = kTableId;
  header.last_sequence = kTestHeader.last_sequence;
  header.index_checksum = Checksum32(index, kTableId + header.index_offset);
  std::string table;
  EncodeTableHeader(header, &table);
  return table.append(entries).append(index);
}

/// As MakeTable, for these rows in this order, whatever it is.
inline std::string MakeTable(const std::vector<Row>& rows) {
  std::string entries;
  std::vector<uint64_t> offsets;
  for (const Row& row : rows) {
    offsets.push_back(kTableHeaderBytes + entries.size());
    EncodeTableEntry(kTableId, offsets.back(), row.Entry(), &entries);
  }
  return MakeTable(entries, offsets);
}

}  // namespace kv
