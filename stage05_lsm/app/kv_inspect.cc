// kv_inspect: the files of a database as annotated bytes.
//
// It reads and never writes, also a database that is open elsewhere, and goes
// on behind damage. Exit codes: 0 all bytes are as they were written, 1 some
// are not, 2 wrong usage, 3 the file cannot be read.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "app/kv_inspect/current_inspector.h"
#include "app/kv_inspect/inspected_file.h"
#include "app/kv_inspect/log_inspector.h"
#include "app/kv_inspect/table_inspector.h"
#include "common/fs/file_system.h"
#include "common/shell/escape.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/kept_files.h"
#include "log/log_format.h"
#include "table/table_format.h"
#include "version/version_edit.h"

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
    "  kv_inspect FILE OFFSET   the frame or the entry that begins there, and\n"
    "                           the rest\n"
    "The directories 'archive' and 'damaged' in DIR have files of their own:\n"
    "kv_inspect DIR/archive.\n\n"
    "A line is the offset in the file, the bytes, and what they mean; a field\n"
    "of more than 32 bytes is cut. Docs: docs/format/log.md, manifest.md,\n"
    "table.md.\n\n"
    "Exit codes: 0 all bytes are as they were written; 1 some are not;\n"
    "2 wrong usage; 3 the file cannot be read.\n";

// Whether it is a table: by its name, or, if that says nothing, by its first
// bytes.
bool IsTable(const std::string& name, std::string_view first_bytes) {
  uint32_t magic = 0;
  return TableNumber(name).has_value() ||
      (GetFixed32(&first_bytes, &magic) && magic == kTableMagic);
}

Status EarlierForm(const std::string& name) {
  return Status::NotSupported(
      "'" + EscapeBytes(name) +
      "' is of an earlier form of the database; use the kv_inspect of the "
      "stage that made it");
}

// The name that a file had before it was kept, without its directory.
std::string OriginalName(const std::string& path) {
  return std::string(NameBeforeKept(BaseName(path)));
}

// The files in the order in which they are read; what is being created last.
Result<std::vector<std::string>> FilesToInspect(const std::string& path) {
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> names, FileSystem::Posix()->List(path));
  std::vector<std::string> files;
  std::vector<std::string> unfinished;
  // With the length, so that the tenth that was kept is behind the second.
  using Numbered = std::tuple<uint64_t, size_t, std::string>;
  std::vector<Numbered> manifests;
  std::vector<Numbered> tables;
  std::vector<Numbered> segments;
  // Where there is no lock is no database, but what was kept of one.
  const bool is_locked =
      std::count(names.begin(), names.end(), BaseName(LockName(""))) > 0;
  for (const std::string& name : names) {
    if (IsFileOfEarlierForm(name)) return EarlierForm(name);
    const std::string base = is_locked ? name : OriginalName(name);
    if (base == BaseName(CurrentName(""))) {
      files.push_back(JoinPath(path, name));
    } else if (const auto manifest = ManifestNumber(base)) {
      manifests.emplace_back(*manifest, name.size(), name);
    } else if (const auto table = TableNumber(base)) {
      tables.emplace_back(*table, name.size(), name);
    } else if (const auto number = WalSegmentNumber(base)) {
      segments.emplace_back(*number, name.size(), name);
    } else if (IsUnfinishedFile(base)) {
      unfinished.push_back(JoinPath(path, name));
    }
  }
  const auto add = [&](std::vector<Numbered> numbered) {
    std::sort(numbered.begin(), numbered.end());
    for (const Numbered& file : numbered) {
      files.push_back(JoinPath(path, std::get<std::string>(file)));
    }
  };
  add(manifests);
  add(tables);
  add(segments);
  files.insert(files.end(), unfinished.begin(), unfinished.end());
  if (is_locked) files.push_back(LockName(path));
  return files;
}

// What the files that were looked at say about the others.
struct Findings {
  uint64_t manifest = 0;  // that CURRENT names; 0: not known
  uint64_t first_segment = 0;  // behind its tables; 0: not known
  std::vector<uint64_t> tables;

  // Whether opening removes it, since nothing names it.
  bool IsOrphan(const std::string& name) const {
    if (const auto number = ManifestNumber(name)) {
      return manifest != 0 && *number != manifest;
    }
    const auto table = TableNumber(name);
    return table.has_value() && first_segment != 0 &&
        std::count(tables.begin(), tables.end(), *table) == 0;
  }
};

