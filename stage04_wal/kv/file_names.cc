#include "kv/file_names.h"

#include <algorithm>

#include "common/fs/file_system.h"

namespace kv {
namespace {

constexpr std::string_view kSegmentSuffix = ".wal";
constexpr std::string_view kUnfinishedSuffix = ".new";
constexpr std::string_view kCheckpoint = "CHECKPOINT";
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

}  // namespace

std::string WalSegmentName(const std::string& directory, uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigitsMin) {
    digits.insert(0, kDigitsMin - digits.size(), '0');
  }
  return JoinPath(directory, digits + std::string(kSegmentSuffix));
}

std::optional<uint64_t> WalSegmentNumber(std::string_view name) {
  if (!EndsWith(name, kSegmentSuffix)) {
    return std::nullopt;
  }
  const std::string_view digits =
      name.substr(0, name.size() - kSegmentSuffix.size());
  if (digits.size() < kDigitsMin || digits.size() > kDigitsMax ||
      !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return std::nullopt;
  }
  uint64_t number = 0;
  for (const char digit : digits) {
    number = number * 10 + static_cast<uint64_t>(digit - '0');
  }
  // "0000007" is no name that we give.
  if (BaseName(WalSegmentName("", number)) != name) {
    return std::nullopt;
  }
  return number;
}

std::string CheckpointName(const std::string& directory) {
  return JoinPath(directory, kCheckpoint);
}

std::string UnfinishedName(const std::string& name) {
  return name + std::string(kUnfinishedSuffix);
}

bool IsUnfinishedFile(std::string_view name) {
  if (!EndsWith(name, kUnfinishedSuffix)) {
    return false;
  }
  name.remove_suffix(kUnfinishedSuffix.size());
  return name == kCheckpoint || WalSegmentNumber(name).has_value();
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
  return name == kCheckpoint || name == kLock || name == kArchive ||
      name == kDamaged || WalSegmentNumber(name).has_value() ||
      IsUnfinishedFile(name);
}

bool IsFileOfEarlierForm(std::string_view name) {
  return name == "data.log";
}

bool IsFileOfLaterForm(std::string_view name) {
  constexpr std::string_view kManifestPrefix = "MANIFEST-";
  constexpr std::string_view kTableSuffix = ".sst";
  // Their numbers are written as those of segments.
  const auto is_number = [](std::string_view digits) {
    return WalSegmentNumber(std::string(digits) + std::string(kSegmentSuffix))
        .has_value();
  };
  if (EndsWith(name, kTableSuffix)) {
    return is_number(name.substr(0, name.size() - kTableSuffix.size()));
  }
  if (name.substr(0, kManifestPrefix.size()) == kManifestPrefix) {
    return is_number(name.substr(kManifestPrefix.size()));
  }
  return name == "CURRENT";
}

}  // namespace kv
