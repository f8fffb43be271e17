// Goal: a table gives back exactly what was written, in its format: by number,
// by key, and along an iterator in both directions; and a search looks at few
// entries and at no values.
// Method: tables written entry by entry; every question that can be asked of a
// small one; random ones beside a std::map. What bad bytes do is asked in
// table_damage_test.cc.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/fs/posix_file_system.h"
#include "common/testing/allocation_guard.h"
#include "common/testing/test_size.h"
#include "support/disk.h"
#include "support/table_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

constexpr RecordKind kPut = RecordKind::kPut;
constexpr RecordKind kDelete = RecordKind::kDelete;

const std::vector<Row> kTwoRows = {
    {1, kPut, "a", "one"},
    {300, kPut, "b", ""},
};

std::vector<Row> ManyRows(uint64_t count, size_t value_bytes) {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < count; ++i) {
    rows.emplace_back(
        i + 1, kPut, "key" + std::to_string(1'000'000 + i),
        std::string(value_bytes, 'v'));
  }
  return rows;
}

std::string Where(const InternalIterator& iterator) {
  if (iterator.Valid()) return Row(iterator.Key(), iterator.Value()).Text();
  return iterator.GetStatus().ok() ? "(end)" : iterator.GetStatus().ToString();
}

TEST(TableTest, EntriesComeBackInTheirOrder) {
  TableFile file;
  const std::vector<Row> rows = {
      {5, kPut, "a", "one"},
      {1ull << 40, kPut, "ab", std::string(300, 'x')},
      {6, kDelete, "b", ""},
      {kSequenceMax, kPut, "\x80", std::string("\0\xff", 2)},
      {7, kPut, "", "", KeySpace::kDocument},
      {8, kPut, "a", "of the cluster", KeySpace::kCluster},
  };
  file.Build(rows);
  const auto table = file.Open();
  const auto iterator = table->NewIterator();
  EXPECT_EQ(Where(*iterator), "(end)") << "a new iterator is at no entry";
  const ReadResult forward = ReadForward(*iterator);
  EXPECT_TRUE(forward.status.ok()) << forward.status.ToString();
  EXPECT_EQ(forward.rows, Texts(rows));
  const ReadResult backward = ReadBackward(*iterator);
  EXPECT_TRUE(backward.status.ok()) << backward.status.ToString();
  Strings reversed = Texts(rows);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(backward.rows, reversed);
  std::string scratch;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Result<TableEntry> entry = table->Read(i, &scratch);
    ASSERT_TRUE(entry.ok()) << entry.status().ToString();
    EXPECT_EQ(Row(*entry).Text(), rows[i].Text());
  }
}

TEST(TableTest, TheHeaderSaysWhatItWasGiven) {
  TableFile file;
  const std::string content = file.Build(kTwoRows);
  const auto table = file.Open();
  const TableHeader& header = table->Header();
  EXPECT_EQ(header.entries, 2u);
  EXPECT_EQ(header.number, 7u);
  EXPECT_EQ(header.id, kTableId);
  EXPECT_EQ(header.last_sequence, kSequenceMax);
  EXPECT_EQ(header.index_offset + 2 * kIndexEntryBytes, content.size())
      << "the index ends where the file ends";
  EXPECT_EQ(table->FileBytes(), content.size());
}

TEST(TableTest, AnEmptyTableIsAHeader) {
  TableFile file;
  EXPECT_EQ(file.Build({}).size(), kTableHeaderBytes);
  const auto table = file.Open();
  EXPECT_EQ(table->Header().entries, 0u);
  EXPECT_EQ(table->Header().index_offset, kTableHeaderBytes);
  EXPECT_EQ(table->Header().last_sequence, kSequenceMax);
  EXPECT_EQ(Found(*table, Newest("a")), "(none)");
  EXPECT_EQ(table->LowerBound(Newest("")).value(), 0u);
  const auto iterator = table->NewIterator();
  EXPECT_EQ(ReadForward(*iterator).rows, Strings{});
  EXPECT_EQ(ReadBackward(*iterator).rows, Strings{});
  iterator->Seek(Newest("a"));
  EXPECT_EQ(Where(*iterator), "(end)");
  iterator->SeekForPrev(Newest("a"));
  EXPECT_EQ(Where(*iterator), "(end)");
}

