#pragma once

// How numbers and strings become bytes, and bytes become them again.
//
// Format: fixed-width integers are little-endian. A varint has seven bits a
//   byte, the lowest first; a set top bit says that another byte follows. Each
//   value has exactly one encoding. A length-prefixed string is its length as
//   a varint32 and then its bytes. See docs/format/coding.md.
// Errors: the Get functions take what they read from the front of `*input`.
//   They return false, and leave `*input` and the result as they were, if the
//   bytes end too early or are not an encoding. Nothing is read beyond the
//   view, and nothing is allocated.

#include <cstdint>
#include <string>
#include <string_view>

namespace kv {

inline constexpr size_t kVarint32BytesMax = 5;
inline constexpr size_t kVarint64BytesMax = 10;

/// Appends 4 or 8 bytes to `*output`.
void PutFixed32(std::string* output, uint32_t value);
void PutFixed64(std::string* output, uint64_t value);

/// Appends 1 to 5, or 1 to 10, bytes to `*output`.
void PutVarint32(std::string* output, uint32_t value);
void PutVarint64(std::string* output, uint64_t value);

/// Appends length and bytes of `value`; it must be shorter than 4 GiB.
void PutLengthPrefixed(std::string* output, std::string_view value);

[[nodiscard]] bool GetFixed32(std::string_view* input, uint32_t* value);
[[nodiscard]] bool GetFixed64(std::string_view* input, uint64_t* value);

/// False also for an encoding that is longer than it needs to be, or of a
/// value that does not fit.
[[nodiscard]] bool GetVarint32(std::string_view* input, uint32_t* value);
[[nodiscard]] bool GetVarint64(std::string_view* input, uint64_t* value);

/// `*value` becomes a view into `*input`.
[[nodiscard]] bool GetLengthPrefixed(
    std::string_view* input, std::string_view* value);

}  // namespace kv
