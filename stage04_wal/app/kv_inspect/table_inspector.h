#pragma once

// Explains a table: its header, the entries that its index names, the index.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/kv_inspect/inspected_file.h"
#include "common/base/status.h"
#include "table/table_format.h"

namespace kv {

class TableInspector {
 public:
  /// The file must outlive it.
  explicit TableInspector(const InspectedFile& file) : file_(file) {}

  /// Prints everything from the entry at `from` on, or from the beginning.
  /// True: all of it is as it was written.
  Result<bool> Run(std::optional<uint64_t> from);

  /// The first segment of the log behind it; 0 if the header does not say.
  uint64_t FirstSegment() const { return header_.number; }

 private:
  Status PrintHeader(bool print);
  // Where each entry begins, and where the last one ends.
  Status ReadIndex();
  // An entry or the index must begin at `from`: bytes from the middle of an
  // entry mean nothing.
  Status CheckBegin(std::optional<uint64_t> from) const;
  Status PrintEntry(size_t number, uint64_t offset, uint64_t end);
  void PrintIndex();

  const InspectedFile& file_;
  TableHeader header_;
  std::string index_;
  bool index_is_right_ = false;
  std::vector<uint64_t> offsets_;
  bool whole_ = true;
};

}  // namespace kv
