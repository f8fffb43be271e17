#pragma once

// What a workload asks of a store: the adapter through which our own stages
// and their peers run the same operations.
//
// Contract: a store holds one data set; what it cannot do, its Capabilities
//   say, and the workloads that need it are skipped by name.
// Threads: one at a time.
// Limits: an interface, so that a workload is compiled once and not once for
//   each store. What the virtual call costs is measured in every run, with a
//   store that does nothing, and printed with the results.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv::bench {

struct KeyValue {
  std::string_view key;
  std::string_view value;
};

struct Capabilities {
  bool sequential = false;  ///< NewCursor from the first key
  bool ordered_scan = false;  ///< NewCursor from any key, at the cost of a get
  bool sync = false;  ///< PutSynced survives power loss
  bool reopen = false;  ///< Reopen keeps the data
};

/// Walks a store's records in the order of their keys.
class Cursor {
 public:
  virtual ~Cursor() = default;

  /// Reads the next value into `*value`; NotFound after the last.
  virtual Status Next(std::string* value) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Capabilities GetCapabilities() const = 0;
  /// The options that it was opened with, on one line.
  virtual std::string DescribeOptions() const = 0;

  virtual Status Put(std::string_view key, std::string_view value) = 0;
  virtual Status PutSynced(std::string_view key, std::string_view value) = 0;
  virtual Status PutBatch(std::span<const KeyValue> pairs) = 0;
  virtual Status Delete(std::string_view key) = 0;
  /// Reads into a buffer that the caller reuses.
  virtual Status GetInto(std::string_view key, std::string* value) = 0;
  /// Reads into a string of its own.
  virtual Result<std::string> Get(std::string_view key) = 0;
  /// Adds to `*found` how many of `keys` have a value.
  virtual Status MultiGet(
      std::span<const std::string_view> keys, uint64_t* found) = 0;
  /// Null if the capability is missing.
  virtual std::unique_ptr<Cursor> NewCursor(std::string_view start) = 0;
  virtual Status Reopen() = 0;
};

/// What every store is asked to do alike, if it has a choice there.
struct StoreSettings {
  /// How large a memtable grows before it is written to a table. 0: as each
  /// store does by itself.
  uint64_t memtable_bytes = 0;
  /// False: values are stored as they are.
  bool compression = true;
};

/// A kind of store under the name that reports give it.
struct StoreFactory {
  std::string name;
  /// Opens an empty store. `directory` exists, is empty, and is removed after
  /// the store is destroyed; a store in memory does not use it.
  std::function<Result<std::unique_ptr<Store>>(
      const std::string& directory, const StoreSettings& settings)>
      open;
};

}  // namespace kv::bench
