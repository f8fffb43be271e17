#pragma once

// A list of puts and deletes that a database applies all or nothing.
//
// Contract: the operations take effect in the order in which they were added;
//   a later one on the same key wins.
// Threads: one at a time.
// Format: the payload is the operations, one after another; each is its kind
//   (one byte), the length of the key (varint32), for a put the length of the
//   value (varint32), then key and value. See docs/format/log.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "kv/record_kind.h"

namespace kv {

class WriteBatch {
 public:
  using Kind = RecordKind;

  struct Operation {
    Kind kind;
    std::string_view key;
    std::string_view value;  ///< empty for a delete
  };

  /// Copies key and value into the batch; they must not be views into it.
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear();

  /// How many operations were added.
  size_t Count() const { return entries_.size(); }
  bool Empty() const { return entries_.empty(); }

  /// The operation added as number `index`, counted from 0; index < Count().
  /// The views stay valid until the batch is changed.
  Operation At(size_t index) const;

  /// The operations as bytes, for a BatchReader. Valid until the batch is
  /// changed.
  std::string_view Payload() const { return payload_; }

 private:
  struct Entry {
    Kind kind;
    size_t offset;
    size_t key_bytes;
    size_t value_bytes;
  };

  std::string payload_;
  std::vector<Entry> entries_;
};

/// Reads the operations of a payload, which may be any bytes.
class BatchReader {
 public:
  /// Begins with the operation at `offset`; offset <= payload.size().
  explicit BatchReader(std::string_view payload, size_t offset = 0)
      : payload_bytes_(payload.size()), rest_(payload.substr(offset)) {}

  /// True: `*operation` is the next one; its views lie in the payload. False:
  /// there are no more. Corruption: the bytes are no operation.
  Result<bool> Next(WriteBatch::Operation* operation);

  /// Where in the payload the next operation begins.
  size_t Offset() const { return payload_bytes_ - rest_.size(); }

 private:
  size_t payload_bytes_;
  std::string_view rest_;
};

}  // namespace kv
