#pragma once

// The work that every store is measured on: plans of operations, made before
// the clock starts.
//
// Contract: the same workload, sizes and seed give the same plan.
// Units: keys are 16 bytes: the decimal digits of an even number if the key is
//   in the data set, of an odd one if it never is; so missing keys lie between
//   present ones. Values are 100 bytes unless told otherwise, of which the
//   second half repeats the first.
// Source: the workloads of LevelDB's db_bench, and A to F of "Benchmarking
//   Cloud Serving Systems with YCSB" (Cooper and others, 2010).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/bench/store.h"

namespace kv::bench {

inline constexpr size_t kKeyBytes = 16;
inline constexpr size_t kValueBytes = 100;
inline constexpr size_t kBatchOperations = 10;
inline constexpr size_t kScanRecordsMax = 100;

enum class Action : uint8_t {
  kPut,
  kPutSynced,
  kPutBatch,
  kDelete,
  kGetInto,
  kGet,
  kMultiGet,
  kReadModifyWrite,
  kScan,  ///< `count` records from the key on
  kNext,  ///< the next record of one cursor over the whole store
  kReopen,  ///< counts as one operation for each key
};

struct Operation {
  Action action;
  uint16_t count;  ///< of keys, or of records for a scan
  uint32_t first_key;  ///< place of its keys in Plan::keys
};

struct Plan {
  bool starts_empty = false;  ///< else the store holds all keys of the set
  bool changes_store = true;
  std::vector<Operation> operations;
  std::string keys;  ///< of all operations, one after another
  uint64_t reads_expected = 0;  ///< that find a value, if all operations run
  /// What one Operation counts for, where it is not 1.
  uint64_t operations_each = 1;

  std::string_view Key(uint64_t place) const {
    return std::string_view(keys).substr(place * kKeyBytes, kKeyBytes);
  }
};

struct Workload {
  std::string name;
  std::string description;
  bool Capabilities::*needs;  ///< null: nothing special
  Plan (*make_plan)(uint64_t keys, uint64_t operations, Random* random);
};

/// All workloads, in the order in which they are run.
const std::vector<Workload>& Workloads();

/// Null if there is none of that name.
const Workload* FindWorkload(std::string_view name);

/// The key of record `number`, or the key next to it that is never present.
std::string PresentKey(uint64_t number);
std::string MissingKey(uint64_t number);

/// Values to write, taken in turn from a block made from a seed.
class Values {
 public:
  explicit Values(uint64_t seed, size_t value_bytes = kValueBytes);
  std::string_view Next() {
    if (next_ == block_.size()) next_ = 0;
    next_ += value_bytes_;
    return std::string_view(block_).substr(next_ - value_bytes_, value_bytes_);
  }

 private:
  size_t value_bytes_;
  std::string block_;
  size_t next_ = 0;
};

/// Numbers below `items` of which small ones are likelier: number k about
/// 1 / (k + 1)^0.99 times as likely as number 0.
/// Source: "Quickly Generating Billion-Record Synthetic Databases" (Gray and
/// others, 1994), with YCSB's constant.
class Zipf {
 public:
  explicit Zipf(uint64_t items);
  uint64_t Next(Random* random);

  /// The same frequencies, with the frequent numbers spread over all.
  uint64_t NextScrambled(Random* random);

 private:
  uint64_t items_;
  double zeta_;
  double alpha_;
  double eta_;
};

}  // namespace kv::bench
