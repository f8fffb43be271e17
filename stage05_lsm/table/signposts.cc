#include "table/signposts.h"

#include <utility>

namespace kv {
namespace {

// The first 8 bytes as a number that compares as they do; zeros stand for those
// that are missing.
uint64_t FirstBytes(std::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < sizeof(word); ++i) {
    const unsigned byte =
        i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
    word = word << 8 | byte;
  }
  return word;
}

}  // namespace

Signposts::Signposts(uint64_t entries, std::string prefix)
    : prefix_(std::move(prefix)),
      words_(new std::atomic<uint64_t>[static_cast<size_t>(
          entries / kInterval + 1)]()) {}

uint64_t Signposts::WordOf(const InternalKey& key) const {
  const char space = static_cast<char>(key.space);
  if (prefix_.empty()) {
    return static_cast<uint64_t>(key.space) << 56 |
        FirstBytes(key.user_key) >> 8;
  }
  const std::string_view prefix = std::string_view(prefix_).substr(1);
  if (space != prefix_.front() ||
      key.user_key.substr(0, prefix.size()) != prefix) {
    return 0;
  }
  return FirstBytes(key.user_key.substr(prefix.size()));
}

uint64_t Signposts::Middle(uint64_t begin, uint64_t end) {
  const uint64_t middle = begin + (end - begin) / 2;
  const uint64_t place = middle - middle % kInterval;
  if (place >= begin) {
    return end - begin > kInterval ? place : middle;
  }
  return place + kInterval < end ? place + kInterval : middle;
}

}  // namespace kv
