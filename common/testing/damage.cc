#include "common/testing/damage.h"

#include <algorithm>

#include "common/base/random.h"

namespace kv::testing {
namespace {

constexpr uint64_t kEdgeBytes = 64;
constexpr uint64_t kBlockSizes[] = {16, 128, 512, 4096};
constexpr uint64_t kGarbageLengths[] = {1, 7, 32, 64, 100, 512, 5000};

enum class Garbage : uint64_t { kZeros, kRandom, kOwnBeginning, kOwnEnd };
constexpr uint64_t kGarbageKinds = 4;

bool IsTaken(uint64_t offset, uint64_t size, const DamagePlan& plan) {
  return offset % plan.stride == plan.seed % plan.stride ||
      offset < kEdgeBytes || offset + kEdgeBytes >= size;
}

// Lists the damages of one file.
class Lister {
 public:
  Lister(
      std::string name, uint64_t size, const DamagePlan& plan,
      std::vector<Damage>* list)
      : name_(std::move(name)),
        size_(size),
        plan_(plan),
        random_(plan.seed),
        list_(list) {}

  void List(size_t older_count) {
    Flips();
    Cuts();
    Blocks();
    for (const uint64_t length : kGarbageLengths) {
      for (uint64_t kind = 0; kind < kGarbageKinds; ++kind) {
        Add(DamageKind::kAppendGarbage, size_, length, kind);
      }
    }
    for (size_t older = 0; older < older_count; ++older) {
      Add(DamageKind::kOlderSelf, 0, 0, older);
    }
    Add(DamageKind::kDelete, 0, 0, 0);
  }

 private:
  void Add(DamageKind kind, uint64_t offset, uint64_t length, uint64_t detail) {
    Damage damage;
    damage.kind = kind;
    damage.file = name_;
    damage.offset = offset;
    damage.length = length;
    damage.detail = detail;
    list_->push_back(std::move(damage));
  }

  void Flips() {
    for (uint64_t offset = 0; offset < size_; ++offset) {
      if (!IsTaken(offset, size_, plan_)) continue;
      const uint64_t one = random_.Below(8);
      for (uint64_t bit = 0; bit < 8; ++bit) {
        if (plan_.every_bit || bit == one) {
          Add(DamageKind::kFlipBit, offset, 1, bit);
        }
      }
    }
  }

  void Cuts() {
    for (uint64_t offset = 0; offset < size_; ++offset) {
      if (IsTaken(offset, size_, plan_)) Add(DamageKind::kCut, offset, 0, 0);
    }
  }

  void Blocks() {
    for (const uint64_t length : kBlockSizes) {
      // Small blocks are many: they follow the stride too.
      const uint64_t step = (plan_.stride + length - 1) / length * length;
      for (uint64_t offset = 0; offset < size_; offset += step) {
        Add(DamageKind::kZeroBlock, offset, length, 0);
        const uint64_t blocks = size_ / length;
        if (blocks < 2 || offset + length > size_) continue;
        Add(DamageKind::kSwapBlocks, offset, length,
            random_.Below(blocks) * length);
      }
    }
  }

