#pragma once

// The bytes of a table: sorted entries, and where each of them begins.
//
// Format: docs/format/table.md. All integers are little-endian.
//
//   header            offset  size
//     magic                0     4  0x0000db01
//     version              4     4  1
//     entries              8     8  how many there are
//     index offset        16     8
//     number              24     8  ties the content to its place: the number
//                                   in the file's name
//     id                  32     8  random: no two tables have the same
//     last sequence       40     8  of the writes that are in the table
//     index checksum      48     4  of the index, seeded with its place
//     header checksum     52     4  of bytes 0 to 51, seeded with version
//   entries               56
//   index                          for each entry 8 bytes: where it begins
//
//   entry
//     key checksum         0     4  of what follows up to the value
//     value checksum       4     4  of the value
//     kind                 8     1  RecordKind
//     sequence             9        varint64
//     key bytes                     varint32
//     value bytes                   varint32
//     key, value                  the key is a stored key: kv/internal_key.h
//
// Checksums are seeded with the place: the table's id plus the offset in the
// file. The key has its own, so that a search need not read the values.
// Invariants:
//   1. Keys are in strictly ascending order, compared as unsigned bytes: there
//      is one version of each.
//   2. The first entry begins at byte 56, each other one where the one before
//      ends, and the index where the last one ends.
//   3. The index ends where the file ends.
//   4. No entry's sequence number is above the header's last sequence.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "kv/record_kind.h"

namespace kv {

inline constexpr size_t kTableHeaderBytes = 56;
inline constexpr size_t kIndexEntryBytes = 8;
inline constexpr uint32_t kTableMagic = 0xdb01;
inline constexpr uint32_t kTableVersion = 1;

struct TableHeader {
  uint64_t entries = 0;
  uint64_t index_offset = kTableHeaderBytes;
  uint64_t number = 0;
  uint64_t id = 0;
  uint64_t last_sequence = 0;
  uint32_t index_checksum = 0;
};

struct TableEntry {
  uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string_view key;
  std::string_view value;
};

/// Appends the 56 bytes of a header.
void EncodeTableHeader(const TableHeader& header, std::string* output);

/// Errors: Corruption if the bytes are not a table's header or are damaged, or
/// if a number in them is above the largest; NotSupported if they have another
/// version.
Result<TableHeader> DecodeTableHeader(std::string_view bytes);

/// Appends an entry that will stand at `offset` of the table with this id.
void EncodeTableEntry(
    uint64_t id, uint64_t offset, const TableEntry& entry, std::string* output);

/// The entry that fills `bytes`, which stand at `offset`; its views lie in
/// them. Errors: Corruption.
Result<TableEntry> DecodeTableEntry(
    uint64_t id, uint64_t offset, std::string_view bytes);

/// The same without its value, of which `bytes` need not have anything: they
/// are the beginning of an entry that is `entry_bytes` long. Errors:
/// Corruption, also if the key does not end in `bytes`.
Result<TableEntry> DecodeTableEntryKey(
    uint64_t id, uint64_t offset, std::string_view bytes, uint64_t entry_bytes);

/// How many bytes stand before the value of the entry that begins with `bytes`,
/// if they say that. Its checksums are not looked at.
std::optional<uint64_t> TableEntryKeyBytes(std::string_view bytes);

/// How long an entry is on disk.
uint64_t TableEntryBytes(const TableEntry& entry);

}  // namespace kv
