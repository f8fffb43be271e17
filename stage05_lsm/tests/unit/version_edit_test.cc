// Goal: an edit is the bytes of docs/format/manifest.md, comes back from them,
// and no other bytes give one that cannot be.
// Method: golden bytes; every cut and every flipped bit of an edit, without the
// frame's checksum to catch them; a table of fields that are wrong one by one.

#include "version/version_edit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/testing/allocation_guard.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/sequence_number.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

std::string Encode(const VersionEdit& edit) {
  std::string bytes;
  edit.EncodeTo(&bytes);
  return bytes;
}

TableMetadata Table(uint64_t number) {
  return {
      number,
      0x0123456789abcdef,
      700,
      3,
      "\x01"
      "a",
      "\x01"
      "c"};
}

VersionEdit FullEdit() {
  VersionEdit edit;
  edit.first_segment = 300;
  edit.last_sequence = 1ull << 40;
  edit.added = {Table(7), Table(9)};
  edit.added[1].smallest = std::string("\x02\0\xff", 3);
  edit.added[1].largest = "\x04";
  return edit;
}

// The fields of a table without the tag, each as given.
std::string TableFields(
    uint64_t number, uint64_t entries, std::string_view smallest,
    std::string_view largest) {
  std::string bytes;
  PutVarint64(&bytes, number);
  PutFixed64(&bytes, 5);
  PutVarint64(&bytes, 700);
  PutVarint64(&bytes, entries);
  PutLengthPrefixed(&bytes, smallest);
  PutLengthPrefixed(&bytes, largest);
  return bytes;
}

TEST(VersionEditTest, ItsFieldsStandWhereTheFormatSays) {
  VersionEdit edit;
  edit.first_segment = 2;
  edit.last_sequence = 300;
  edit.added = {Table(1)};
  const std::string_view expected(
      "\x01\x02"
      "\x02\xac\x02"
      "\x03\x01\xef\xcd\xab\x89\x67\x45\x23\x01\xbc\x05\x03"
      "\x02\x01"
      "a"
      "\x02\x01"
      "c",
      24);
  EXPECT_TRUE(SameBytes(Encode(edit), expected));
}

TEST(VersionEditTest, ItComesBack) {
  const VersionEdit edit = FullEdit();
  const Result<VersionEdit> decoded = VersionEdit::Decode(Encode(edit));
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(decoded->first_segment, edit.first_segment);
  EXPECT_EQ(decoded->last_sequence, edit.last_sequence);
  ASSERT_EQ(decoded->added.size(), edit.added.size());
  for (size_t i = 0; i < edit.added.size(); ++i) {
    const TableMetadata& table = decoded->added[i];
    EXPECT_EQ(table.number, edit.added[i].number);
    EXPECT_EQ(table.id, edit.added[i].id);
    EXPECT_EQ(table.bytes, edit.added[i].bytes);
    EXPECT_EQ(table.entries, edit.added[i].entries);
    EXPECT_TRUE(SameBytes(table.smallest, edit.added[i].smallest));
    EXPECT_TRUE(SameBytes(table.largest, edit.added[i].largest));
  }
}

TEST(VersionEditTest, WhatDoesNotChangeIsNotThere) {
  EXPECT_EQ(Encode(VersionEdit()), "");
  const Result<VersionEdit> decoded = VersionEdit::Decode("");
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_FALSE(decoded->first_segment.has_value());
  EXPECT_FALSE(decoded->last_sequence.has_value());
  EXPECT_TRUE(decoded->added.empty());
}

TEST(VersionEditTest, ACutIsSeenUnlessItIsBetweenFields) {
  const std::string bytes = Encode(FullEdit());
  int whole = 0;
  for (size_t length = 0; length < bytes.size(); ++length) {
    const std::string cut = bytes.substr(0, length);
    const Result<VersionEdit> decoded = VersionEdit::Decode(cut);
    if (decoded.ok()) {
      ++whole;
      EXPECT_TRUE(SameBytes(Encode(*decoded), cut)) << length << " bytes";
    } else {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption) << length;
    }
  }
  EXPECT_EQ(whole, 4) << "before each of the four fields";
}

TEST(VersionEditTest, NoFlippedBitIsIgnored) {
  const std::string bytes = Encode(FullEdit());
  const testing::AllocationGuard guard(4096);
  int refused = 0;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    const Result<VersionEdit> decoded = VersionEdit::Decode(flipped);
    if (decoded.ok()) {
      EXPECT_TRUE(SameBytes(Encode(*decoded), flipped)) << "bit " << bit;
    } else {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption) << bit;
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_FALSE(guard.WasExceeded())
      << guard.Greatest() << " bytes for an edit of " << bytes.size();
}

