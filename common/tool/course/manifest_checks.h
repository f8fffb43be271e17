#pragma once

// What must hold between the entries of an exercises.json.

#include <string>

#include "common/base/status.h"
#include "common/tool/course/manifest.h"

namespace kv::tool {

/// Ids, points, needs and groups. Errors: Corruption; `name` begins each.
Status CheckManifest(const Manifest& manifest, const std::string& name);

}  // namespace kv::tool
