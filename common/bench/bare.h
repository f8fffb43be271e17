#pragma once

// What the operating system alone takes for the same bytes: the measure for
// stores that add records to a file and read them back.
//
// These call write(2), pread(2) and fdatasync(2) directly, without the
// FileSystem interface: they are what that interface is measured against.
//
// Units: a record is record_bytes long, everything included, as the store
//   under test would write it.
// Errors: IoError with path and reason.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::bench {

/// Appends records to a new file, one write(2) each.
class BareWriter {
 public:
  static Result<BareWriter> Create(const std::string& path);
  BareWriter(BareWriter&& other) noexcept;
  BareWriter& operator=(BareWriter&&) = delete;
  ~BareWriter();

  Status Append(std::string_view record);
  Status AppendSynced(std::string_view record);

 private:
  explicit BareWriter(int fd) : fd_(fd) {}
  Status Fail(const char* call) const;

  int fd_;
};

/// Nanoseconds a record for `count` records of `record_bytes` appended to a
/// new file at `path`, each one synced if `sync`.
Result<double> MeasureBareWrites(
    const std::string& path, size_t record_bytes, uint64_t count, bool sync);

/// Reads records of equal length at random: for each key one probe of a table
/// in memory from the hash of the key to an offset, then one pread(2).
class BareReader {
 public:
  /// Record k of the file at `path` starts at k * record_bytes and belongs to
  /// keys[k].
  static Result<BareReader> Open(
      const std::string& path, size_t record_bytes,
      const std::vector<std::string>& keys);
  BareReader(BareReader&& other) noexcept;
  BareReader& operator=(BareReader&&) = delete;
  ~BareReader();

  /// Reads the record of `key` to `scratch`, of record_bytes. NotFound if no
  /// key has its hash.
  Status Read(std::string_view key, char* scratch) const;

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t offset_plus_one = 0;  // 0: the slot is empty
  };

  BareReader(int fd, size_t record_bytes, size_t slots);
  void Add(std::string_view key, uint64_t offset);

  int fd_;
  size_t record_bytes_;
  std::vector<Slot> slots_;
};

/// Nanoseconds a read of `count` records in random order, from a file that
/// MeasureBareWrites has left at `path` and that holds keys.size() of them.
Result<double> MeasureBareReads(
    const std::string& path, size_t record_bytes,
    const std::vector<std::string>& keys, uint64_t count, uint64_t seed);

}  // namespace kv::bench
