// Goal: pieces of an arena are apart, aligned and stay where they are; the
// arena knows what they take.
// Method: pieces of many sizes, each filled with a byte of its own, looked at
// when all are there.

#include "memtable/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"

namespace kv {
namespace {

// A piece, filled with `fill`.
struct Piece {
  char* data;
  size_t bytes;
  char fill;

  bool IsWhole() const {
    return std::all_of(
        data, data + bytes, [this](char byte) { return byte == fill; });
  }
};

Piece Filled(Arena* arena, size_t bytes, char fill) {
  auto* const data = static_cast<char*>(arena->Allocate(bytes));
  std::memset(data, fill, bytes);
  return {data, bytes, fill};
}

TEST(ArenaTest, AnArenaWithoutPiecesTakesNothing) {
  EXPECT_EQ(Arena().Bytes(), 0u);
}

TEST(ArenaTest, PiecesStandSideBySideInABlock) {
  Arena arena;
  const Piece first = Filled(&arena, 24, 'a');
  const Piece second = Filled(&arena, 5, 'b');
  const Piece third = Filled(&arena, 8, 'c');
  EXPECT_EQ(second.data, first.data + 24);
  EXPECT_EQ(third.data, second.data + 8) << "5 bytes are rounded up to 8";
  EXPECT_EQ(arena.Bytes(), 24u + 8 + 8);
}

TEST(ArenaTest, ALargePieceLeavesTheBlockInUse) {
  Arena arena;
  const Piece first = Filled(&arena, 8, 'a');
  const Piece large = Filled(&arena, Arena::kBlockBytes * 3, 'b');
  const Piece second = Filled(&arena, 8, 'c');
  EXPECT_EQ(second.data, first.data + 8);
  EXPECT_EQ(arena.Bytes(), 8 + Arena::kBlockBytes * 3 + 8);
  EXPECT_TRUE(large.IsWhole());
}

TEST(ArenaTest, WhatIsLostAtTheEndOfABlockCounts) {
  Arena arena;
  uint64_t given = 0;
  while (given + Arena::kSmallBytesMax < Arena::kBlockBytes) {
    arena.Allocate(1000);
    given += 1000;
  }
  EXPECT_EQ(arena.Bytes(), given);
  arena.Allocate(Arena::kSmallBytesMax);  // does not fit
  EXPECT_EQ(arena.Bytes(), Arena::kBlockBytes + Arena::kSmallBytesMax);
}

// Invariant 3; worst are pieces of which a block holds one and most of another.
TEST(ArenaTest, PiecesOfEverySizeWasteLittle) {
  for (size_t bytes = 8; bytes <= 2 * Arena::kBlockBytes; bytes += 64) {
    Arena arena;
    uint64_t given = 0;
    for (int i = 0; i < 100; ++i) {
      arena.Allocate(bytes);
      given += Arena::Aligned(bytes);
    }
    EXPECT_GE(arena.Bytes(), given) << "pieces of " << bytes << " bytes";
    EXPECT_LE(arena.Bytes(), given + given / 3)
        << "pieces of " << bytes << " bytes";
  }
}

TEST(ArenaTest, RandomPiecesAreApartAlignedAndStayWhole) {
  SeededRandom random(testing::TestSeed());
  Arena arena;
  std::vector<Piece> pieces;
  uint64_t given = 0;
  for (int i = 0; i < 5000; ++i) {
    const size_t bytes_max = random.OneIn(50) ? 3 * Arena::kBlockBytes : 300;
    const size_t bytes = 1 + random.Below(bytes_max);
    pieces.push_back(Filled(&arena, bytes, static_cast<char>(random.Next())));
    given += Arena::Aligned(bytes);
    EXPECT_EQ(
        reinterpret_cast<uintptr_t>(pieces.back().data) % Arena::kAlignment, 0u)
        << "a piece of " << bytes << " bytes";
    ASSERT_GE(arena.Bytes(), given);
    ASSERT_LE(arena.Bytes(), given + given / 3);
  }
  for (const Piece& piece : pieces) {
    ASSERT_TRUE(piece.IsWhole()) << "a later piece lies over this one";
  }
}

}  // namespace
}  // namespace kv
