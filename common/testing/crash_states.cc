#include "common/testing/crash_states.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace kv::testing {
namespace {

constexpr size_t kWholeCutBytesMax = 64;
constexpr size_t kSectorBytes = 512;
constexpr size_t kPageBytes = 4096;
constexpr size_t kAllSubsetsMax = 4;
constexpr size_t kBlocksMax = 12;

// Subsets of `count` things without the empty and the full one: all of them
// if they are few, else those that keep or drop one or a prefix.
std::vector<std::vector<bool>> ProperSubsets(size_t count) {
  std::set<std::vector<bool>> subsets;
  if (count <= kAllSubsetsMax) {
    for (size_t mask = 0; mask < (size_t{1} << count); ++mask) {
      std::vector<bool> subset(count);
      for (size_t i = 0; i < count; ++i) {
        subset[i] = ((mask >> i) & 1) != 0;
      }
      subsets.insert(subset);
    }
  } else {
    for (size_t i = 0; i < count; ++i) {
      std::vector<bool> one(count, false);
      one[i] = true;
      subsets.insert(one);
      one.flip();
      subsets.insert(one);
      std::vector<bool> prefix(count, false);
      std::fill_n(prefix.begin(), i, true);
      subsets.insert(prefix);
    }
  }
  subsets.erase(std::vector<bool>(count, false));
  subsets.erase(std::vector<bool>(count, true));
  return {subsets.begin(), subsets.end()};
}

std::string Flags(const std::vector<bool>& kept) {
  std::string text;
  for (const bool flag : kept) {
    text += flag ? '+' : '-';
  }
  return text;
}

std::string AllButLast(const DirtyFile& file) {
  std::string content = file.durable;
  for (size_t i = 0; i + 1 < file.writes.size(); ++i) {
    ApplyWrite(file.writes[i], &content);
  }
  return content;
}

std::string AllKept(const DirtyFile& file) {
  std::string content = file.durable;
  for (const UnsyncedWrite& write : file.writes) {
    ApplyWrite(write, &content);
  }
  return content;
}

bool LastIsWrite(const DirtyFile& file) {
  return !file.writes.empty() && !file.writes.back().is_truncate;
}

bool HasTruncate(const DirtyFile& file) {
  return std::any_of(
      file.writes.begin(), file.writes.end(),
      [](const UnsyncedWrite& write) { return write.is_truncate; });
}

std::vector<size_t> CutPoints(size_t length) {
  std::set<size_t> cuts;
  if (length <= kWholeCutBytesMax) {
    for (size_t cut = 1; cut < length; ++cut) {
      cuts.insert(cut);
    }
  } else {
    cuts = {1, 7, length - 1};
    for (size_t cut = kSectorBytes; cut < length; cut += kSectorBytes) {
      cuts.insert(cut);
    }
  }
  return {cuts.begin(), cuts.end()};
}

class Enumeration {
 public:
  Enumeration(
      const UnsyncedChanges& changes,
      const std::function<bool(const CrashState&)>& visit)
      : changes_(changes), visit_(visit) {
    for (const DirtyDirectory& directory : changes.directories) {
      for (const NameChange& change : directory.changes) {
        has_rename_ |= change.kind == NameChange::Kind::kRename;
      }
    }
  }

  void Run() {
    Visit(CrashKind::kDropAll, CrashChoice(), "nothing unsynced survives");
    if (changes_.files.empty() && changes_.directories.empty()) {
      return;
    }
    Visit(CrashKind::kKeepAll, KeepAll(), "all that was unsynced survives");
    if (!changes_.files.empty() && !changes_.directories.empty()) {
      VisitNamesAgainstData();
    }
    for (const DirtyFile& file : changes_.files) {
      VisitCuts(file);
      VisitLengths(file);
      VisitBlocks(file, kSectorBytes);
      VisitBlocks(file, kPageBytes);
      VisitTruncates(file);
    }
    VisitFileSubsets();
    for (const DirtyDirectory& directory : changes_.directories) {
      VisitNameSubsets(directory);
    }
  }

 private:
  static CrashChoice KeepAll() {
    CrashChoice choice;
    choice.keep_unsynced = true;
    return choice;
  }

