#pragma once

// A position among versions: of a memtable, of a table, or of several merged.
//
// Contract: a new iterator is at no entry; seek first. Key, Value, Next and
//   Prev may be called only while Valid(). When Valid() is false, GetStatus()
//   says whether the entries ended (Ok) or something went wrong; after an error
//   only a seek can make it valid again.
// Threads: one at a time.
// Ownership: Key and Value are views that live until the iterator moves.

#include <string_view>

#include "common/base/status.h"
#include "kv/internal_key.h"

namespace kv {

class InternalIterator {
 public:
  virtual ~InternalIterator() = default;

  virtual bool Valid() const = 0;

  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;

  /// To the first entry that does not stand before `target`.
  virtual void Seek(const InternalKey& target) = 0;

  /// To the last entry that does not stand behind `target`.
  virtual void SeekForPrev(const InternalKey& target) = 0;

  virtual void Next() = 0;
  virtual void Prev() = 0;

  virtual const InternalKey& Key() const = 0;
  virtual std::string_view Value() const = 0;
  virtual Status GetStatus() const = 0;
};

}  // namespace kv