TEST(TableTest, TheEmptyKeyAndTheEmptyValueAreEntries) {
  TableFile file;
  const std::string zero(1, '\0');
  const std::vector<Row> rows = {{1, kPut, "", ""}, {2, kPut, zero, "zero"}};
  file.Build(rows);
  const auto table = file.Open();
  EXPECT_EQ(Found(*table, Newest("")), rows[0].Text());
  EXPECT_EQ(Found(*table, Newest(zero)), rows[1].Text());
  EXPECT_EQ(ReadForward(*table->NewIterator()).rows, Texts(rows));
}

// Three keys, and targets before, at and behind each of them.
TEST(TableTest, ASearchEndsAtTheFirstEntryNotBeforeItsTarget) {
  TableFile file;
  const std::vector<Row> rows = {
      {10, kPut, "b", "1"}, {20, kDelete, "d", ""}, {30, kPut, "f", "3"}};
  file.Build(rows);
  const auto table = file.Open();
  const auto iterator = table->NewIterator();
  struct Case {
    const char* key;
    uint64_t sequence;
    uint64_t lower_bound;
    const char* found;
    bool is_entry;  // the very one with this sequence
  };
  for (const Case& c : std::vector<Case>{
           {"", kSequenceMax, 0, nullptr, false},
           {"a", kSequenceMax, 0, nullptr, false},
           {"a", 0, 0, nullptr, false},
           {"b", kSequenceMax, 0, "b", false},
           {"b", 11, 0, "b", false},
           {"b", 10, 0, "b", true},
           {"b", 9, 1, nullptr, false},
           {"b", 0, 1, nullptr, false},
           {"ba", kSequenceMax, 1, nullptr, false},
           {"c", 0, 1, nullptr, false},
           {"d", 21, 1, "d", false},
           {"d", 20, 1, "d", true},
           {"d", 19, 2, nullptr, false},
           {"e", kSequenceMax, 2, nullptr, false},
           {"f", 30, 2, "f", true},
           {"f", 29, 3, nullptr, false},
           {"g", kSequenceMax, 3, nullptr, false},
           {"\xff", 0, 3, nullptr, false}}) {
    SCOPED_TRACE(std::string(c.key) + "@" + std::to_string(c.sequence));
    const InternalKey target = {.user_key = c.key, .sequence = c.sequence};
    EXPECT_EQ(table->LowerBound(target).value(), c.lower_bound);
    EXPECT_EQ(
        Found(*table, target),
        c.found == nullptr ? "(none)"
                           : rows[static_cast<size_t>(c.lower_bound)].Text());
    const auto text = [&rows](uint64_t number) {
      return number < rows.size() ? rows[static_cast<size_t>(number)].Text()
                                  : "(end)";
    };
    iterator->Seek(target);
    EXPECT_EQ(Where(*iterator), text(c.lower_bound));
    iterator->SeekForPrev(target);
    EXPECT_EQ(Where(*iterator), text(c.lower_bound - (c.is_entry ? 0 : 1)))
        << "the last entry that does not stand behind the target";
  }
}

TEST(TableTest, KeysOfAnotherSpaceAreOthers) {
  TableFile file;
  file.Build(
      {{1, kPut, "a", "user"},
       {2, kPut, "a", "document", KeySpace::kDocument},
       {3, kPut, "b", "document", KeySpace::kDocument}});
  const auto table = file.Open();
  InternalKey key = Newest("b");
  EXPECT_EQ(Found(*table, key), "(none)");
  key.space = KeySpace::kDocument;
  EXPECT_NE(Found(*table, key), "(none)");
  key.user_key = "a";
  EXPECT_NE(Found(*table, key).find("document"), std::string::npos);
  key.space = KeySpace::kIndex;
  EXPECT_EQ(Found(*table, key), "(none)");
}

TEST(TableTest, TheEndStaysTheEndUntilASeek) {
  TableFile file;
  file.Build(kTwoRows);
  const auto table = file.Open();
  const auto iterator = table->NewIterator();
  iterator->SeekToLast();
  iterator->Next();
  EXPECT_EQ(Where(*iterator), "(end)");
  iterator->SeekToFirst();
  EXPECT_EQ(Where(*iterator), kTwoRows[0].Text());
  iterator->Prev();
  EXPECT_EQ(Where(*iterator), "(end)");
  iterator->Seek(Newest("b"));
  EXPECT_EQ(Where(*iterator), kTwoRows[1].Text());
}

