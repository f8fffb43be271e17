#include "common/fs/file_system.h"

namespace kv {
namespace {

constexpr size_t kReadFileBufferBytes = 64 * 1024;

// Without the slashes at its end; "/" stays.
std::string_view WithoutTrailingSlashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') {
    path.remove_suffix(1);
  }
  return path;
}

}  // namespace

Result<std::unique_ptr<RandomFile>> FileSystem::OpenForMappedRead(
    const std::string& path) {
  return OpenForRandomRead(path);
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') {
    path += '/';
  }
  path += name;
  return path;
}

std::string ParentPath(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return ".";
  }
  if (slash == 0) {
    return "/";
  }
  return std::string(WithoutTrailingSlashes(path.substr(0, slash)));
}

std::string BaseName(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() == 1) {
    return std::string(path);
  }
  return std::string(path.substr(slash + 1));
}

Result<std::string> ReadFile(FileSystem* fs, const std::string& path) {
  KV_ASSIGN_OR_RETURN(auto file, fs->OpenForSequentialRead(path));
  std::string content;
  std::vector<char> scratch(kReadFileBufferBytes);
  while (true) {
    KV_ASSIGN_OR_RETURN(
        const std::string_view piece,
        file->Read(std::span<char>(scratch.data(), scratch.size())));
    if (piece.empty()) {
      return content;
    }
    content += piece;
  }
}

Status WriteFile(
    FileSystem* fs, const std::string& path, std::string_view content) {
  auto opened = fs->OpenForAppend(path, AppendMode::kExisting);
  if (opened.status().IsNotFound()) {
    opened = fs->OpenForAppend(path, AppendMode::kCreate);
  }
  KV_RETURN_IF_ERROR(opened.status());
  AppendFile& file = **opened;
  if (file.Size() > 0) {
    KV_RETURN_IF_ERROR(file.Truncate(0));
  }
  KV_RETURN_IF_ERROR(file.Append(content));
  KV_RETURN_IF_ERROR(file.Sync());
  return file.Close();
}

}  // namespace kv
