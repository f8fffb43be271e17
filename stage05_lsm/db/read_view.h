#pragma once

// Everything that a read looks at, newest first; taken in one place.
//
// Ownership: a copy keeps memtables and tables alive, also after a flush has
//   made others current: what it reads stays as it was.

#include <memory>

#include "memtable/memtable.h"
#include "version/version_set.h"

namespace kv {

struct ReadView {
  std::shared_ptr<MemTable> memtable;  ///< takes the writes
  std::shared_ptr<const MemTable> immutable;  ///< being flushed; or null
  std::shared_ptr<const Version> version;
};

}  // namespace kv
