#include "kv/file_names.h"

#include <algorithm>

#include "common/fs/file_system.h"

namespace kv {
namespace {

constexpr std::string_view kSegmentSuffix = ".wal";
constexpr std::string_view kUnfinishedSuffix = ".new";
constexpr std::string_view kTableSuffix = ".sst";
constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr std::string_view kCurrent = "CURRENT";
constexpr std::string_view kArchive = "archive";
constexpr std::string_view kDamaged = "damaged";
constexpr std::string_view kLock = "LOCK";
constexpr size_t kDigitsMin = 6;
constexpr size_t kDigitsMax = 19;  // those of kFileNumberMax

bool EndsWith(std::string_view name, std::string_view suffix) {
  return name.size() >= suffix.size() &&
      name.substr(name.size() - suffix.size()) == suffix;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string Digits(uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigitsMin) {
    digits.insert(0, kDigitsMin - digits.size(), '0');
  }
  return digits;
}

// Nothing if the digits are none that Digits gives, such as "0000007".
std::optional<uint64_t> Number(std::string_view digits) {
  if (digits.size() < kDigitsMin || digits.size() > kDigitsMax ||
      !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return std::nullopt;
  }
  uint64_t number = 0;
  for (const char digit : digits) {
    number = number * 10 + static_cast<uint64_t>(digit - '0');
  }
  return Digits(number) == digits ? std::optional(number) : std::nullopt;
}

std::optional<uint64_t> NumberBefore(
    std::string_view name, std::string_view suffix) {
  if (!EndsWith(name, suffix)) {
    return std::nullopt;
  }
  return Number(name.substr(0, name.size() - suffix.size()));
}

}  // namespace

std::string WalSegmentName(const std::string& directory, uint64_t number) {
  return JoinPath(directory, Digits(number) + std::string(kSegmentSuffix));
}

std::optional<uint64_t> WalSegmentNumber(std::string_view name) {
  return NumberBefore(name, kSegmentSuffix);
}

std::string TableName(const std::string& directory, uint64_t number) {
  return JoinPath(directory, Digits(number) + std::string(kTableSuffix));
}

std::optional<uint64_t> TableNumber(std::string_view name) {
  return NumberBefore(name, kTableSuffix);
}

std::string ManifestName(const std::string& directory, uint64_t number) {
  return JoinPath(directory, std::string(kManifestPrefix) + Digits(number));
}

std::optional<uint64_t> ManifestNumber(std::string_view name) {
  if (name.substr(0, kManifestPrefix.size()) != kManifestPrefix) {
    return std::nullopt;
  }
  return Number(name.substr(kManifestPrefix.size()));
}

std::string CurrentName(const std::string& directory) {
  return JoinPath(directory, kCurrent);
}

std::string UnfinishedName(const std::string& name) {
  return name + std::string(kUnfinishedSuffix);
}

bool IsUnfinishedFile(std::string_view name) {
  if (!EndsWith(name, kUnfinishedSuffix)) {
    return false;
  }
  name.remove_suffix(kUnfinishedSuffix.size());
  return name == kCurrent || WalSegmentNumber(name).has_value();
}

std::string ArchiveName(const std::string& directory) {
  return JoinPath(directory, kArchive);
}

std::string DamagedName(const std::string& directory) {
  return JoinPath(directory, kDamaged);
}

std::string LockName(const std::string& directory) {
  return JoinPath(directory, kLock);
}

bool IsDatabaseFile(std::string_view name) {
  return name == kCurrent || name == kLock || name == kArchive ||
      name == kDamaged || WalSegmentNumber(name).has_value() ||
      TableNumber(name).has_value() || ManifestNumber(name).has_value() ||
      IsUnfinishedFile(name);
}

bool IsFileOfEarlierForm(std::string_view name) {
  return name == "data.log" || name == "CHECKPOINT";
}

}  // namespace kv
