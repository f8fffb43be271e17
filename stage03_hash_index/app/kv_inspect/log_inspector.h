#pragma once

// Explains a file of frames, from its header to its end or past damage.

#include <cstdint>
#include <optional>
#include <string_view>

#include "app/kv_inspect/inspected_file.h"
#include "common/base/status.h"
#include "log/log_format.h"

namespace kv {

class LogInspector {
 public:
  /// The file must outlive it.
  explicit LogInspector(const InspectedFile& file) : file_(file) {}

  /// Prints everything from the frame at `from` on, or from the beginning.
  /// True: all of it is as it was written.
  Result<bool> Run(std::optional<uint64_t> from);

 private:
  Status PrintHeader(bool print);
  // Prints the frame at `offset`, or what stands in its place, and returns
  // where to go on.
  Result<uint64_t> PrintFrame(uint64_t offset);
  void PrintBatch(uint64_t offset, std::string_view payload);
  // Prints bytes that are no frame, up to the next one.
  Result<uint64_t> PrintGap(uint64_t offset);

  const InspectedFile& file_;
  LogIdentity log_;
  uint64_t frames_ = 0;
  uint64_t operations_ = 0;
  bool closed_ = false;
  bool whole_ = true;
};

}  // namespace kv