  void Visit(CrashKind kind, CrashChoice choice, std::string what) {
    if (!stopped_) {
      stopped_ = !visit_(CrashState{kind, std::move(choice), std::move(what)});
    }
  }

  void VisitContent(
      CrashKind kind, const DirtyFile& file, std::string content,
      std::string what) {
    CrashChoice choice = KeepAll();
    choice.contents[file.id] = std::move(content);
    Visit(kind, std::move(choice), file.path + ": " + std::move(what));
  }

  void VisitNamesAgainstData() {
    CrashChoice names_only;
    CrashChoice data_only = KeepAll();
    for (const DirtyDirectory& directory : changes_.directories) {
      const size_t count = directory.changes.size();
      names_only.names[directory.id].assign(count, true);
      data_only.names[directory.id].assign(count, false);
    }
    Visit(
        has_rename_ ? CrashKind::kRenameWithoutData : CrashKind::kNamesApart,
        std::move(names_only), "all names survive, no unsynced bytes");
    Visit(
        has_rename_ ? CrashKind::kDataWithoutRename : CrashKind::kNamesApart,
        std::move(data_only), "all unsynced bytes survive, no names");
  }

  void VisitCuts(const DirtyFile& file) {
    if (!LastIsWrite(file)) {
      return;
    }
    const UnsyncedWrite& last = file.writes.back();
    const std::string before = AllButLast(file);
    const std::string of_length = " of " + std::to_string(last.data.size()) +
        " bytes at " + std::to_string(last.offset);
    for (const size_t cut : CutPoints(last.data.size())) {
      std::string content = before;
      ApplyWrite({false, last.offset, last.data.substr(0, cut)}, &content);
      VisitContent(
          CrashKind::kCutWrite, file, std::move(content),
          "the last write" + of_length + " was cut after " +
              std::to_string(cut));
    }
  }

  void VisitLengths(const DirtyFile& file) {
    if (!LastIsWrite(file)) {
      return;
    }
    const UnsyncedWrite& last = file.writes.back();
    const size_t length = last.data.size();
    std::string zeros = AllButLast(file);
    ApplyWrite({false, last.offset, std::string(length, '\0')}, &zeros);
    VisitContent(
        CrashKind::kLengthOnly, file, zeros,
        "the last write is " + std::to_string(length) + " zeros");
    std::string half = zeros;
    ApplyWrite({false, last.offset, last.data.substr(0, length / 2)}, &half);
    VisitContent(
        CrashKind::kLengthOnly, file, std::move(half),
        "the second half of the last write is zeros");
    std::string all = AllKept(file);
    if (file.writes.size() > 1 && all.size() > file.durable.size()) {
      std::string grown = file.durable;
      grown.resize(all.size(), '\0');
      VisitContent(
          CrashKind::kLengthOnly, file, std::move(grown),
          "all unsynced bytes are zeros");
    }
  }

  // Blocks that the unsynced writes touched; each one left as it was before,
  // with all others written, and the last one written alone.
  void VisitBlocks(const DirtyFile& file, size_t block_bytes) {
    const std::string all = AllKept(file);
    std::set<size_t> blocks;
    for (const UnsyncedWrite& write : file.writes) {
      if (write.is_truncate) continue;
      const size_t begin = static_cast<size_t>(write.offset);
      const size_t end = std::min(begin + write.data.size(), all.size());
      for (size_t at = begin; at < end;
           at = (at / block_bytes + 1) * block_bytes) {
        blocks.insert(at / block_bytes);
      }
    }
    if (blocks.size() < 2) {
      return;
    }
    const auto revert = [&](size_t block, std::string* content) {
      const size_t begin = block * block_bytes;
      const size_t end = std::min(begin + block_bytes, content->size());
      for (size_t i = begin; i < end; ++i) {
        (*content)[i] = i < file.durable.size() ? file.durable[i] : '\0';
      }
    };
    const size_t last = *blocks.rbegin();
    std::string only_last = all;
    size_t visited = 0;
    const size_t step = blocks.size() / kBlocksMax + 1;
    for (const size_t block : blocks) {
      if (block == last) break;
      revert(block, &only_last);
      if (visited++ % step != 0) continue;
      std::string content = all;
      revert(block, &content);
      VisitContent(
          CrashKind::kLaterBlock, file, std::move(content),
          "all blocks of " + std::to_string(block_bytes) +
              " bytes were written but the one at " +
              std::to_string(block * block_bytes));
    }
    VisitContent(
        CrashKind::kLaterBlock, file, std::move(only_last),
        "only the last block of " + std::to_string(block_bytes) +
            " bytes was written");
  }

