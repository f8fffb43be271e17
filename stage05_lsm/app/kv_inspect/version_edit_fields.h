#pragma once

// The bytes of one change of the set of tables, as a manifest holds it.

#include <cstdint>
#include <string_view>

#include "version/version_edit.h"

namespace kv {

/// Prints the fields of `payload`, which stands at `offset` and from which
/// `edit` was decoded.
void PrintEditFields(
    uint64_t offset, std::string_view payload, const VersionEdit& edit);

}  // namespace kv
