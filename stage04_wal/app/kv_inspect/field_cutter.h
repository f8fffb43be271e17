#pragma once

// Bytes cut into fields, from the front, and printed with what they mean.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/shell/annotate.h"

namespace kv {

/// Of a longer field only so many bytes are printed.
constexpr uint64_t kFieldBytesMax = 32;

class FieldCutter {
 public:
  /// The bytes must outlive it.
  explicit FieldCutter(std::string_view bytes) : rest_(bytes) {}

  void Add(size_t size, std::string meaning);

  /// A field that is a number, printed behind its name.
  void AddNumber(size_t size, std::string_view name);

  size_t rest_size() const { return rest_.size(); }

  /// Prints the fields so far; the first one stands at `offset` in the file.
  void Print(uint64_t offset) const;

 private:
  std::string_view rest_;
  std::vector<shell::ByteField> fields_;
};

/// Prints bytes that are one field.
void PrintBytes(uint64_t offset, std::string_view bytes, std::string meaning);

}  // namespace kv
