#pragma once

// One call of a random test, as data: it can be generated, printed as a line
// of code, left out and simplified.
//
// Invariants: a list of steps is a test by itself; no step needs another one
//   to be there, so any part of a list is a list.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct ModelStep {
  enum class Kind {
    kPut,  // first: key, second: value
    kDelete,  // first: key
    kWrite,  // batch
    kRename,  // first: from, second: to
    kGet,  // first: key
    kExists,  // first: key
    kMultiGet,  // keys
    kKeys,  // first: prefix
    kCount,  // EstimatedKeys
    kCheckAll,  // Keys("") and Get of each
    kSync,
    kReopen,  // Close, then open again
    kScan,  // first: start, second: end
    kFlush,
    kCheckpoint,
    kCompact,
  };

  Kind kind = Kind::kCheckAll;
  std::string first;
  std::string second;
  std::vector<BatchOperation> batch;
  std::vector<std::string> keys;
  WriteMode mode = WriteMode::kUnsynced;
  /// Of a kFlush or kCheckpoint under the crash explorer: which of its appends
  /// and creates finds the disk full, from 1; 0: none does.
  uint64_t fails_at = 0;
};

/// "Put", "MultiGet", ….
std::string_view StepName(ModelStep::Kind kind);

/// The step as a line of C++: `db->Put("a", "1");`.
std::string StepLine(const ModelStep& step);

/// Bytes as a C++ expression: `"a\000b"s`, `std::string(300, 'x')`. Long bytes
/// that are no run of one byte are cut, and their length is given.
std::string QuoteBytes(std::string_view bytes);

/// An endless list of random steps.
///
/// Keys come from a small set, so that operations meet: the empty key, keys
/// with zero bytes and 0xff, prefixes of each other, one of the greatest
/// length. Now and then a key or value is one byte over its limit.
class StepGenerator {
 public:
  StepGenerator(
      uint64_t seed, const Capabilities& capabilities,
      const SubjectOptions& options);

  ModelStep Next();

 private:
  void FillKeys(const SubjectOptions& options);
  std::string Key();
  std::string KeyToWrite();
  std::string Prefix();
  std::string Value();
  std::string RandomBytes(size_t count);
  BatchOperation NextBatchOperation();

  SeededRandom random_;
  const Capabilities capabilities_;
  const size_t key_bytes_max_;
  const size_t value_bytes_max_;
  std::vector<std::string> keys_;
  std::vector<ModelStep::Kind> kinds_;  // each as often as its weight
};

}  // namespace kv::testing
