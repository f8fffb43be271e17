#pragma once

// The bytes of a stored key: whose it is, and the key as its owner knows it.

#include <string_view>

#include "app/kv_inspect/field_cutter.h"

namespace kv {

/// Cuts its fields off. `name` says what key it is.
void AddStoredKey(
    std::string_view stored, std::string_view name, FieldCutter* cutter);

}  // namespace kv
