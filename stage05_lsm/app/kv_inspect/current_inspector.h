#pragma once

// Explains CURRENT, which says which manifest counts.

#include <cstdint>

#include "app/kv_inspect/inspected_file.h"
#include "common/base/status.h"

namespace kv {

/// Prints it. The number of the manifest that it names, or 0.
Result<uint64_t> InspectCurrent(const InspectedFile& file);

}  // namespace kv