Result<bool> InspectFile(
    const std::string& path, std::optional<uint64_t> from, Findings* findings) {
  KV_ASSIGN_OR_RETURN(
      const auto file, FileSystem::Posix()->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, file->Size());
  const InspectedFile inspected{EscapeBytes(path), file.get(), bytes};
  std::cout << inspected.name << ": " << bytes << " bytes\n";
  const std::string base = OriginalName(path);
  if (base == BaseName(LockName(""))) {
    std::cout << "locked by the process that has the database open; what it "
                 "holds means nothing\n";
    return true;
  }
  if (base == BaseName(CurrentName("")) ||
      base == BaseName(UnfinishedName(CurrentName("")))) {
    if (from.has_value()) {
      return Status::InvalidArgument("it has no frames or entries");
    }
    KV_ASSIGN_OR_RETURN(const uint64_t manifest, InspectCurrent(inspected));
    if (base == BaseName(CurrentName(""))) findings->manifest = manifest;
    return manifest != 0;
  }
  std::string scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view first_bytes,
      inspected.Read(0, sizeof(kTableMagic), &scratch));
  const bool is_table = IsTable(base, first_bytes);
  const uint64_t first = is_table ? kTableHeaderBytes : kLogHeaderBytes;
  if (from.has_value() && (*from < first || *from >= bytes)) {
    return Status::InvalidArgument(
        "offset " + std::to_string(*from) + " is not within the " +
        (is_table ? "entries, " : "frames, ") + std::to_string(first) + " to " +
        std::to_string(bytes));
  }
  if (is_table) return TableInspector(inspected).Run(from);
  LogInspector log(inspected);
  const Result<bool> whole = log.Run(from);
  if (ManifestNumber(base).value_or(0) == findings->manifest &&
      log.Edits().first_segment.has_value()) {
    findings->first_segment = *log.Edits().first_segment;
    for (const TableMetadata& table : log.Edits().added) {
      findings->tables.push_back(table.number);
    }
  }
  return whole;
}

// Files that opening does not read.
void TellOfDirectories(const std::string& path) {
  for (const std::string& directory : {ArchiveName(path), DamagedName(path)}) {
    const auto names = FileSystem::Posix()->List(directory);
    if (!names.ok() || names->empty()) continue;
    std::cout << "\n"
              << EscapeBytes(directory) << ": " << names->size()
              << " entries, not read by opening; 'kv_inspect "
              << EscapeBytes(directory) << "' shows them\n";
  }
}

Result<bool> InspectDirectory(const std::string& path) {
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> files, FilesToInspect(path));
  if (files.empty()) {
    return Status::InvalidArgument(
        "'" + EscapeBytes(path) + "' holds no file of a database");
  }
  bool whole = true;
  Findings findings;
  uint64_t expected = 0;  // the number of the next segment; 0: not known
  for (size_t i = 0; i < files.size(); ++i) {
    if (i > 0) std::cout << "\n";
    const std::string base = OriginalName(files[i]);
    bool counts = !IsUnfinishedFile(base);
    if (const auto number = WalSegmentNumber(base)) {
      if (*number < findings.first_segment) {
        std::cout << "in the tables already; opening removes it:\n";
        counts = false;
      } else if (expected != 0 && *number > expected) {
        std::cout << "MISSING: the segments from number " << expected << " to "
                  << *number - 1 << "\n\n";
        whole = false;
      }
      expected = std::max(*number + 1, findings.first_segment);
    }
    if (findings.IsOrphan(base)) {
      std::cout << "named by nothing, as a crash leaves it; opening removes "
                   "it:\n";
      counts = false;
    } else if (IsUnfinishedFile(base)) {
      std::cout << "being made, or left by a crash; opening removes it:\n";
    }
    const Result<bool> file_whole =
        InspectFile(files[i], std::nullopt, &findings);
    if (expected == 0) expected = findings.first_segment;
    if (file_whole.status().code() == StatusCode::kCorruption) {
      // The other files are worth seeing all the more.
      std::cout << (counts ? "DAMAGED: " : "not whole: ")
                << file_whole.status().message() << "\n";
      whole = whole && !counts;
      continue;
    }
    KV_RETURN_IF_ERROR(file_whole.status());
    whole = whole && (*file_whole || !counts);
  }
  if (expected != 0 && expected == findings.first_segment) {
    std::cout << "\nMISSING: segment " << expected
              << ", the log behind the tables\n";
    whole = false;
  }
  TellOfDirectories(path);
  return whole;
}

Result<bool> Inspect(const std::string& path, std::optional<uint64_t> from) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    if (!from.has_value()) return InspectDirectory(path);
    return Status::InvalidArgument("an offset goes with a file");
  }
  if (IsFileOfEarlierForm(BaseName(path))) return EarlierForm(BaseName(path));
  Findings findings;
  return InspectFile(path, from, &findings);
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
