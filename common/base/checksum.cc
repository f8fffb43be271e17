#include "common/base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kv {

uint32_t Checksum32(std::string_view bytes, uint64_t seed) {
  return static_cast<uint32_t>(Checksum64(bytes, seed));
}

uint64_t Checksum64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace kv
