#include "common/shell/annotate.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "common/base/check.h"
#include "common/shell/escape.h"

namespace kv::shell {
namespace {

constexpr size_t kRowBytes = 8;

// As wide as `columns` bytes, with a space after each but the last.
std::string HexRow(std::string_view bytes, size_t columns) {
  std::string text;
  char hex[4];
  for (const char c : bytes) {
    std::snprintf(hex, sizeof(hex), "%02x ", static_cast<unsigned char>(c));
    text += hex;
  }
  text.resize(columns * 3 - 1, ' ');
  return text;
}

void PrintField(
    uint64_t offset, const ByteField& field, uint64_t field_bytes_max,
    std::ostream& out) {
  const size_t shown = static_cast<size_t>(
      std::min<uint64_t>(field.bytes.size(), field_bytes_max));
  for (size_t begin = 0; begin < shown; begin += kRowBytes) {
    char place[24];
    std::snprintf(place, sizeof(place), "%08" PRIx64 "  ", offset + begin);
    const size_t row = std::min(kRowBytes, shown - begin);
    // The columns are padded only where something stands behind them.
    const std::string_view bytes = field.bytes.substr(begin, row);
    out << place
        << (begin == 0 ? HexRow(bytes, kRowBytes) + "  " + field.meaning
                       : HexRow(bytes, row));
    out << "\n";
  }
  if (shown < field.bytes.size()) {
    out << "          ... " << field.bytes.size() - shown << " bytes more\n";
  }
}

}  // namespace

void PrintFields(
    uint64_t offset, const std::vector<ByteField>& fields,
    uint64_t field_bytes_max, std::ostream& out) {
  KV_CHECK(field_bytes_max > 0, "a field shows at least a byte");
  for (const ByteField& field : fields) {
    if (field.bytes.empty()) {
      // A field of no bytes has a meaning still.
      out << std::string(10 + kRowBytes * 3, ' ') << " " << field.meaning
          << "\n";
    }
    PrintField(offset, field, field_bytes_max, out);
    offset += field.bytes.size();
  }
}

std::string QuotedSample(std::string_view bytes) {
  constexpr size_t kSampleBytesMax = 24;
  std::string text =
      "\"" + EscapeBytes(bytes.substr(0, kSampleBytesMax)) + "\"";
  if (bytes.size() > kSampleBytesMax) text += "...";
  return text;
}

uint64_t LittleEndian(std::string_view bytes) {
  KV_CHECK(bytes.size() <= 8, "a number has at most 8 bytes");
  uint64_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

}  // namespace kv::shell
