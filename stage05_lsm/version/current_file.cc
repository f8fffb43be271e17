#include "version/current_file.h"

#include <optional>

#include "common/base/checksum.h"
#include "common/fs/file_system.h"
#include "kv/file_names.h"

namespace kv {
namespace {

std::string HexDigits(uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) {
    digits.push_back(kDigits[(value >> shift) & 0xf]);
  }
  return digits;
}

}  // namespace

std::string EncodeCurrent(uint64_t manifest_number) {
  const std::string line = BaseName(ManifestName("", manifest_number)) + "\n";
  return line + HexDigits(Checksum32(line)) + "\n";
}

Result<uint64_t> DecodeCurrent(std::string_view content) {
  const std::string_view name = content.substr(0, content.find('\n'));
  const std::optional<uint64_t> number = ManifestNumber(name);
  if (!number.has_value()) {
    return Status::Corruption(
        "the first line names no manifest: it is damaged, or this is the "
        "directory of another program");
  }
  if (content.size() <= name.size() + 1) {
    return Status::Corruption(
        "there is no second line with a checksum: it was cut off, or this is "
        "the directory of another program");
  }
  // Compared as a whole, so that there is one form only.
  if (content != EncodeCurrent(*number)) {
    return Status::Corruption(
        "the second line is not the checksum of the first");
  }
  return *number;
}

}  // namespace kv
