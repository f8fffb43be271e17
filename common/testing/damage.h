#pragma once

// What can happen to the bytes of a closed database, as data: flipped bits,
// zeroed and swapped blocks, cut, lengthened, replaced and lost files.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/fs/file_system.h"

namespace kv::testing {

/// The files of a directory: name to content.
using DirectoryImage = std::map<std::string, std::string>;

Result<DirectoryImage> ReadDirectoryImage(
    FileSystem* fs, const std::string& path);
/// Makes the directory `path`, which is not there, with these files.
Status WriteDirectoryImage(
    FileSystem* fs, const std::string& path, const DirectoryImage& image);

enum class DamageKind {
  kFlipBit,
  kZeroBlock,
  kSwapBlocks,
  kCut,
  kAppendGarbage,
  kOlderSelf,
  kDelete,
};
inline constexpr size_t kDamageKinds = 7;

std::string_view DamageKindName(DamageKind kind);

struct Damage {
  DamageKind kind = DamageKind::kFlipBit;
  std::string file;
  uint64_t offset = 0;  ///< first byte; of a cut: the new length
  uint64_t length = 0;  ///< of a block; of the garbage
  /// The bit to flip, the other block's offset, which garbage, or which of
  /// the older images.
  uint64_t detail = 0;

  /// "flip bit 3 of byte 96 of data.log".
  std::string Text() const;
};

struct DamagePlan {
  /// Every which byte is flipped and cut at. The first and last 64 bytes of a
  /// file are always taken.
  uint64_t stride = 1;
  /// All bits of a byte, instead of one.
  bool every_bit = false;
  /// Files that get one damage of each kind, chosen at random.
  std::set<std::string> briefly;
  uint64_t seed = 1;
};

/// Everything to try on `image`, file by file.
std::vector<Damage> ListDamages(
    const DirectoryImage& image, const std::vector<DirectoryImage>& older,
    const DamagePlan& plan);

/// `image` after `damage`; nothing if that changes no byte.
std::optional<DirectoryImage> ApplyDamage(
    const DirectoryImage& image, const std::vector<DirectoryImage>& older,
    const Damage& damage);

/// Which bytes of a file differ, as [first, last). If the lengths differ, all
/// from the shorter one's end on do.
struct ChangedBytes {
  uint64_t first = 0;
  uint64_t last = 0;
};
ChangedBytes FindChangedBytes(std::string_view before, std::string_view after);

}  // namespace kv::testing
