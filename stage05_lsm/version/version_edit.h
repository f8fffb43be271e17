#pragma once

// What changes from one set of tables to the next, as one frame of the
// manifest has it.
//
// Format: docs/format/manifest.md. The payload of a FrameType::kVersionEdit
// frame is fields, each a tag (varint32) and its content:
//
//   tag  content
//     1  varint64: the first segment of the log that is needed beside the
//        tables
//     2  varint64: the last sequence number of what is in the tables
//     3  a table that is there from now on:
//        number varint64, id fixed64, bytes varint64, entries varint64,
//        smallest and largest stored key, both length-prefixed
//
// Each field of tag 1 and 2 is there once, or not at all: it did not change.
// Limits: the numbers of tables and segments are 1 to kFileNumberMax - 1: one
//   behind them has a name too. The last sequence number is up to kSequenceMax.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv {

/// A table as the manifest knows it.
struct TableMetadata {
  uint64_t number = 0;  ///< of its name; a newer table has a greater one
  uint64_t id = 0;  ///< of its header
  uint64_t bytes = 0;
  uint64_t entries = 0;
  std::string smallest;  ///< stored keys
  std::string largest;
};

struct VersionEdit {
  std::optional<uint64_t> first_segment;
  std::optional<uint64_t> last_sequence;
  std::vector<TableMetadata> added;

  void EncodeTo(std::string* output) const;

  /// Errors: Corruption for bytes that are no edit: an unknown tag, a field
  /// that is cut off or there twice, a number out of its limits, a table
  /// without entries or with keys in the wrong order.
  static Result<VersionEdit> Decode(std::string_view payload);

  /// Makes this edit lead to where `next` leads behind it. Errors: Corruption,
  /// and no change, if `next` does not fit: a table's number is not above all
  /// before it, or the first segment or the last sequence number goes back.
  Status Add(const VersionEdit& next);
};

}  // namespace kv
