#pragma once

// One sorted sequence out of several.

#include <memory>
#include <vector>

#include "kv/internal_iterator.h"

namespace kv {

/// Over all entries of `children`, of which no two have an equal key. If one of
/// them has an error, the iterator is at no entry and has that error.
std::unique_ptr<InternalIterator> NewMergingIterator(
    std::vector<std::unique_ptr<InternalIterator>> children);

}  // namespace kv
