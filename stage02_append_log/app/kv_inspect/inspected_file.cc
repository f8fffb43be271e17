#include "app/kv_inspect/inspected_file.h"

#include <algorithm>
#include <span>

namespace kv {

Result<std::string_view> InspectedFile::Read(
    uint64_t offset, uint64_t size, std::string* scratch) const {
  size = std::min(size, bytes - std::min(offset, bytes));
  scratch->resize(static_cast<size_t>(size));
  return file->ReadAt(
      offset, std::span<char>(scratch->data(), scratch->size()));
}

}  // namespace kv
