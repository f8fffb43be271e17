#include "version/database_exists.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "kv/file_names.h"
#include "log/log_format.h"
#include "table/table_format.h"
#include "version/current_file.h"

namespace kv {
namespace {

constexpr uint64_t kFirstNumber = 1;  // of manifests and segments

// A manifest that CURRENT has never named has a header and one short frame; a
// segment without a write has a header, and a close frame perhaps.
constexpr uint64_t kFirstManifestBytesMax =
    kLogHeaderBytes + 2 * kFrameHeaderBytes;
constexpr uint64_t kEmptySegmentBytesMax = kLogHeaderBytes + kFrameHeaderBytes;

struct FoundFile {
  std::string name;
  uint64_t bytes = 0;
  std::string start;  // all that a creation can have left of it
};

Result<FoundFile> LookAt(
    FileSystem* fs, const std::string& path, const std::string& name) {
  FoundFile found;
  found.name = name;
  KV_ASSIGN_OR_RETURN(
      const auto file, fs->OpenForRandomRead(JoinPath(path, name)));
  KV_ASSIGN_OR_RETURN(found.bytes, file->Size());
  std::array<char, kFirstManifestBytesMax> scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view start,
      file->ReadAt(0, std::span<char>(scratch.data(), scratch.size())));
  found.start = start;
  return found;
}

// Whether the file begins as `whole` does, as far as both go. A crash may leave
// a file's length without its bytes: zeros, from somewhere on.
bool BeginsLike(const FoundFile& found, std::string_view whole) {
  const std::string& start = found.start;
  const auto [end, whole_end] =
      std::mismatch(start.begin(), start.end(), whole.begin(), whole.end());
  return whole_end == whole.end() ||
      std::all_of(end, start.end(), [](char c) { return c == 0; });
}

// Whether it begins as our files of this name do.
bool IsLikeOurs(const FoundFile& found) {
  constexpr size_t kMagicBytes = 8;  // of a table with the version
  std::string header;
  if (TableNumber(found.name).has_value()) {
    EncodeTableHeader({}, &header);
  } else if (found.name == BaseName(UnfinishedName(CurrentName("")))) {
    return BeginsLike(found, EncodeCurrent(kFirstNumber));
  } else {
    EncodeLogHeader({}, &header);
  }
  return BeginsLike(found, std::string_view(header).substr(0, kMagicBytes));
}

// Of a file that is like ours.
bool IsLeftByACreation(const FoundFile& found) {
  if (const auto number = ManifestNumber(found.name)) {
    return *number == kFirstNumber && found.bytes <= kFirstManifestBytesMax;
  }
  if (const auto number = WalSegmentNumber(found.name)) {
    return *number == kFirstNumber && found.bytes <= kEmptySegmentBytesMax;
  }
  return IsUnfinishedFile(found.name) && found.bytes <= kEmptySegmentBytesMax;
}

Status IsEarlierForm(const std::string& path, const std::string& what) {
  return Status::NotSupported(
      "'" + path + "': this database has an earlier form, with " + what +
      "; take it over with the program that wrote it: "
      "kv_shell --dump OLD | kv_shell --load NEW");
}

}  // namespace

Result<bool> DatabaseExists(
    FileSystem* fs, const std::string& path,
    const std::vector<std::string>& names) {
  if (std::count(names.begin(), names.end(), BaseName(CurrentName(""))) > 0) {
    return true;
  }
  bool has_manifest = false;
  std::string in_use;  // a file that shows that there was a CURRENT
  std::string segment;
  std::string foreign;
  for (const std::string& name : names) {
    if (IsFileOfEarlierForm(name)) {
      return IsEarlierForm(path, "a " + name);
    }
    const bool is_manifest = ManifestNumber(name).has_value();
    const bool is_segment = WalSegmentNumber(name).has_value();
    if (!is_manifest && !is_segment && !TableNumber(name).has_value() &&
        !IsUnfinishedFile(name)) {
      if (foreign.empty() && !IsDatabaseFile(name)) {
        foreign = name;
      }
      continue;
    }
    KV_ASSIGN_OR_RETURN(const FoundFile found, LookAt(fs, path, name));
    if (!IsLikeOurs(found)) {
      foreign = foreign.empty() ? name : foreign;
      continue;
    }
    has_manifest |= is_manifest;
    if (!IsLeftByACreation(found)) {
      (is_segment ? segment : in_use) = name;
    }
  }
  if (in_use.empty() && !segment.empty()) {
    if (!has_manifest) {
      return IsEarlierForm(path, segment + " and no manifest");
    }
    in_use = segment;
  }
  if (!in_use.empty()) {
    return Status::Corruption(
        CurrentName(path) + " is missing, though there is " + in_use +
        "; restore it, or the whole directory, from a backup");
  }
  if (!foreign.empty()) {
    return Status::InvalidArgument(
        "'" + path + "': there is no database here, but there is '" + foreign +
        "', which is not of this kind of database; choose an empty directory, "
        "or open this one with the program that made it");
  }
  return false;
}

}  // namespace kv
