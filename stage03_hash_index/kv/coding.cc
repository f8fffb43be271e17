#include "kv/coding.h"

#include "common/base/check.h"

namespace kv {
namespace {

// Bytes are written one by one, so the result is the same on a machine of any
// byte order; compilers turn the unrolled loop into one store.
template <typename Integer>
void PutLittleEndian(std::string* output, Integer value) {
  char bytes[sizeof(Integer)];
#pragma GCC unroll 8
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
  output->append(bytes, sizeof(bytes));
}

template <typename Integer>
bool GetLittleEndian(std::string_view* input, Integer* value) {
  if (input->size() < sizeof(Integer)) {
    return false;
  }
  Integer result = 0;
#pragma GCC unroll 8
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    const auto byte = static_cast<unsigned char>((*input)[i]);
    result |= static_cast<Integer>(byte) << (8 * i);
  }
  *value = result;
  input->remove_prefix(sizeof(Integer));
  return true;
}

template <typename Integer>
void PutVarint(std::string* output, Integer value) {
  while (value >= 0x80) {
    output->push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  output->push_back(static_cast<char>(value));
}

template <typename Integer>
bool GetVarint(std::string_view* input, Integer* value) {
  constexpr size_t kBits = sizeof(Integer) * 8;
  Integer result = 0;
  size_t shift = 0;
  for (size_t i = 0; i < input->size() && shift < kBits; ++i, shift += 7) {
    const auto byte = static_cast<unsigned char>((*input)[i]);
    const auto bits = static_cast<Integer>(byte & 0x7f);
    const Integer placed = static_cast<Integer>(bits << shift);
    if (static_cast<Integer>(placed >> shift) != bits) {
      return false;  // more bits than the value has
    }
    result |= placed;
    if (byte < 0x80) {
      if (byte == 0 && i > 0) {
        return false;  // a shorter encoding says the same
      }
      *value = result;
      input->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

}  // namespace

void PutFixed32(std::string* output, uint32_t value) {
  PutLittleEndian(output, value);
}

void PutFixed64(std::string* output, uint64_t value) {
  PutLittleEndian(output, value);
}

void PutVarint32(std::string* output, uint32_t value) {
  PutVarint(output, value);
}

void PutVarint64(std::string* output, uint64_t value) {
  PutVarint(output, value);
}

void PutLengthPrefixed(std::string* output, std::string_view value) {
  KV_CHECK(value.size() <= UINT32_MAX, "a string is shorter than 4 GiB");
  PutVarint32(output, static_cast<uint32_t>(value.size()));
  output->append(value);
}

bool GetFixed32(std::string_view* input, uint32_t* value) {
  return GetLittleEndian(input, value);
}

bool GetFixed64(std::string_view* input, uint64_t* value) {
  return GetLittleEndian(input, value);
}

bool GetVarint32(std::string_view* input, uint32_t* value) {
  return GetVarint(input, value);
}

bool GetVarint64(std::string_view* input, uint64_t* value) {
  return GetVarint(input, value);
}

bool GetLengthPrefixed(std::string_view* input, std::string_view* value) {
  std::string_view rest = *input;
  uint32_t size = 0;
  if (!GetVarint32(&rest, &size) || rest.size() < size) {
    return false;
  }
  *value = rest.substr(0, size);
  rest.remove_prefix(size);
  *input = rest;
  return true;
}

}  // namespace kv
