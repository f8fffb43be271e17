// Goal: a batch gives back its operations in the order in which they were
// added, with the bytes that they had then.
// Method: add, look at each operation; no database.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "kv/write_batch.h"

namespace kv {
namespace {

using Kind = WriteBatch::Kind;

void ExpectOperation(
    const WriteBatch& batch, size_t index, Kind kind, std::string_view key,
    std::string_view value) {
  ASSERT_LT(index, batch.Count());
  const WriteBatch::Operation operation = batch.At(index);
  EXPECT_EQ(operation.kind, kind) << "kind of operation " << index;
  EXPECT_EQ(operation.key, key) << "key of operation " << index;
  EXPECT_EQ(operation.value, value) << "value of operation " << index;
}

TEST(WriteBatchTest, ANewBatchIsEmpty) {
  const WriteBatch batch;
  EXPECT_EQ(batch.Count(), 0u);
  EXPECT_TRUE(batch.Empty());
}

TEST(WriteBatchTest, KeepsTheOrderOfItsOperations) {
  WriteBatch batch;
  batch.Put("b", "1");
  batch.Delete("a");
  batch.Put("a", "2");
  ASSERT_EQ(batch.Count(), 3u);
  EXPECT_FALSE(batch.Empty());
  ExpectOperation(batch, 0, Kind::kPut, "b", "1");
  ExpectOperation(batch, 1, Kind::kDelete, "a", "");
  ExpectOperation(batch, 2, Kind::kPut, "a", "2");
}

TEST(WriteBatchTest, KeepsEachOfSeveralOperationsOnOneKey) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Delete("a");
  EXPECT_EQ(batch.Count(), 4u) << "a batch is a list, not a map";
}

TEST(WriteBatchTest, KeepsKeyAndValueApart) {
  WriteBatch batch;
  batch.Put("ab", "c");
  batch.Put("a", "bc");
  batch.Put("abc", "");
  batch.Put("", "abc");
  ExpectOperation(batch, 0, Kind::kPut, "ab", "c");
  ExpectOperation(batch, 1, Kind::kPut, "a", "bc");
  ExpectOperation(batch, 2, Kind::kPut, "abc", "");
  ExpectOperation(batch, 3, Kind::kPut, "", "abc");
}

TEST(WriteBatchTest, TakesAnyBytes) {
  const std::string zeros("\0\0\0", 3);
  WriteBatch batch;
  batch.Put(zeros, "\xff\xfe");
  batch.Put("\x80", zeros);
  batch.Delete(zeros);
  batch.Delete("");
  batch.Put(std::string_view(), std::string_view());
  ExpectOperation(batch, 0, Kind::kPut, zeros, "\xff\xfe");
  ExpectOperation(batch, 1, Kind::kPut, "\x80", zeros);
  ExpectOperation(batch, 2, Kind::kDelete, zeros, "");
  ExpectOperation(batch, 3, Kind::kDelete, "", "");
  ExpectOperation(batch, 4, Kind::kPut, "", "");
}

TEST(WriteBatchTest, CopiesWhatItIsGiven) {
  WriteBatch batch;
  std::string key = "a key that is longer than a short string";
  std::string value = "a value that is longer than a short string";
  const std::string old_key = key;
  const std::string old_value = value;
  batch.Put(key, value);
  key.assign(key.size(), 'x');
  value.assign(value.size(), 'x');
  ExpectOperation(batch, 0, Kind::kPut, old_key, old_value);
}

TEST(WriteBatchTest, ManyOperationsKeepTheirBytes) {
  WriteBatch batch;
  for (int i = 0; i < 1000; ++i) {
    if (i % 5 == 0) {
      batch.Delete("key" + std::to_string(i));
    } else {
      batch.Put("key" + std::to_string(i), std::string(i % 70u, 'v'));
    }
  }
  ASSERT_EQ(batch.Count(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key" + std::to_string(i);
    if (i % 5 == 0) {
      ExpectOperation(batch, static_cast<size_t>(i), Kind::kDelete, key, "");
    } else {
      ExpectOperation(
          batch, static_cast<size_t>(i), Kind::kPut, key,
          std::string(i % 70u, 'v'));
    }
  }
}

TEST(WriteBatchTest, ClearRemovesEveryOperation) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("b");
  batch.Clear();
  EXPECT_TRUE(batch.Empty());
  EXPECT_EQ(batch.Count(), 0u);
  batch.Put("c", "3");
  ASSERT_EQ(batch.Count(), 1u);
  ExpectOperation(batch, 0, Kind::kPut, "c", "3");
}

TEST(WriteBatchTest, ACopyIsABatchOfItsOwn) {
  WriteBatch batch;
  batch.Put("a", "1");
  WriteBatch copy = batch;
  batch.Clear();
  batch.Put("b", "2");
  ASSERT_EQ(copy.Count(), 1u);
  ExpectOperation(copy, 0, Kind::kPut, "a", "1");
}

}  // namespace
}  // namespace kv