TEST(VersionEditTest, BytesThatAreNoEditAreCorruption) {
  const std::string a =
      "\x01"
      "a";
  const std::string b =
      "\x01"
      "b";
  const std::string table = "\x03";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"tag 0", std::string(1, '\0')},
      {"an unknown tag", "\x04"},
      {"a tag longer than it needs to be", std::string("\x81\0\x02", 3)},
      {"the first segment twice", "\x01\x02\x01\x02"},
      {"the last sequence number twice", "\x02\x02\x02\x03"},
      {"the first segment is 0", std::string("\x01\0", 2)},
      {"table 0", table + TableFields(0, 1, a, b)},
      {"a table behind which no other has a name",
       table + TableFields(kFileNumberMax, 1, a, b)},
      {"a number that no name has",
       table + TableFields(kFileNumberMax + 1, 1, a, b)},
      {"the greatest number there is",
       table + TableFields(UINT64_MAX, 1, a, b)},
      {"no entries", table + TableFields(1, 0, a, b)},
      {"an empty key", table + TableFields(1, 1, "", b)},
      {"two empty keys", table + TableFields(1, 1, "", "")},
      {"a key space that is none",
       table +
           TableFields(
               1, 1, a,
               "\x05"
               "b")},
      {"keys in the wrong order", table + TableFields(1, 2, b, a)},
      {"keys in the wrong order as unsigned bytes",
       table + TableFields(1, 2, "\x01\x80", "\x01\x7f")},
      {"a byte behind the table", table + TableFields(1, 1, a, a) + '\0'},
  };
  for (const auto& [what, bytes] : cases) {
    EXPECT_TRUE(
        Fails(VersionEdit::Decode(bytes).status(), StatusCode::kCorruption))
        << what;
  }
  EXPECT_TRUE(
      VersionEdit::Decode(table + TableFields(kFileNumberMax - 1, 1, a, a))
          .ok())
      << "a table of one entry, with the greatest number";
}

TEST(VersionEditTest, NumbersAboveTheLargestAreCorruption) {
  const auto decoded = [](uint64_t segment, uint64_t sequence) {
    VersionEdit edit;
    edit.first_segment = segment;
    edit.last_sequence = sequence;
    return VersionEdit::Decode(Encode(edit)).status();
  };
  EXPECT_TRUE(decoded(kFileNumberMax - 1, kSequenceMax).ok());
  for (const uint64_t segment :
       {kFileNumberMax, kFileNumberMax + 1, uint64_t{UINT64_MAX}}) {
    EXPECT_TRUE(Fails(decoded(segment, 1), StatusCode::kCorruption))
        << "segment " << segment;
  }
  for (const uint64_t sequence : {kSequenceMax + 1, uint64_t{UINT64_MAX}}) {
    EXPECT_TRUE(Fails(decoded(1, sequence), StatusCode::kCorruption))
        << "sequence number " << sequence;
  }
}

TEST(VersionEditTest, AHugeLengthAllocatesNothing) {
  std::string bytes = "\x03" +
      TableFields(1, 1,
                  "\x01"
                  "a",
                  "");
  bytes.pop_back();
  PutVarint32(&bytes, UINT32_MAX);
  const testing::AllocationGuard guard(4096);
  EXPECT_EQ(
      VersionEdit::Decode(bytes).status().code(), StatusCode::kCorruption);
  EXPECT_FALSE(guard.WasExceeded());
}

TEST(VersionEditTest, EditsAddUp) {
  VersionEdit sum;
  sum.first_segment = 1;
  sum.last_sequence = 0;
  VersionEdit first;
  first.first_segment = 2;
  first.last_sequence = 10;
  first.added = {Table(1)};
  VersionEdit second;
  second.added = {Table(4), Table(5)};
  ASSERT_TRUE(sum.Add(first).ok());
  ASSERT_TRUE(sum.Add(second).ok());
  ASSERT_TRUE(sum.Add(VersionEdit()).ok());
  VersionEdit expected = first;
  expected.added = {Table(1), Table(4), Table(5)};
  EXPECT_TRUE(SameBytes(Encode(sum), Encode(expected)));
}

TEST(VersionEditTest, AnEditThatLeadsBackwardsDoesNotFit) {
  VersionEdit sum;
  sum.first_segment = 5;
  sum.last_sequence = 50;
  sum.added = {Table(3)};
  const std::string before = Encode(sum);
  VersionEdit segment;
  segment.first_segment = 4;
  VersionEdit sequence;
  sequence.last_sequence = 49;
  VersionEdit same;
  same.first_segment = 9;
  same.added = {Table(3)};
  VersionEdit unordered;
  unordered.last_sequence = 99;
  unordered.added = {Table(5), Table(4)};
  for (const VersionEdit& edit : {segment, sequence, same, unordered}) {
    EXPECT_TRUE(Fails(sum.Add(edit), StatusCode::kCorruption));
    EXPECT_TRUE(SameBytes(Encode(sum), before)) << "it is left as it was";
  }
  VersionEdit equal;
  equal.first_segment = 5;
  equal.last_sequence = 50;
  EXPECT_TRUE(sum.Add(equal).ok()) << "to stay is not to go back";
}

}  // namespace
}  // namespace kv
