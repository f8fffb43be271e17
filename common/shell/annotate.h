#pragma once

// Bytes of a file with their offset and their meaning, one field a line.
//
//   00000008  01 00 00 00              version 1
//   00000018  6b 65 79                 key "key"
//
// Contract: the fields follow one another without gaps; the first begins at
//   `offset`.

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kv::shell {

struct ByteField {
  std::string_view bytes;
  std::string meaning;
};

/// Longer fields are cut after `field_bytes_max`, and say so.
void PrintFields(
    uint64_t offset, const std::vector<ByteField>& fields,
    uint64_t field_bytes_max, std::ostream& out);

/// `bytes` in quotes, escaped, cut after 24 bytes.
std::string QuotedSample(std::string_view bytes);

/// The number that up to 8 bytes are, the lowest byte first.
uint64_t LittleEndian(std::string_view bytes);

}  // namespace kv::shell
