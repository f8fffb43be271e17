#pragma once

// A file whose bytes are explained.

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/fs/file_system.h"

namespace kv {

struct InspectedFile {
  std::string name;  ///< as it is printed
  const RandomFile* file = nullptr;  ///< not owned
  uint64_t bytes = 0;

  /// No more than there is: a length in damaged bytes may be any number. The
  /// view may point into `scratch`.
  Result<std::string_view> Read(
      uint64_t offset, uint64_t size, std::string* scratch) const;
};

}  // namespace kv
