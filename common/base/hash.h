#pragma once

// A fast seeded hash of byte strings, for tables in memory.
//
// Contract: never stored on disk or sent to a peer (checksum.h is for those),
//   so the function may change. With a secret random seed nobody who chooses
//   the keys can choose them so that they collide.
// Source: the wyhash and rapidhash family: 64x64 -> 128-bit multiplications
//   folded by xor.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kv {
namespace internal {

inline uint64_t LoadWord(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

inline uint64_t LoadHalf(const char* from) {
  uint32_t half;
  std::memcpy(&half, from, sizeof(half));
  return half;
}

inline uint64_t MultiplyFold(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
#else
  const uint64_t a_low = a & 0xffffffffu, a_high = a >> 32;
  const uint64_t b_low = b & 0xffffffffu, b_high = b >> 32;
  const uint64_t low = a_low * b_low;
  const uint64_t middle = a_high * b_low + (low >> 32);
  const uint64_t other = a_low * b_high + (middle & 0xffffffffu);
  const uint64_t high = a_high * b_high + (middle >> 32) + (other >> 32);
  return (a * b) ^ high;
#endif
}

}  // namespace internal

/// 64-bit hash of `bytes` under `seed`. All 64 bits are well mixed.
inline uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  using internal::LoadHalf;
  using internal::LoadWord;
  using internal::MultiplyFold;
  constexpr uint64_t kSecret0 = 0x2d358dccaa6c78a5u;
  constexpr uint64_t kSecret1 = 0x8bb84b93962eacc9u;
  constexpr uint64_t kSecret2 = 0x4b33a62ed433d4a3u;

  const char* data = bytes.data();
  size_t left = bytes.size();
  uint64_t state = seed ^ MultiplyFold(seed ^ kSecret0, kSecret1);
  uint64_t first = 0;
  uint64_t second = 0;
  while (left > 16) {
    state = MultiplyFold(LoadWord(data) ^ kSecret1, LoadWord(data + 8) ^ state);
    data += 16;
    left -= 16;
  }
  // The last 1 to 16 bytes as two words that may overlap.
  if (left >= 8) {
    first = LoadWord(data);
    second = LoadWord(data + left - 8);
  } else if (left >= 4) {
    first = LoadHalf(data);
    second = LoadHalf(data + left - 4);
  } else if (left > 0) {
    first = (static_cast<uint64_t>(static_cast<unsigned char>(data[0])) << 16) |
        (static_cast<uint64_t>(static_cast<unsigned char>(data[left / 2]))
         << 8) |
        static_cast<unsigned char>(data[left - 1]);
  }
  const uint64_t mixed =
      MultiplyFold(first ^ kSecret1 ^ state, second ^ kSecret2 ^ state);
  return MultiplyFold(mixed ^ kSecret0, bytes.size() ^ kSecret2 ^ state);
}

}  // namespace kv
