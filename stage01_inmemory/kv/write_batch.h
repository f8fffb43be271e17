#pragma once

// A list of puts and deletes that a database applies all or nothing.
//
// Contract: the operations take effect in the order in which they were added;
//   a later one on the same key wins.
// Threads: one at a time.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kv {

class WriteBatch {
 public:
  enum class Kind { kPut, kDelete };

  struct Operation {
    Kind kind;
    std::string_view key;
    std::string_view value;  ///< empty for a delete
  };

  /// Copies key and value into the batch; they must not be views into it.
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear();

  /// How many operations were added.
  size_t Count() const { return entries_.size(); }
  bool Empty() const { return entries_.empty(); }

  /// The operation added as number `index`, counted from 0; index < Count().
  /// The views stay valid until the batch is changed.
  Operation At(size_t index) const;

 private:
  struct Entry {
    Kind kind;
    size_t offset;
    size_t key_bytes;
    size_t value_bytes;
  };

  std::string payload_;  // keys and values, one after another
  std::vector<Entry> entries_;
};

}  // namespace kv
