// kv_inspect: the files of a database as annotated bytes.
//
// It reads and never writes, also a database that is open elsewhere, and goes
// on behind damage. Exit codes: 0 all bytes are as they were written, 1 some
// are not, 2 wrong usage, 3 the file cannot be read.

#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/kv_inspect/inspected_file.h"
#include "app/kv_inspect/log_inspector.h"
#include "common/fs/file_system.h"
#include "common/shell/escape.h"
#include "kv/file_names.h"
#include "log/log_format.h"

namespace kv {
namespace {

using shell::EscapeBytes;

constexpr int kExitDamaged = 1;
constexpr int kExitUsage = 2;
constexpr int kExitCannotRead = 3;

constexpr std::string_view kUsage =
    "kv_inspect: the files of a database as annotated bytes.\n\n"
    "Usage:\n"
    "  kv_inspect DIR           every file of the database\n"
    "  kv_inspect FILE          one of them\n"
    "  kv_inspect FILE OFFSET   the frame that begins there, and the rest\n\n"
    "A line is the offset in the file, the bytes, and what they mean; a field\n"
    "of more than 32 bytes is cut. Docs: docs/format/log.md.\n\n"
    "Exit codes: 0 all bytes are as they were written; 1 some are not;\n"
    "2 wrong usage; 3 the file cannot be read.\n";

std::string BaseName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

Result<bool> InspectFile(
    const std::string& path, std::optional<uint64_t> from) {
  KV_ASSIGN_OR_RETURN(
      const auto file, FileSystem::Posix()->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, file->Size());
  std::cout << EscapeBytes(path) << ": " << bytes << " bytes\n";
  if (BaseName(path) == BaseName(LockName(""))) {
    std::cout << "locked by the process that has the database open; what it "
                 "holds means nothing\n";
    return true;
  }
  if (from.has_value() && (*from < kLogHeaderBytes || *from >= bytes)) {
    return Status::InvalidArgument(
        "offset " + std::to_string(*from) + " is not within the frames, " +
        std::to_string(kLogHeaderBytes) + " to " + std::to_string(bytes));
  }
  const InspectedFile inspected{EscapeBytes(path), file.get(), bytes};
  return LogInspector(inspected).Run(from);
}

Result<bool> Inspect(const std::string& path, std::optional<uint64_t> from) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return InspectFile(path, from);
  }
  std::vector<std::string> files;
  for (const std::string& file :
       {DataLogName(path), NewDataLogName(path), LockName(path)}) {
    if (std::filesystem::exists(file, error)) files.push_back(file);
  }
  if (files.empty()) {
    return Status::InvalidArgument(
        "'" + EscapeBytes(path) + "' holds no file of a database");
  }
  bool whole = true;
  for (size_t i = 0; i < files.size(); ++i) {
    if (i > 0) std::cout << "\n";
    KV_ASSIGN_OR_RETURN(const bool file_whole, InspectFile(files[i], from));
    whole = whole && file_whole;
  }
  return whole;
}

int Main(const std::vector<std::string>& words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    std::cout << kUsage;
    return 0;
  }
  std::optional<uint64_t> from;
  if (words.size() == 2 && !words[1].empty() && words[1].size() < 19 &&
      words[1].find_first_not_of("0123456789") == std::string::npos) {
    from = std::stoull(words[1]);
  }
  if (words.empty() || words.size() > 2 ||
      (words.size() == 2 && !from.has_value())) {
    std::cerr << kUsage;
    return kExitUsage;
  }
  try {
    const Result<bool> whole = Inspect(words[0], from);
    std::cout.flush();
    if (whole.ok()) return *whole ? 0 : kExitDamaged;
    std::cerr << "kv_inspect: '" << EscapeBytes(words[0]) << "': "
              << (whole.status().IsNotFound() ? "there is no such file"
                                              : whole.status().ToString())
              << "\n";
    return whole.status().code() == StatusCode::kCorruption ? kExitDamaged
                                                            : kExitCannotRead;
  } catch (const std::exception& error) {
    // An exercise that is not written yet.
    std::cerr << "kv_inspect: " << error.what() << "\n";
    return kExitCannotRead;
  }
}

}  // namespace
}  // namespace kv

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return kv::Main(std::vector<std::string>(argv + 1, argv + argc));
}
