#pragma once

// A position in a sorted sequence of keys and their values.
//
// Contract: a new iterator is at no entry; seek first. Key, Value, Next and
//   Prev may be called only while Valid(). When Valid() is false, GetStatus()
//   says whether the entries ended (Ok) or something went wrong.
// Threads: one at a time.
// Ownership: Key and Value are views that live until the iterator moves. So a
//   target is no view of the same iterator's key, but a copy.

#include <string_view>

#include "common/base/status.h"

namespace kv {

class Iterator {
 public:
  virtual ~Iterator() = default;

  /// Whether there is an entry at this position.
  virtual bool Valid() const = 0;

  /// To the first entry.
  virtual void SeekToFirst() = 0;

  /// To the first entry whose key is not less than `target`.
  virtual void Seek(std::string_view target) = 0;

  /// To the next entry.
  virtual void Next() = 0;

  virtual std::string_view Key() const = 0;
  virtual std::string_view Value() const = 0;
  virtual Status GetStatus() const = 0;

  /// To the last entry.
  virtual void SeekToLast() = 0;

  /// To the last entry whose key is not greater than `target`.
  virtual void SeekForPrev(std::string_view target) = 0;

  /// To the entry before.
  virtual void Prev() = 0;
};

}  // namespace kv
