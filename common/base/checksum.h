#pragma once

// The checksum of everything that is written to disk or sent to a peer.
//
// Source: XXH3-64 of the xxHash library; its low 32 bits are stored.

#include <cstdint>
#include <string_view>

namespace kv {

/// 32-bit checksum of `bytes`. The same bytes under another `seed` have
/// another checksum, so a seed can tie bytes to the place they belong.
uint32_t Checksum32(std::string_view bytes, uint64_t seed = 0);

/// 64-bit form, for whole files and images.
uint64_t Checksum64(std::string_view bytes, uint64_t seed = 0);

}  // namespace kv
