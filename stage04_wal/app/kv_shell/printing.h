#pragma once

// What several commands print.

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace kv {

/// A key or a value as it is printed: never an empty line.
std::string Printed(std::string_view bytes);

/// "ok", if it is; an error is printed by the caller.
Status Say(const Status& status, std::ostream& out);

/// A line for each: "name: number".
Status PrintNumbers(
    const std::vector<std::pair<std::string_view, uint64_t>>& lines,
    std::ostream& out);

}  // namespace kv