  void VisitTruncates(const DirtyFile& file) {
    if (!HasTruncate(file)) {
      return;
    }
    std::string without_truncates = file.durable;
    std::string only_truncates = file.durable;
    for (const UnsyncedWrite& write : file.writes) {
      ApplyWrite(
          write, write.is_truncate ? &only_truncates : &without_truncates);
    }
    VisitContent(
        CrashKind::kTruncateLost, file, std::move(without_truncates),
        "the writes survive, the truncates do not");
    VisitContent(
        CrashKind::kTruncateLost, file, std::move(only_truncates),
        "the truncates survive, the writes do not");
  }

  void VisitFileSubsets() {
    if (changes_.files.size() < 2) {
      return;
    }
    for (const auto& kept : ProperSubsets(changes_.files.size())) {
      CrashChoice choice = KeepAll();
      for (size_t i = 0; i < kept.size(); ++i) {
        if (!kept[i]) {
          choice.contents[changes_.files[i].id] = changes_.files[i].durable;
        }
      }
      Visit(
          CrashKind::kFilesApart, std::move(choice),
          "all names survive, of the files' unsynced bytes " + Flags(kept));
    }
  }

  void VisitNameSubsets(const DirtyDirectory& directory) {
    for (const auto& kept : ProperSubsets(directory.changes.size())) {
      bool keeps_rename = false;
      bool drops_rename = false;
      for (size_t i = 0; i < kept.size(); ++i) {
        if (directory.changes[i].kind == NameChange::Kind::kRename) {
          (kept[i] ? keeps_rename : drops_rename) = true;
        }
      }
      for (const bool keep_data : {true, false}) {
        CrashChoice choice;
        choice.keep_unsynced = keep_data;
        choice.names[directory.id] = kept;
        CrashKind kind = CrashKind::kNamesApart;
        if (keeps_rename && !keep_data) kind = CrashKind::kRenameWithoutData;
        if (drops_rename && keep_data) kind = CrashKind::kDataWithoutRename;
        Visit(kind, std::move(choice), Words(directory, kept, keep_data));
      }
    }
  }

  static std::string Words(
      const DirtyDirectory& directory, const std::vector<bool>& kept,
      bool keep_data) {
    std::string text = keep_data ? "unsynced bytes survive; in '"
                                 : "no unsynced bytes survive; in '";
    text += directory.path + "'";
    for (size_t i = 0; i < kept.size(); ++i) {
      const NameChange& change = directory.changes[i];
      text += kept[i] ? ", kept: " : ", lost: ";
      switch (change.kind) {
        case NameChange::Kind::kAdd:
          text += "create " + change.name;
          break;
        case NameChange::Kind::kRemove:
          text += "remove " + change.name;
          break;
        case NameChange::Kind::kRename:
          text += "rename " + change.old_name + " to " + change.name;
          break;
      }
    }
    return text;
  }

  const UnsyncedChanges& changes_;
  const std::function<bool(const CrashState&)>& visit_;
  bool has_rename_ = false;
  bool stopped_ = false;
};

}  // namespace

std::string_view CrashKindName(CrashKind kind) {
  constexpr std::array<std::string_view, kCrashKinds> kNames = {
      "all unsynced dropped",
      "all unsynced kept",
      "last write cut",
      "files kept or dropped apart",
      "names kept or dropped apart",
      "later block without earlier",
      "length without bytes",
      "truncate against writes",
      "rename without data",
      "data without rename",
      "process death, then power loss",
      "crash during recovery",
  };
  return kNames[static_cast<size_t>(kind)];
}

void ForEachCrashState(
    const UnsyncedChanges& changes,
    const std::function<bool(const CrashState&)>& visit) {
  Enumeration(changes, visit).Run();
}

}  // namespace kv::testing
