#pragma once

// What the file CURRENT says: the name of the manifest that counts, and a
// checksum of that.
//
// Format: docs/format/manifest.md

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv {

/// More than any content that DecodeCurrent takes.
inline constexpr uint64_t kCurrentBytesMax = 64;

/// The content for the manifest with this number.
std::string EncodeCurrent(uint64_t manifest_number);

/// The number. Errors: Corruption for any content that EncodeCurrent does not
/// give.
Result<uint64_t> DecodeCurrent(std::string_view content);

}  // namespace kv
