// Goal: versions stand in one order, in which those of a key are neighbours and
// the newest comes first; and a key on disk is its space and its bytes.
// Method: a list in the right order, every pair of which is compared; and the
// bytes of keys written out.

#include "kv/internal_key.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

int SignOf(int order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

TEST(InternalKeyTest, SpaceThenKeyThenTheNewestFirst) {
  const std::string zero("\0", 1);
  const std::string a_zero("a\0", 2);
  const std::vector<InternalKey> ascending = {
      {KeySpace::kUser, "", kSequenceMax, RecordKind::kPut},
      {KeySpace::kUser, "", 1, RecordKind::kPut},
      {KeySpace::kUser, "", 0, RecordKind::kPut},
      {KeySpace::kUser, zero, 5, RecordKind::kPut},
      {KeySpace::kUser, "a", kSequenceMax, RecordKind::kPut},
      {KeySpace::kUser, "a", 256, RecordKind::kPut},
      {KeySpace::kUser, "a", 255, RecordKind::kDelete},
      {KeySpace::kUser, "a", 2, RecordKind::kPut},
      {KeySpace::kUser, a_zero, 900, RecordKind::kPut},
      {KeySpace::kUser, "aa", 900, RecordKind::kPut},
      {KeySpace::kUser, "b", 1, RecordKind::kPut},
      {KeySpace::kUser, "\x7f", 1, RecordKind::kPut},
      {KeySpace::kUser, "\x80", 1, RecordKind::kPut},
      {KeySpace::kUser, "\xff\xff", 1, RecordKind::kPut},
      {KeySpace::kDocument, "", 1, RecordKind::kPut},
      {KeySpace::kDocument, "a", 1, RecordKind::kPut},
      {KeySpace::kIndex, "", 1, RecordKind::kPut},
      {KeySpace::kCluster, "", 1, RecordKind::kPut},
  };
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(
          SignOf(Compare(ascending[i], ascending[j])),
          i < j       ? -1
              : i > j ? 1
                      : 0)
          << "number " << i << " and number " << j;
    }
  }
}

TEST(InternalKeyTest, TheKindDoesNotCountInTheOrder) {
  const InternalKey put = {KeySpace::kUser, "a", 3, RecordKind::kPut};
  const InternalKey remove = {KeySpace::kUser, "a", 3, RecordKind::kDelete};
  EXPECT_EQ(Compare(put, remove), 0);
}

TEST(InternalKeyTest, VersionsOfAKeyHaveItsSpaceAndItsBytes) {
  const InternalKey key = {KeySpace::kUser, "a", 3, RecordKind::kPut};
  EXPECT_TRUE(IsSameKey(key, {KeySpace::kUser, "a", 9, RecordKind::kDelete}));
  EXPECT_FALSE(IsSameKey(key, {KeySpace::kIndex, "a", 3, RecordKind::kPut}));
  EXPECT_FALSE(IsSameKey(key, {KeySpace::kUser, "ab", 3, RecordKind::kPut}));
  EXPECT_FALSE(IsSameKey(key, {KeySpace::kUser, "", 3, RecordKind::kPut}));
}

// However long it is, and however new they are.
TEST(InternalKeyTest, AKeyStandsBeforeThoseThatBeginWithIt) {
  for (size_t bytes = 0; bytes < 100; ++bytes) {
    const std::string key(bytes, 'k');
    for (const std::string& end :
         {std::string(1, '\0'), std::string("k"), std::string(20, '\xff')}) {
      const std::string longer = key + end;
      const InternalKey a = {KeySpace::kUser, key, 1, RecordKind::kPut};
      const InternalKey b = {KeySpace::kUser, longer, 2, RecordKind::kPut};
      EXPECT_LT(Compare(a, b), 0) << Show(key) << " and " << Show(longer);
      EXPECT_GT(Compare(b, a), 0) << Show(longer) << " and " << Show(key);
      EXPECT_FALSE(IsSameKey(a, b)) << Show(key) << " and " << Show(longer);
    }
  }
}

TEST(InternalKeyTest, AStoredKeyIsTheSpaceAndTheKey) {
  using std::string_literals::operator""s;
  std::string stored = "before";
  PutStoredKey(&stored, KeySpace::kUser, "key");
  PutStoredKey(&stored, KeySpace::kDocument, "");
  PutStoredKey(&stored, KeySpace::kIndex, "\0"s);
  PutStoredKey(&stored, KeySpace::kCluster, "\xff");
  EXPECT_EQ(stored, "before\x01key\x02\x03\x00\x04\xff"s)
      << "the bytes of keys are fixed: they stand on disks";
}

TEST(InternalKeyTest, AStoredKeyComesBack) {
  SeededRandom random(5);
  for (const KeySpace space :
       {KeySpace::kUser, KeySpace::kDocument, KeySpace::kIndex,
        KeySpace::kCluster}) {
    for (size_t bytes = 0; bytes < 20; ++bytes) {
      const std::string user_key = RandomBytes(random, bytes);
      std::string stored;
      PutStoredKey(&stored, space, user_key);
      InternalKey key;
      ASSERT_TRUE(GetStoredKey(stored, &key)) << Show(stored);
      EXPECT_EQ(key.space, space);
      EXPECT_EQ(key.user_key, user_key);
    }
  }
}

TEST(InternalKeyTest, EveryOtherFirstByteIsNoStoredKey) {
  for (int byte = 0; byte < 256; ++byte) {
    InternalKey key;
    key.user_key = "as it was";
    const std::string stored = std::string(1, static_cast<char>(byte)) + "key";
    const bool is_space = byte >= 1 && byte <= 4;
    EXPECT_EQ(GetStoredKey(stored, &key), is_space) << byte;
    EXPECT_EQ(key.user_key, is_space ? "key" : "as it was") << byte;
  }
  InternalKey key;
  EXPECT_FALSE(GetStoredKey("", &key)) << "not even a space";
}

TEST(InternalKeyTest, StoredKeysStandInTheOrderOfTheirKeys) {
  SeededRandom random(6);
  const auto random_key = [&random](std::string* stored) {
    const auto space = static_cast<KeySpace>(1 + random.Below(4));
    PutStoredKey(stored, space, RandomBytes(random, random.Below(3)));
    InternalKey key;
    EXPECT_TRUE(GetStoredKey(*stored, &key));
    return key;
  };
  for (int i = 0; i < 10000; ++i) {
    std::string a_stored;
    std::string b_stored;
    const InternalKey a = random_key(&a_stored);
    const InternalKey b = random_key(&b_stored);
    ASSERT_EQ(SignOf(Compare(a, b)), SignOf(a_stored.compare(b_stored)))
        << Show(a_stored) << " and " << Show(b_stored);
  }
}

}  // namespace
}  // namespace kv
