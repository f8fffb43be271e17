// Goal: a batch's payload is the bytes of docs/format/log.md, its operations
// come back in order, and bytes that are no payload are Corruption.
// Method: golden bytes, every truncation, lengths that are not there, random
// bytes.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "kv/coding.h"
#include "kv/write_batch.h"

namespace kv {
namespace {

using namespace std::string_view_literals;

// The operations as text, one a line; ends with "(corruption)" if it does.
std::string Operations(std::string_view payload) {
  BatchReader reader(payload);
  WriteBatch::Operation operation;
  std::string text;
  for (;;) {
    const Result<bool> more = reader.Next(&operation);
    if (!more.ok()) {
      EXPECT_EQ(more.status().code(), StatusCode::kCorruption)
          << more.status().ToString();
      return text + "(corruption)";
    }
    if (!*more) return text;
    switch (operation.kind) {
      case WriteBatch::Kind::kPut:
        text += "put " + std::string(operation.key) + " " +
            std::string(operation.value) + "\n";
        break;
      case WriteBatch::Kind::kDelete:
        EXPECT_EQ(operation.value, "") << "a delete has no value";
        text += "delete " + std::string(operation.key) + "\n";
        break;
    }
  }
}

TEST(BatchReaderTest, ThePayloadIsTheBytesOfTheFormat) {
  WriteBatch batch;
  batch.Put("key", "value");
  batch.Delete("gone");
  batch.Put("", "");
  EXPECT_EQ(batch.Payload(), "\x01\x03\x05keyvalue\x02\x04gone\x01\x00\x00"sv);
}

TEST(BatchReaderTest, OperationsComeBackInTheirOrder) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Delete("a");
  batch.Put("b", "");
  batch.Put("", "empty key");
  EXPECT_EQ(
      Operations(batch.Payload()),
      "put a 1\nput a 2\ndelete a\nput b \nput  empty key\n");
}

TEST(BatchReaderTest, AnEmptyPayloadHasNoOperation) {
  EXPECT_EQ(Operations(""), "");
  EXPECT_EQ(Operations(WriteBatch().Payload()), "");
}

TEST(BatchReaderTest, TheEndStaysTheEnd) {
  WriteBatch batch;
  batch.Put("a", "1");
  BatchReader reader(batch.Payload());
  WriteBatch::Operation operation;
  ASSERT_TRUE(reader.Next(&operation).value());
  EXPECT_FALSE(reader.Next(&operation).value());
  EXPECT_FALSE(reader.Next(&operation).value());
}

TEST(BatchReaderTest, ViewsLieInThePayload) {
  WriteBatch batch;
  batch.Put("key", "value");
  const std::string payload(batch.Payload());
  BatchReader reader(payload);
  WriteBatch::Operation operation;
  ASSERT_TRUE(reader.Next(&operation).value());
  EXPECT_EQ(operation.key.data(), payload.data() + 3);
  EXPECT_EQ(operation.value.data(), payload.data() + 6);
}

TEST(BatchReaderTest, LongKeysAndValuesComeBack) {
  const std::string key(300, 'k');
  const std::string value(70000, 'v');
  WriteBatch batch;
  batch.Put(key, value);
  batch.Delete(key);
  EXPECT_TRUE(
      Operations(batch.Payload()) ==
      "put " + key + " " + value + "\ndelete " + key + "\n");
}

TEST(BatchReaderTest, AnUnknownKindIsCorruption) {
  for (int kind = 0; kind < 256; ++kind) {
    if (kind == 1 || kind == 2) continue;
    std::string payload(1, static_cast<char>(kind));
    payload +=
        "\x01\x01"
        "ab";
    EXPECT_EQ(Operations(payload), "(corruption)") << "kind " << kind;
  }
}

TEST(BatchReaderTest, EachTruncationIsCorruptionOrEndsBetweenOperations) {
  WriteBatch batch;
  batch.Put("key", "value");
  batch.Delete("gone");
  const std::string_view payload = batch.Payload();
  const size_t first = 3 + 3 + 5;
  for (size_t length = 0; length <= payload.size(); ++length) {
    const std::string cut(payload.substr(0, length));
    std::string expected = length >= first ? "put key value\n" : "";
    if (length == payload.size()) expected += "delete gone\n";
    if (length != 0 && length != first && length != payload.size()) {
      expected += "(corruption)";
    }
    EXPECT_EQ(Operations(cut), expected) << "cut to " << length << " bytes";
  }
}

TEST(BatchReaderTest, LengthsThatAreNotThereAreCorruption) {
  EXPECT_EQ(
      Operations("\x01\xff\xff\xff\xff\x0f\x01"
                 "ab"sv),
      "(corruption)");
  EXPECT_EQ(
      Operations("\x01\x01\xff\xff\xff\xff\x0f"
                 "ab"sv),
      "(corruption)");
  EXPECT_EQ(
      Operations("\x01\xff\xff\xff\xff\x0f\xff\xff\xff\xff\x0f"
                 "ab"sv),
      "(corruption)")
      << "the sum of both must not overflow";
  EXPECT_EQ(
      Operations("\x02\x03"
                 "ab"sv),
      "(corruption)");
  EXPECT_EQ(
      Operations("\x02\x82\x00"
                 "ab"sv),
      "(corruption)")
      << "a length that is longer than it needs to be";
}

TEST(BatchReaderTest, RandomBytesEndInCorruptionOrAreAPayload) {
  SeededRandom random(5);
  for (int i = 0; i < 20000; ++i) {
    std::string payload(random.Below(24), '\0');
    for (char& byte : payload) {
      byte = static_cast<char>(
          random.OneIn(2) ? random.Below(8) : random.Below(256));
    }
    BatchReader reader(payload);
    WriteBatch copy;
    WriteBatch::Operation operation;
    for (;;) {
      const Result<bool> more = reader.Next(&operation);
      if (!more.ok()) break;
      if (!*more) {
        ASSERT_EQ(copy.Payload(), payload) << "one encoding for one batch";
        break;
      }
      if (operation.kind == WriteBatch::Kind::kPut) {
        copy.Put(operation.key, operation.value);
      } else {
        copy.Delete(operation.key);
      }
    }
  }
}

}  // namespace
}  // namespace kv