TEST(TableTest, ARandomWalkGoesWhereOneOverAMapGoes) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE("KV_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  for (const uint64_t count : std::vector<uint64_t>{1, 2, 3, 7, 64, 1000}) {
    std::map<std::string, Row> map;
    for (uint64_t i = 0; i < count; ++i) {
      // Some keys are longer than what a search reads at first.
      const size_t bytes = random.OneIn(20) ? 500 : 3;
      const Row row(
          random.Below(100), random.OneIn(4) ? kDelete : kPut,
          RandomBytes(random, bytes), RandomBytes(random, random.Below(400)),
          static_cast<KeySpace>(1 + random.Below(2)));
      map.emplace(row.key, row);
    }
    std::vector<Row> rows;
    for (const auto& [key, row] : map) rows.push_back(row);
    TableFile file;
    file.Build(rows);
    const auto table = file.Open();
    const auto iterator = table->NewIterator();
    size_t at = rows.size();  // where it should be
    for (int step = 0; step < 1000; ++step) {
      // A target at a key that is there, or anywhere.
      Row target = rows[random.Below(rows.size())];
      if (random.OneIn(3)) {
        target.key.back() = static_cast<char>(target.key.back() ^ 1);
      }
      target.sequence = random.Below(100);
      const auto bound = static_cast<size_t>(
          std::partition_point(
              rows.begin(), rows.end(),
              [&target](const Row& row) {
                return Compare(row.Key(), target.Key()) < 0;
              }) -
          rows.begin());
      const bool has_key = bound < rows.size() && rows[bound].key == target.key;
      switch (random.Below(8)) {
        case 0:
          ASSERT_EQ(table->LowerBound(target.Key()).value(), bound);
          ASSERT_EQ(
              Found(*table, target.Key()),
              has_key ? rows[bound].Text() : "(none)");
          break;
        case 1:
          iterator->Seek(target.Key());
          at = bound;
          break;
        case 2:
          iterator->SeekForPrev(target.Key());
          at = has_key && rows[bound].sequence == target.sequence ? bound
              : bound == 0                                        ? rows.size()
                                                                  : bound - 1;
          break;
        case 3:
        case 4:
          if (at == rows.size()) break;
          iterator->Prev();
          at = at == 0 ? rows.size() : at - 1;
          break;
        default:
          if (at == rows.size()) break;
          iterator->Next();
          ++at;
      }
      ASSERT_EQ(Where(*iterator), at < rows.size() ? rows[at].Text() : "(end)");
    }
  }
}

