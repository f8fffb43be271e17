#include "kv/kept_files.h"

#include <algorithm>
#include <memory>
#include <span>

namespace kv {
namespace {

constexpr uint64_t kFirstNumber = 2;  // of the second file of a name

struct Place {
  std::string name;
  bool is_kept = false;  // the file is there; else the name is free
};

Result<bool> HaveSameContent(
    FileSystem* fs, const std::string& one, const std::string& other) {
  constexpr uint64_t kPieceBytes = 64 * 1024;
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, fs->FileSize(one));
  KV_ASSIGN_OR_RETURN(const uint64_t other_bytes, fs->FileSize(other));
  if (bytes != other_bytes) {
    return false;
  }
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<RandomFile> a, fs->OpenForRandomRead(one));
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<RandomFile> b, fs->OpenForRandomRead(other));
  std::string buffer(2 * static_cast<size_t>(kPieceBytes), '\0');
  for (uint64_t offset = 0; offset < bytes; offset += kPieceBytes) {
    const auto wanted =
        static_cast<size_t>(std::min(kPieceBytes, bytes - offset));
    KV_ASSIGN_OR_RETURN(
        const std::string_view piece,
        a->ReadAt(offset, std::span(buffer.data(), wanted)));
    KV_ASSIGN_OR_RETURN(
        const std::string_view other_piece,
        b->ReadAt(offset, std::span(buffer.data() + kPieceBytes, wanted)));
    if (piece.size() < wanted || other_piece.size() < wanted) {
      return Status::IoError(
          one + ": a read gave fewer bytes than the file has; try again");
    }
    if (piece != other_piece) {
      return false;
    }
  }
  return true;
}

Result<Place> FindPlace(
    FileSystem* fs, const std::string& path, const std::string& directory) {
  const std::string first = JoinPath(directory, BaseName(path));
  Place place{first};
  for (uint64_t number = kFirstNumber;; ++number) {
    KV_ASSIGN_OR_RETURN(const bool exists, fs->Exists(place.name));
    if (!exists) {
      return place;
    }
    KV_ASSIGN_OR_RETURN(place.is_kept, HaveSameContent(fs, path, place.name));
    if (place.is_kept) {
      return place;
    }
    place.name = first + "." + std::to_string(number);
  }
}

}  // namespace

std::string_view NameBeforeKept(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return name;
  }
  const std::string_view number = name.substr(dot + 1);
  const bool is_number = !number.empty() && number.front() != '0' &&
      number != "1" && std::all_of(number.begin(), number.end(), [](char c) {
        return c >= '0' && c <= '9';
      });
  return is_number ? name.substr(0, dot) : name;
}

Result<bool> IsKept(
    FileSystem* fs, const std::string& path, const std::string& directory) {
  KV_ASSIGN_OR_RETURN(const Place place, FindPlace(fs, path, directory));
  return place.is_kept;
}

Status KeepFile(
    FileSystem* fs, const std::string& path, const std::string& directory) {
  KV_RETURN_IF_ERROR(fs->CreateDirectory(directory));
  KV_ASSIGN_OR_RETURN(const Place place, FindPlace(fs, path, directory));
  return place.is_kept ? Status::Ok() : fs->HardLink(path, place.name);
}

}  // namespace kv