  const std::string name_;
  const uint64_t size_;
  const DamagePlan& plan_;
  SeededRandom random_;
  std::vector<Damage>* const list_;
};

std::vector<Damage> OneOfEachKind(
    const std::vector<Damage>& list, SeededRandom* random) {
  std::map<DamageKind, std::vector<Damage>> kinds;
  for (const Damage& damage : list) kinds[damage.kind].push_back(damage);
  std::vector<Damage> chosen;
  for (const auto& [kind, damages] : kinds) {
    chosen.push_back(
        damages[static_cast<size_t>(random->Below(damages.size()))]);
  }
  return chosen;
}

std::string MakeGarbage(const std::string& content, const Damage& damage) {
  const size_t length = static_cast<size_t>(damage.length);
  switch (static_cast<Garbage>(damage.detail)) {
    case Garbage::kZeros:
      return std::string(length, '\0');
    case Garbage::kOwnBeginning:
      return content.substr(0, length);
    case Garbage::kOwnEnd:
      return content.substr(content.size() - std::min(content.size(), length));
    case Garbage::kRandom:
      break;
  }
  SeededRandom random(damage.length);
  std::string garbage;
  while (garbage.size() < length) {
    garbage += static_cast<char>(random.Below(256));
  }
  return garbage;
}

// The file's content after damage that leaves the file there.
std::string Damaged(const std::string& content, const Damage& damage) {
  std::string changed = content;
  const size_t offset = static_cast<size_t>(damage.offset);
  const size_t length = static_cast<size_t>(damage.length);
  const size_t detail = static_cast<size_t>(damage.detail);
  switch (damage.kind) {
    case DamageKind::kFlipBit:
      changed[offset] = static_cast<char>(changed[offset] ^ (1 << detail));
      break;
    case DamageKind::kZeroBlock:
      for (size_t i = offset; i < changed.size() && i < offset + length; ++i) {
        changed[i] = '\0';
      }
      break;
    case DamageKind::kSwapBlocks:
      changed.replace(offset, length, content, detail, length);
      changed.replace(detail, length, content, offset, length);
      break;
    case DamageKind::kCut:
      changed.resize(offset);
      break;
    case DamageKind::kAppendGarbage:
      changed += MakeGarbage(content, damage);
      break;
    case DamageKind::kOlderSelf:
    case DamageKind::kDelete:
      break;
  }
  return changed;
}

}  // namespace

Result<DirectoryImage> ReadDirectoryImage(
    FileSystem* fs, const std::string& path) {
  KV_ASSIGN_OR_RETURN(const std::vector<std::string> names, fs->List(path));
  DirectoryImage image;
  for (const std::string& name : names) {
    KV_ASSIGN_OR_RETURN(image[name], ReadFile(fs, JoinPath(path, name)));
  }
  return image;
}

Status WriteDirectoryImage(
    FileSystem* fs, const std::string& path, const DirectoryImage& image) {
  KV_RETURN_IF_ERROR(fs->CreateDirectory(path));
  for (const auto& [name, content] : image) {
    KV_RETURN_IF_ERROR(WriteFile(fs, JoinPath(path, name), content));
  }
  return fs->SyncDirectory(path);
}

std::string_view DamageKindName(DamageKind kind) {
  switch (kind) {
    case DamageKind::kFlipBit:
      return "flip bit";
    case DamageKind::kZeroBlock:
      return "zero block";
    case DamageKind::kSwapBlocks:
      return "swap blocks";
    case DamageKind::kCut:
      return "cut";
    case DamageKind::kAppendGarbage:
      return "append garbage";
    case DamageKind::kOlderSelf:
      return "older self";
    case DamageKind::kDelete:
      return "delete";
  }
  return "?";
}

std::string Damage::Text() const {
  const auto number = [](uint64_t value) { return std::to_string(value); };
  static constexpr const char* kGarbageNames[] = {
      "zeros", "random bytes", "of its own beginning", "of its own end"};
  switch (kind) {
    case DamageKind::kFlipBit:
      return "flip bit " + number(detail) + " of byte " + number(offset) +
          " of " + file;
    case DamageKind::kZeroBlock:
      return "zero " + number(length) + " bytes at " + number(offset) + " of " +
          file;
    case DamageKind::kSwapBlocks:
      return "swap the " + number(length) + "-byte blocks at " +
          number(offset) + " and " + number(detail) + " of " + file;
    case DamageKind::kCut:
      return "cut " + file + " to " + number(offset) + " bytes";
    case DamageKind::kAppendGarbage:
      return "append " + number(length) + " bytes (" + kGarbageNames[detail] +
          ") to " + file;
    case DamageKind::kOlderSelf:
      return "replace " + file + " by itself in older image " + number(detail);
    case DamageKind::kDelete:
      return "delete " + file;
  }
  return "?";
}

std::vector<Damage> ListDamages(
    const DirectoryImage& image, const std::vector<DirectoryImage>& older,
    const DamagePlan& plan) {
  std::vector<Damage> list;
  SeededRandom random(plan.seed);
  for (const auto& [name, content] : image) {
    std::vector<Damage> of_file;
    Lister(name, content.size(), plan, &of_file).List(older.size());
    if (plan.briefly.count(name) > 0) {
      of_file = OneOfEachKind(of_file, &random);
    }
    list.insert(list.end(), of_file.begin(), of_file.end());
  }
  return list;
}

std::optional<DirectoryImage> ApplyDamage(
    const DirectoryImage& image, const std::vector<DirectoryImage>& older,
    const Damage& damage) {
  DirectoryImage changed = image;
  std::string& content = changed.at(damage.file);
  if (damage.kind == DamageKind::kDelete) {
    changed.erase(damage.file);
    return changed;
  }
  if (damage.kind == DamageKind::kOlderSelf) {
    const DirectoryImage& old = older[static_cast<size_t>(damage.detail)];
    const auto found = old.find(damage.file);
    if (found == old.end() || found->second == content) return std::nullopt;
    content = found->second;
    return changed;
  }
  content = Damaged(content, damage);
  if (content == image.at(damage.file)) return std::nullopt;
  return changed;
}

ChangedBytes FindChangedBytes(std::string_view before, std::string_view after) {
  const size_t shorter = std::min(before.size(), after.size());
  ChangedBytes changed;
  while (changed.first < shorter &&
         before[changed.first] == after[changed.first]) {
    ++changed.first;
  }
  if (before.size() != after.size()) {
    changed.last = std::max(before.size(), after.size());
    return changed;
  }
  changed.last = before.size();
  while (changed.last > changed.first &&
         before[changed.last - 1] == after[changed.last - 1]) {
    --changed.last;
  }
  return changed;
}

}  // namespace kv::testing