TEST(TableTest, ASearchHalvesWhatIsLeft) {
  TableFile file;
  file.Build(ManyRows(10'000, 10));
  const auto table = file.Open();
  file.faults().ResetCounts();
  std::string scratch;
  ASSERT_TRUE(table->Find(Newest("key1001234"), &scratch).value().has_value());
  EXPECT_LE(file.faults().Calls(FileCall::kRead), 18u)
      << "10,000 entries are halved 14 times, and one is read";
  file.faults().ResetCounts();
  ASSERT_FALSE(table->Find(Newest("nowhere"), &scratch).value().has_value());
  EXPECT_LE(file.faults().Calls(FileCall::kRead), 17u);
  file.faults().ResetCounts();
  const auto iterator = table->NewIterator();
  EXPECT_EQ(ReadForward(*iterator).rows.size(), 10'000u);
  EXPECT_EQ(file.faults().Calls(FileCall::kRead), 10'000u)
      << "to go on to the next entry is no search";
}

TEST(TableTest, ASearchLearnsFromThoseBeforeIt) {
  TableFile file;
  const std::vector<Row> rows = ManyRows(10'000, 10);
  file.Build(rows);
  const auto table = file.Open();
  for (const Row& row : rows) {
    ASSERT_EQ(Found(*table, row.Key()), row.Text());
  }
  for (const Row& row : rows) {
    file.faults().ResetCounts();
    ASSERT_EQ(Found(*table, row.Key()), row.Text());
    ASSERT_LE(file.faults().Calls(FileCall::kRead), 7u)
        << "the way to the last 16 entries is known: five steps, the signpost "
           "itself, and the entry that is read";
  }
}

// Keys whose signposts decide much, little, or nothing.
TEST(TableTest, ASearchLearnsNothingWrong) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE("KV_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  struct Shape {
    std::string prefix;  // of all keys
    size_t bytes_max;  // behind it
    uint64_t letters;
    uint64_t spaces;
  };
  for (const Shape& shape : std::vector<Shape>{
           {"", 2, 256, 1},
           {"", 12, 2, 1},
           {"", 12, 2, 2},
           {"a common beginning/", 3, 256, 1},
           {std::string(9, '\0'), 10, 2, 1},
           {std::string(20, 'x'), 30, 1, 1}}) {
    const auto random_row = [&] {
      std::string key = shape.prefix;
      const uint64_t bytes = random.Below(shape.bytes_max + 1);
      for (uint64_t i = 0; i < bytes; ++i) {
        key += static_cast<char>(random.Below(shape.letters));
      }
      return Row(
          random.Below(10), kPut, key, "value of " + key,
          static_cast<KeySpace>(1 + random.Below(shape.spaces)));
    };
    std::map<std::string, Row> map;
    for (int i = 0; i < 2000; ++i) {
      const Row row = random_row();
      map.emplace(row.key, row);
    }
    TableFile file;
    std::vector<Row> rows;
    for (const auto& [key, row] : map) rows.push_back(row);
    file.Build(rows);
    const auto table = file.Open();
    for (int i = 0; i < 5000; ++i) {
      Row target = random_row();
      if (random.OneIn(10)) target = Row(5, kPut, RandomBytes(random, 3), "");
      const auto bound = std::partition_point(
          rows.begin(), rows.end(), [&target](const Row& row) {
            return Compare(row.Key(), target.Key()) < 0;
          });
      ASSERT_EQ(
          table->LowerBound(target.Key()).value(),
          static_cast<uint64_t>(bound - rows.begin()))
          << target.Text() << " of " << rows.size();
      ASSERT_EQ(
          Found(*table, target.Key()),
          bound != rows.end() && bound->key == target.key ? bound->Text()
                                                          : "(none)");
    }
  }
}

TEST(TableTest, ASearchReadsNoValues) {
  // The keys are longer than what a search reads at first.
  const std::string prefix(300, 'k');
  std::vector<Row> rows;
  for (uint64_t i = 0; i < 20; ++i) {
    rows.emplace_back(
        i + 1, kPut, prefix + std::to_string(10 + i),
        std::string(1 << 17, 'v'));
  }
  TableFile file;
  std::string content = file.Build(rows);
  for (uint64_t i = 0; i < rows.size(); ++i) {
    const size_t key = content.find(prefix + std::to_string(10 + i));
    content[key + prefix.size() + 1000] = 'w';
  }
  file.SetContent(content);
  const auto table = file.Open();
  testing::AllocationGuard guard(1 << 14);
  for (uint64_t i = 0; i < rows.size(); ++i) {
    const std::string key = prefix + std::to_string(10 + i);
    const Result<uint64_t> number = table->LowerBound(Newest(key));
    ASSERT_TRUE(number.ok()) << number.status().ToString();
    EXPECT_EQ(*number, i);
    std::string scratch;
    const auto none = table->Find(Newest(key + "x"), &scratch);
    ASSERT_TRUE(none.ok()) << none.status().ToString();
    EXPECT_FALSE(none->has_value());
  }
  EXPECT_FALSE(guard.WasExceeded()) << guard.Greatest();
}

TEST(TableTest, AFindAllocatesNothing) {
  TableFile file;
  file.Build(ManyRows(1000, 100));
  const auto table = file.Open();
  std::string scratch(1000, '\0');
  const uint64_t before = testing::ThreadAllocations();
  bool found = true;
  for (int i = 0; i < 100; ++i) {
    found = found &&
        table->Find(Newest("key1000500"), &scratch).value().has_value();
  }
  EXPECT_EQ(testing::ThreadAllocations(), before);
  EXPECT_TRUE(found);
}

TEST(TableTest, ThreadsMayReadATableTogether) {
  TableFile file;
  const std::vector<Row> rows = ManyRows(500, 20);
  file.Build(rows);
  const auto table = file.Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table, &rows] {
      for (const Row& row : rows) {
        EXPECT_EQ(Found(*table, row.Key()), row.Text());
      }
      EXPECT_EQ(ReadForward(*table->NewIterator()).rows, Texts(rows));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TableTest, ATableOfTheMachineReadsAlikeMappedAndNot) {
  class NoMapping : public PosixCalls {
   public:
    void* Map(int /*fd*/, size_t /*n*/) override {
      return reinterpret_cast<void*>(-1);  // MAP_FAILED
    }
  };
  NoMapping calls;
  PosixFileSystem not_mapped(&calls);
  TempDirectory directory;
  const std::string path = JoinPath(directory.path(), "table");
  TableFile file;
  const std::vector<Row> rows = ManyRows(3000, 77);
  MustBeOk(WriteFile(FileSystem::Posix(), path, file.Build(rows)), "WriteFile");
  for (FileSystem* const fs :
       std::vector<FileSystem*>{FileSystem::Posix(), &not_mapped}) {
    SCOPED_TRACE(fs == &not_mapped ? "not mapped" : "mapped");
    const auto table = TableReader::Open(fs, path);
    ASSERT_TRUE(table.ok()) << table.status().ToString();
    for (const Row& row : rows) {
      ASSERT_EQ(Found(**table, row.Key()), row.Text());
    }
    EXPECT_EQ(Found(**table, Newest("nowhere")), "(none)");
    const ReadResult forward = ReadForward(*(*table)->NewIterator());
    EXPECT_TRUE(forward.status.ok()) << forward.status.ToString();
    EXPECT_EQ(forward.rows, Texts(rows));
    const ReadResult backward = ReadBackward(*(*table)->NewIterator());
    EXPECT_TRUE(backward.status.ok()) << backward.status.ToString();
    EXPECT_EQ(backward.rows.size(), rows.size());
  }
}

TEST(TableTest, EntriesOfEverySizeAroundTheBuffersComeBack) {
  SeededRandom random(7);
  std::vector<Row> rows;
  for (size_t size = 0; size < 200; ++size) {
    const std::string number = std::to_string(1000 + size);
    rows.emplace_back(
        size + 1, kPut, number,
        RandomBytes(random, size % 5 == 0 ? 100 * size : size));
  }
  std::string first;
  for (const uint64_t buffer_bytes :
       std::vector<uint64_t>{1, 100, 512, 100000}) {
    TableFile file;
    const std::string content = file.Build(rows, buffer_bytes);
    if (first.empty()) first = content;
    EXPECT_TRUE(content == first)
        << "the bytes do not depend on how many are written at once";
    const ReadResult result = file.Read();
    EXPECT_TRUE(result.status.ok()) << result.status.ToString();
    EXPECT_TRUE(result.rows == Texts(rows)) << buffer_bytes << " at once";
  }
}

TEST(TableTest, ManyEntriesAreWrittenWithFewCalls) {
  TableFile file;
  file.Build(ManyRows(10'000, 80), 65536);  // 1 MB
  EXPECT_LE(file.faults().Calls(FileCall::kAppend), 100u)
      << "many entries are one write";
}

TEST(TableTest, EveryErrorOfTheFileIsReturned) {
  const std::vector<Row> rows = {
      {1, kPut, "a", std::string(300, 'x')},
      {2, kPut, "b", std::string(300, 'y')},
  };
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 100u);
    TableFile file;
    Fault fault;
    fault.kind = FaultKind::kShortWrite;
    fault.nth = nth;
    file.faults().Inject(fault);
    const Status built = file.TryBuild(rows, 100);
    if (file.faults().FaultsFired() == 0) {
      EXPECT_TRUE(built.ok());
      EXPECT_GT(nth, 1u) << "a table is not written without a write";
      break;
    }
    EXPECT_TRUE(Fails(built, StatusCode::kIoError)) << "write " << nth;
  }
}

// The worked example of docs/format/table.md.
TEST(TableTest, TheBytesOfATableAreThoseOfItsFormat) {
  using std::string_literals::operator""s;
  const std::string expected =
      "\x01\xdb\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"s
      "\x5f\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00"s
      "\xef\xcd\xab\x89\x67\x45\x23\x01\x02\x00\x00\x00\x00\x00\x00\x00"s
      "\x03\xe5\xc8\xd8\x4a\x91\xf5\x31\x56\xa6\x23\x83\xa1\x46\x02\x65"s
      "\x01\x01\x06\x03\x01\x63\x6f\x6c\x6f\x72\x72\x65\x64\x91\x1d\xbb"s
      "\xc8\x5a\xe9\x15\x27\x02\x02\x06\x00\x01\x73\x68\x61\x70\x65\x38"s
      "\x00\x00\x00\x00\x00\x00\x00\x4d\x00\x00\x00\x00\x00\x00\x00"s;
  const std::vector<Row> rows = {
      {1, kPut, "color", "red"},
      {2, kDelete, "shape", ""},
  };
  TableFile file;
  EXPECT_EQ(
      file.Build(
          rows, kTableBufferBytes,
          TableHeader{.number = 4, .id = kTableId, .last_sequence = 2}),
      expected)
      << "the bytes of a table are fixed: other programs read them";
  file.SetContent(expected);
  const auto table = file.Open();
  EXPECT_EQ(ReadForward(*table->NewIterator()).rows, Texts(rows));
  EXPECT_EQ(table->Header().number, 4u);
  EXPECT_EQ(table->Header().last_sequence, 2u);
}

TEST(TableTest, AnEntryIsAsLongAsItSays) {
  for (const Row& row : std::vector<Row>{
           {1, kPut, "", ""},
           {127, kPut, "key", std::string(127, 'x')},
           {128, kDelete, std::string(128, 'k'), ""},
           {UINT64_MAX, kPut, "k", std::string(70000, 'x')}}) {
    std::string bytes = "before";
    EncodeTableEntry(kTableId, 1000, row.Entry(), &bytes);
    EXPECT_EQ(bytes.substr(0, 6), "before") << "the bytes are appended";
    EXPECT_EQ(bytes.size() - 6, TableEntryBytes(row.Entry())) << row.Text();
    const Result<TableEntry> entry =
        DecodeTableEntry(kTableId, 1000, std::string_view(bytes).substr(6));
    ASSERT_TRUE(entry.ok()) << entry.status().ToString();
    EXPECT_EQ(Row(*entry).Text(), row.Text());
  }
}

TEST(TableTest, TheKeyOfAnEntryIsKnownWithoutItsValue) {
  const Row row(300, kPut, "key", "value");
  std::string bytes;
  EncodeTableEntry(kTableId, 1000, row.Entry(), &bytes);
  const size_t key_bytes = bytes.size() - row.value.size();
  for (size_t given = 0; given <= bytes.size(); ++given) {
    const std::string beginning = bytes.substr(0, given);
    const Result<TableEntry> entry =
        DecodeTableEntryKey(kTableId, 1000, beginning, bytes.size());
    if (given < key_bytes) {
      EXPECT_TRUE(Fails(entry.status(), StatusCode::kCorruption)) << given;
      continue;
    }
    ASSERT_TRUE(entry.ok()) << given << ": " << entry.status().ToString();
    EXPECT_EQ(entry->key, row.key);
    EXPECT_EQ(entry->sequence, 300u);
    EXPECT_EQ(entry->kind, kPut);
    EXPECT_EQ(entry->value, "");
  }
  EXPECT_EQ(TableEntryKeyBytes(bytes), key_bytes);
  EXPECT_EQ(TableEntryKeyBytes(bytes.substr(0, 13)), key_bytes);
  EXPECT_EQ(TableEntryKeyBytes(bytes.substr(0, 12)), std::nullopt);
  for (const size_t entry_bytes : {bytes.size() - 1, bytes.size() + 1}) {
    EXPECT_TRUE(Fails(
        DecodeTableEntryKey(kTableId, 1000, bytes, entry_bytes).status(),
        StatusCode::kCorruption))
        << "an entry that is longer or shorter than the index says";
  }
}

TEST(TableTest, AMissingFileIsNotFound) {
  TableFile file;
  EXPECT_TRUE(Fails(
      TableReader::Open(&file.faults(), "/nowhere").status(),
      StatusCode::kNotFound));
}

}  // namespace
}  // namespace kv
