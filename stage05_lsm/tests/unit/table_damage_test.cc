// Goal: bytes that are not what was written are never taken for it, however
// long they say to be: every question is answered right or with an error.
// Method: small tables, cut at every byte, with every bit flipped, before they
// are opened and while they are open; with a header, an index or an order that
// lies though all checksums are right; and with reads that fail.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/testing/allocation_guard.h"
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
constexpr uint64_t kSecondOffset = 56 + 17;  // of these
constexpr uint64_t kEntriesEnd = kSecondOffset + 15;

// With all kinds, a key that takes two reads, and two spaces.
const std::vector<Row> kRows = {
    {1, kPut, "", "of the empty key"},
    {2, kPut, "b", "two"},
    {3, kDelete, "d", ""},
    {4000, kPut, std::string(300, 'e'), "five"},
    {5, kPut, "f", ""},
    {6, kPut, "b", "of a document", KeySpace::kDocument},
};

// Asks a table whose bytes are not those of kRows, or not all of them, all
// there is to ask. Counts the answers that are errors.
class Inquiry {
 public:
  explicit Inquiry(const TableReader& table) : table_(table) {}

  void AskAll(const std::string& damage) {
    SCOPED_TRACE(damage);
    AskByKey();
    AskByNumber();
    AskIterators();
  }

  uint64_t errors() const { return errors_; }

 private:
  void Check(const Status& status) {
    ++errors_;
    EXPECT_TRUE(Fails(status, StatusCode::kCorruption, {"/table"}));
  }

  void AskByKey() {
    std::string scratch;
    for (const Row& row : kRows) {
      for (const bool absent : {false, true}) {
        Row target = row;
        if (absent) target.key += "x";
        target.sequence = kSequenceMax;
        const auto found = table_.Find(target.Key(), &scratch);
        if (!found.ok()) {
          Check(found.status());
        } else if (absent) {
          EXPECT_FALSE(found->has_value()) << target.Text();
        } else {
          EXPECT_TRUE(found->has_value())
              << row.Text() << " was lost without a word";
          if (found->has_value()) {
            EXPECT_EQ(Row(**found).Text(), row.Text());
          }
        }
      }
    }
  }

  void AskByNumber() {
    std::string scratch;
    ASSERT_EQ(table_.Header().entries, kRows.size());
    for (size_t i = 0; i < kRows.size(); ++i) {
      const Result<TableEntry> entry = table_.Read(i, &scratch);
      if (entry.ok()) {
        EXPECT_EQ(Row(*entry).Text(), kRows[i].Text());
      } else {
        Check(entry.status());
      }
    }
  }

  // An iterator gives all rows, or those before an error.
  void AskIterators() {
    const auto iterator = table_.NewIterator();
    Strings expected = Texts(kRows);
    for (const bool forward : {true, false}) {
      const ReadResult result =
          forward ? ReadForward(*iterator) : ReadBackward(*iterator);
      if (!result.status.ok()) {
        Check(result.status);
        expected.resize(std::min(expected.size(), result.rows.size()));
      }
      EXPECT_EQ(result.rows, expected);
      expected = Texts(kRows);
      std::reverse(expected.begin(), expected.end());
    }
    for (size_t i = 0; i < kRows.size(); ++i) {
      iterator->Seek(kRows[i].Key());
      CheckPosition(*iterator, i);
      iterator->SeekForPrev(kRows[i].Key());
      CheckPosition(*iterator, i);
    }
  }

  void CheckPosition(const InternalIterator& iterator, size_t number) {
    if (iterator.Valid()) {
      EXPECT_EQ(
          Row(iterator.Key(), iterator.Value()).Text(), kRows[number].Text());
    } else {
      Check(iterator.GetStatus());
    }
  }

  const TableReader& table_;
  uint64_t errors_ = 0;
};

// The header of `table`, changed by `change`, with the right checksum, in its
// place.
template <typename Change>
std::string WithHeader(const std::string& table, Change change) {
  Result<TableHeader> header = DecodeTableHeader(table);
  MustBeOk(header.status(), "DecodeTableHeader");
  change(*header);
  std::string bytes;
  EncodeTableHeader(*header, &bytes);
  return bytes + table.substr(kTableHeaderBytes);
}

// An entry for `offset` with these bytes before its value, both checksums
// right.
std::string MakeEntry(
    uint64_t offset, std::string_view before_value, std::string_view value) {
  std::string checked;
  PutFixed32(&checked, Checksum32(value, kTableId + offset));
  checked.append(before_value);
  std::string bytes;
  PutFixed32(&bytes, Checksum32(checked, kTableId + offset));
  return bytes + checked + std::string(value);
}

std::string EntriesOfTwoRows() {
  std::string entries;
  EncodeTableEntry(kTableId, 56, kTwoRows[0].Entry(), &entries);
  EncodeTableEntry(kTableId, kSecondOffset, kTwoRows[1].Entry(), &entries);
  EXPECT_EQ(entries.size() + 56, kEntriesEnd);
  return entries;
}

TEST(TableDamageTest, WithoutDamageThereIsNoError) {
  TableFile file;
  file.Build(kRows);
  const auto table = file.Open();
  Inquiry inquiry(*table);
  inquiry.AskAll("none");
  EXPECT_EQ(inquiry.errors(), 0u);
}

TEST(TableDamageTest, EveryFlippedBitGivesTheRightAnswerOrAnError) {
  TableFile file;
  const std::string content = file.Build(kRows);
  const uint64_t entries_end = file.Open()->Header().index_offset;
  constexpr size_t kVersionOffset = 4;
  for (size_t bit = 0; bit < 8 * content.size(); ++bit) {
    const size_t byte = bit / 8;
    const std::string damage =
        "bit " + std::to_string(bit % 8) + " of byte " + std::to_string(byte);
    std::string changed = content;
    changed[byte] = static_cast<char>(changed[byte] ^ (1 << (bit % 8)));
    file.SetContent(changed);
    const auto table = file.TryOpen();
    if (!table.ok()) {
      // Another version may be taken for what a newer program wrote.
      const bool in_version =
          byte >= kVersionOffset && byte < kVersionOffset + 4;
      EXPECT_TRUE(
          table.status().code() == StatusCode::kCorruption ||
          (in_version && table.status().code() == StatusCode::kNotSupported))
          << damage << ": " << table.status().ToString();
      EXPECT_TRUE(byte < kTableHeaderBytes || byte >= entries_end)
          << damage << ": a damaged entry must not hide the others";
      continue;
    }
    Inquiry inquiry(**table);
    inquiry.AskAll(damage);
    EXPECT_GT(inquiry.errors(), 0u) << damage << " was not noticed";
    EXPECT_TRUE(byte >= kTableHeaderBytes && byte < entries_end)
        << damage << " was not noticed by Open";
    if (::testing::Test::HasFailure()) return;
  }
}

// What lies in a mapped file is read from the disk again when the system needs
// its memory for something else.
TEST(TableDamageTest, EveryBitThatFlipsWhileATableIsOpenGivesNoWrongAnswer) {
  TempDirectory directory;
  const std::string path = JoinPath(directory.path(), "table");
  TableFile file;
  const std::string content = file.Build(kRows);
  MustBeOk(WriteFile(FileSystem::Posix(), path, content), "WriteFile");
  const auto table = TableReader::Open(FileSystem::Posix(), path);
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  std::fstream disk(path, std::ios::in | std::ios::out | std::ios::binary);
  for (size_t bit = 8 * kTableHeaderBytes; bit < 8 * content.size(); ++bit) {
    const size_t byte = bit / 8;
    disk.seekp(static_cast<std::streamoff>(byte));
    disk.put(static_cast<char>(content[byte] ^ (1 << (bit % 8)))).flush();
    Inquiry inquiry(**table);
    inquiry.AskAll(
        "bit " + std::to_string(bit % 8) + " of byte " + std::to_string(byte));
    EXPECT_GT(inquiry.errors(), 0u) << "byte " << byte << " is mapped";
    disk.seekp(static_cast<std::streamoff>(byte));
    disk.put(content[byte]).flush();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TableDamageTest, TheMessageSaysWhichFileAndWhereTheEntryBegins) {
  TableFile file;
  std::string content = file.Build(
      {{1, kPut, "a", "one"}, {2, kPut, "b", "two"}, {3, kPut, "c", "three"}});
  const size_t damaged = content.find("btwo");
  ASSERT_NE(damaged, std::string::npos);
  content[damaged + 1] = 'x';
  file.SetContent(content);
  const auto table = file.Open();
  const auto iterator = table->NewIterator();
  iterator->SeekToFirst();
  ASSERT_TRUE(iterator->Valid());
  iterator->Next();
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(Fails(
      iterator->GetStatus(), StatusCode::kCorruption, {file.path(), "73"}));
  std::string scratch;
  const Result<TableEntry> behind = table->Read(2, &scratch);
  ASSERT_TRUE(behind.ok()) << "a damaged entry does not hide the next one";
  EXPECT_EQ(behind->value, "three");
  iterator->Seek(Newest("c"));
  EXPECT_TRUE(iterator->Valid()) << "after an error a seek makes it valid";
  EXPECT_TRUE(iterator->GetStatus().ok());
}

// The damage is in a value, which no search reads.
TEST(TableDamageTest, AfterAnErrorASeekMayReachTheEnd) {
  TableFile file;
  std::string content = file.Build(
      {{1, kPut, "b", "one"}, {2, kPut, "c", "two"}, {3, kPut, "d", "three"}});
  content[content.find("bone") + 1] = 'x';
  file.SetContent(content);
  const auto table = file.Open();
  const auto iterator = table->NewIterator();
  const auto fail = [&iterator] {
    iterator->SeekToFirst();
    EXPECT_FALSE(iterator->Valid());
    EXPECT_TRUE(Fails(iterator->GetStatus(), StatusCode::kCorruption));
  };
  fail();
  iterator->Seek(Newest("e"));
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(iterator->GetStatus().ok()) << "nothing stands behind d";
  fail();
  iterator->SeekForPrev(Newest("a"));
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(iterator->GetStatus().ok()) << "nothing stands before b";
}

TEST(TableDamageTest, AFileThatIsCutAnywhereIsCorruption) {
  TableFile file;
  const std::string content = file.Build(kRows);
  for (size_t bytes = 0; bytes < content.size(); ++bytes) {
    file.SetContent(content.substr(0, bytes));
    EXPECT_TRUE(
        Fails(file.TryOpen().status(), StatusCode::kCorruption, {file.path()}))
        << "cut to " << bytes << " bytes";
  }
}

TEST(TableDamageTest, BytesBehindTheIndexAreCorruption) {
  TableFile file;
  const std::string content = file.Build(kTwoRows);
  for (const size_t more : std::vector<size_t>{1, 8, 1000}) {
    file.SetContent(content + std::string(more, '\0'));
    EXPECT_TRUE(
        Fails(file.TryOpen().status(), StatusCode::kCorruption, {file.path()}))
        << more << " bytes";
  }
}

TEST(TableDamageTest, ANewerVersionIsNotSupported) {
  TableFile file;
  std::string content = file.Build(kTwoRows);
  std::string header = content.substr(0, 4);
  PutFixed32(&header, kTableVersion + 1);
  header += content.substr(8, 44);
  PutFixed32(&header, Checksum32(header, kTableVersion + 1));
  file.SetContent(header + content.substr(kTableHeaderBytes));
  EXPECT_TRUE(
      Fails(file.TryOpen().status(), StatusCode::kNotSupported, {file.path()}))
      << "a program that is too old must not call the file damaged";
}

TEST(TableDamageTest, AFileThatIsNoTableIsCorruption) {
  TableFile file;
  for (const std::string& content :
       {std::string(), std::string(1000, '\0'), std::string(1000, 'x')}) {
    file.SetContent(content);
    EXPECT_TRUE(
        Fails(file.TryOpen().status(), StatusCode::kCorruption, {file.path()}))
        << Show(content);
  }
}

TEST(TableDamageTest, KeysThatDoNotAscendAreCorruption) {
  TableFile file;
  const Row a(1, kPut, "a", "one");
  const Row a_older(0, kPut, "a", "none");
  const Row b(2, kPut, "b", "two");
  const Row high(3, kPut, "\x80", "high");
  const Row document(4, kPut, "a", "four", KeySpace::kDocument);
  const ReadResult right = file.ReadOf(MakeTable({a, b, high, document}));
  ASSERT_TRUE(right.status.ok()) << right.status.ToString();
  EXPECT_EQ(right.rows, Texts({a, b, high, document}));
  for (const std::vector<Row>& rows : std::vector<std::vector<Row>>{
           {b, a}, {a, a}, {a, a_older}, {high, a}, {document, high}}) {
    file.SetContent(MakeTable(rows));
    const auto table = file.Open();
    const auto iterator = table->NewIterator();
    const ReadResult forward = ReadForward(*iterator);
    EXPECT_TRUE(Fails(forward.status, StatusCode::kCorruption, {file.path()}))
        << rows[1].Text() << " stands behind " << rows[0].Text();
    EXPECT_EQ(forward.rows, Texts({rows[0]}));
    const ReadResult backward = ReadBackward(*iterator);
    EXPECT_TRUE(Fails(backward.status, StatusCode::kCorruption, {file.path()}));
    EXPECT_EQ(backward.rows, Texts({rows[1]}));
  }
}

TEST(TableDamageTest, AKeyWithoutASpaceIsCorruption) {
  using std::string_literals::operator""s;
  for (const std::string& key : {""s, "\x00k"s, "\x05k"s, "key"s}) {
    Row row(1, kPut, "", "value");
    row.key = key;
    TableFile file;
    file.SetContent(MakeTable({row}));
    const auto table = file.Open();
    std::string scratch;
    EXPECT_TRUE(Fails(
        table->Read(0, &scratch).status(), StatusCode::kCorruption,
        {file.path(), "56"}))
        << Show(key);
    EXPECT_TRUE(Fails(
        table->Find(Newest("k"), &scratch).status(), StatusCode::kCorruption))
        << Show(key);
    EXPECT_TRUE(
        Fails(table->LowerBound(Newest("k")).status(), StatusCode::kCorruption))
        << Show(key);
    EXPECT_TRUE(Fails(file.Read().status, StatusCode::kCorruption))
        << Show(key);
  }
}

// All checksums are right. To every snapshot the entry would be too new, and
// its key absent.
TEST(TableDamageTest, AnEntryAboveTheTablesLastSequenceIsCorruption) {
  const TableHeader header = {.number = 7, .id = kTableId, .last_sequence = 99};
  const Row a(1, kPut, "a", "one");
  const Row c(2, kPut, "c", "three");
  for (const RecordKind kind : {kPut, RecordKind::kDelete}) {
    TableFile file;
    const std::vector<Row> right = {a, Row(99, kind, "b", ""), c};
    file.Build(right, kTableBufferBytes, header);
    EXPECT_EQ(file.Read().rows, Texts(right)) << "it may be the last itself";
    file.Build({a, Row(100, kind, "b", ""), c}, kTableBufferBytes, header);
    const auto table = file.Open();
    const std::string where = file.path() + " at offset " +
        std::to_string(kTableHeaderBytes + TableEntryBytes(a.Entry()));
    EXPECT_NE(Found(*table, Newest("b")).find(where), std::string::npos)
        << Found(*table, Newest("b"));
    for (const ReadResult& read :
         {ReadForward(*table->NewIterator()),
          ReadBackward(*table->NewIterator())}) {
      EXPECT_TRUE(Fails(
          read.status, StatusCode::kCorruption, {where, "sequence number"}));
    }
  }
}

TEST(TableDamageTest, AnIndexThatLiesIsCorruption) {
  const std::string entries = EntriesOfTwoRows();
  TableFile file;
  ASSERT_TRUE(file.ReadOf(MakeTable(entries, {56, kSecondOffset})).status.ok());
  for (const std::vector<uint64_t>& offsets :
       std::vector<std::vector<uint64_t>>{
           {kSecondOffset, 56},
           {56, 56},
           {kSecondOffset, kSecondOffset},
           {56, kSecondOffset - 1},
           {56, kSecondOffset + 1},
           {57, kSecondOffset},
           {0, kSecondOffset},
           {56, kEntriesEnd},
           {56, kEntriesEnd + 1},
           {56, 1000000},
           {56, UINT64_MAX},
           {UINT64_MAX, kSecondOffset},
           {UINT64_MAX - 10, UINT64_MAX},
           {56},
           {kSecondOffset},
           {56, kSecondOffset, kEntriesEnd},
           {56, 56, kSecondOffset},
           {}}) {
    testing::AllocationGuard guard(1 << 20);
    const ReadResult result = file.ReadOf(MakeTable(entries, offsets));
    EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {file.path()}))
        << ::testing::PrintToString(offsets);
    EXPECT_FALSE(guard.WasExceeded()) << ::testing::PrintToString(offsets);
  }
}

TEST(TableDamageTest, AnIndexThatDoesNotGrowIsNoticedByOpen) {
  const std::string entries = EntriesOfTwoRows();
  TableFile file;
  for (const std::vector<uint64_t>& offsets :
       std::vector<std::vector<uint64_t>>{
           {kSecondOffset, 56},
           {56, 56},
           {57, kSecondOffset},
           {56, kEntriesEnd}}) {
    file.SetContent(MakeTable(entries, offsets));
    EXPECT_TRUE(
        Fails(file.TryOpen().status(), StatusCode::kCorruption, {file.path()}))
        << ::testing::PrintToString(offsets);
  }
}

TEST(TableDamageTest, AHeaderThatLiesIsCorruptionAndAllocatesNothing) {
  TableFile file;
  const std::string content = file.Build(kTwoRows);
  const uint64_t lies[] = {
      0,
      1,
      3,
      55,
      57,
      kEntriesEnd - 1,
      kEntriesEnd + 1,
      1 << 20,
      1ull << 32,
      1ull << 40,
      1ull << 61,
      (1ull << 61) + 2,
      1ull << 63,
      UINT64_MAX - 16,
      UINT64_MAX};
  for (const uint64_t lie : lies) {
    for (const bool of_entries : {true, false}) {
      const std::string changed = WithHeader(content, [&](TableHeader& header) {
        (of_entries ? header.entries : header.index_offset) = lie;
      });
      testing::AllocationGuard guard(1 << 20);
      const ReadResult result = file.ReadOf(changed);
      EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {file.path()}))
          << lie << (of_entries ? " entries" : " as the index's offset");
      EXPECT_FALSE(guard.WasExceeded())
          << lie << (of_entries ? " entries" : " as the index's offset")
          << " were believed: " << guard.Greatest() << " bytes asked for";
    }
  }
}

TEST(TableDamageTest, BothLiesOfAHeaderTogetherAreCorruption) {
  TableFile file;
  const std::string content = file.Build(kTwoRows);
  // entries * 8 + index offset is the file's length, but only modulo 2^64.
  const std::string changed = WithHeader(
      content, [](TableHeader& header) { header.entries += 1ull << 61; });
  EXPECT_TRUE(Fails(
      file.ReadOf(changed).status, StatusCode::kCorruption, {file.path()}));
}

TEST(TableDamageTest, AHeaderWithANumberAboveTheLargestIsCorruption) {
  TableFile file;
  const std::string content = file.Build(kTwoRows);
  for (const uint64_t sequence : {kSequenceMax + 1, UINT64_MAX}) {
    const std::string changed = WithHeader(
        content, [&](TableHeader& header) { header.last_sequence = sequence; });
    EXPECT_TRUE(Fails(
        file.ReadOf(changed).status, StatusCode::kCorruption, {file.path()}))
        << "last sequence " << sequence;
  }
  // The log goes on with a segment of a greater number.
  for (const uint64_t number : {kFileNumberMax, UINT64_MAX}) {
    const std::string changed = WithHeader(
        content, [&](TableHeader& header) { header.number = number; });
    EXPECT_TRUE(Fails(
        file.ReadOf(changed).status, StatusCode::kCorruption, {file.path()}))
        << "number " << number;
  }
  const std::string largest = WithHeader(content, [](TableHeader& header) {
    header.last_sequence = kSequenceMax;
    header.number = kFileNumberMax - 1;
  });
  const Status status = file.ReadOf(largest).status;
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST(TableDamageTest, AnEntryThatSaysToBeLongAllocatesNothing) {
  using std::string_literals::operator""s;
  for (const std::string& before_value :
       {"\x01\x01\x02\xff\xff\xff\xff\x0f\x01k"s,
        "\x01\x01\xff\xff\xff\xff\x0f\x01\x01k"s}) {
    const std::string entry = MakeEntry(kTableHeaderBytes, before_value, "v");
    TableFile file;
    file.SetContent(MakeTable(entry, {kTableHeaderBytes}));
    const auto table = file.Open();
    testing::AllocationGuard guard(1 << 20);
    std::string scratch;
    EXPECT_TRUE(Fails(
        table->Find(Newest("k"), &scratch).status(), StatusCode::kCorruption));
    EXPECT_TRUE(
        Fails(table->Read(0, &scratch).status(), StatusCode::kCorruption));
    EXPECT_FALSE(guard.WasExceeded()) << guard.Greatest();
  }
}

TEST(TableDamageTest, AnEntryInAnotherPlaceIsNoEntry) {
  std::string bytes;
  EncodeTableEntry(kTableId, 1000, kTwoRows[0].Entry(), &bytes);
  ASSERT_TRUE(DecodeTableEntry(kTableId, 1000, bytes).ok());
  EXPECT_TRUE(Fails(
      DecodeTableEntry(kTableId, 1001, bytes).status(),
      StatusCode::kCorruption));
  EXPECT_TRUE(Fails(
      DecodeTableEntry(kTableId - 1, 1000, bytes).status(),
      StatusCode::kCorruption))
      << "of another table";
  EXPECT_TRUE(Fails(
      DecodeTableEntryKey(kTableId, 1001, bytes, bytes.size()).status(),
      StatusCode::kCorruption))
      << "nor has it a key";
  std::string first;
  EncodeTableEntry(kTableId, 0, kTwoRows[0].Entry(), &first);
  EXPECT_TRUE(Fails(
      DecodeTableEntryKey(kTableId, 1000, first, first.size()).status(),
      StatusCode::kCorruption))
      << "not even one that was made for offset 0";
}

TEST(TableDamageTest, AnEntryMustFillItsBytes) {
  using std::string_literals::operator""s;
  const auto decoded = [](std::string_view before_value, auto value) {
    return DecodeTableEntry(
               kTableId, 1000, MakeEntry(1000, before_value, value))
        .status();
  };
  ASSERT_TRUE(decoded("\x01\x01\x01\x01k"s, "v").ok());
  EXPECT_TRUE(Fails(decoded(""s, ""), StatusCode::kCorruption));
  EXPECT_TRUE(Fails(decoded("\x01"s, ""), StatusCode::kCorruption));
  EXPECT_TRUE(Fails(decoded("\x01\x01\x01"s, ""), StatusCode::kCorruption));
  EXPECT_TRUE(
      Fails(decoded("\x01\x01\x01\x01k"s, "vv"), StatusCode::kCorruption));
  EXPECT_TRUE(
      Fails(decoded("\x01\x01\x01\x01k"s, ""), StatusCode::kCorruption));
  for (const std::string& before_value :
       {"\x01\x01\x02\x01k"s, "\x00\x01\x01\x01k"s, "\x03\x01\x01\x01k"s,
        "\x01\x01\x01\xff\xff\xff\xff\x0fk"s,
        "\x01\x01\xff\xff\xff\xff\x0f\x01k"s, "\x01\x81\x00\x01\x01k"s}) {
    EXPECT_TRUE(Fails(decoded(before_value, "v"), StatusCode::kCorruption))
        << Show(before_value);
  }
}

// Signposts are made from the first and the last key, and seen by all searches.
TEST(TableDamageTest, ADamagedEntryOfALongTableHidesNoOther) {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < 100; ++i) {
    rows.emplace_back(i + 1, kPut, "key" + std::to_string(100 + i), "value");
  }
  TableFile file;
  const std::string content = file.Build(rows);
  for (size_t damaged = 0; damaged < rows.size(); ++damaged) {
    std::string changed = content;
    changed[changed.find("key" + std::to_string(100 + damaged))] = 'x';
    file.SetContent(changed);
    const auto table = file.Open();
    uint64_t errors = 0;
    for (size_t i = 0; i < 2 * rows.size(); ++i) {
      const Row& row = rows[i % rows.size()];
      std::string scratch;
      const auto found = table->Find(row.Key(), &scratch);
      if (!found.ok()) {
        EXPECT_TRUE(Fails(found.status(), StatusCode::kCorruption));
        ++errors;
        continue;
      }
      ASSERT_TRUE(found->has_value()) << row.Text();
      EXPECT_EQ(Row(**found).Text(), row.Text());
    }
    EXPECT_GE(errors, 2u) << "number " << damaged;
    std::string scratch;
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(table->Read(i, &scratch).ok(), i != damaged);
    }
  }
}

// What the reads of a table amount to, one string an answer.
Strings AllAnswers(TableFile& file) {
  const auto table = file.TryOpen();
  if (!table.ok()) return {table.status().ToString()};
  Strings answers;
  for (const Row& row : kRows) answers.push_back(Found(**table, row.Key()));
  const auto iterator = (*table)->NewIterator();
  for (const bool forward : {true, false}) {
    const ReadResult result =
        forward ? ReadForward(*iterator) : ReadBackward(*iterator);
    answers.insert(answers.end(), result.rows.begin(), result.rows.end());
    answers.push_back(result.status.ToString());
  }
  return answers;
}

TEST(TableDamageTest, EveryReadThatFailsIsAnError) {
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kShortRead}) {
    TableFile file;
    file.Build(kRows);
    const Strings right = AllAnswers(file);
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Fault fault;
      fault.kind = kind;
      fault.nth = nth;
      file.faults().ClearFaults();
      file.faults().Inject(fault);
      const Strings answers = AllAnswers(file);
      if (file.faults().FaultsFired() == 0) {
        EXPECT_EQ(answers, right);
        EXPECT_GT(nth, 30u);
        break;
      }
      uint64_t errors = 0;
      for (const std::string& answer : answers) {
        if (answer.find("IoError") != std::string::npos) {
          ++errors;
          continue;
        }
        EXPECT_TRUE(
            std::find(right.begin(), right.end(), answer) != right.end())
            << "read " << nth << " failed and gave " << answer;
      }
      EXPECT_EQ(errors, 1u) << "read " << nth << " is one answer's";
    }
  }
}

TEST(TableDamageTest, EveryReadThatFailsMakesOpenFail) {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < 100; ++i) {
    rows.emplace_back(i + 1, kPut, std::to_string(100 + i), "value");
  }
  TableFile file;
  file.Build(rows);
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 100u);
    Fault fault;
    fault.kind = FaultKind::kReadError;
    fault.nth = nth;
    file.faults().ClearFaults();
    file.faults().Inject(fault);
    const auto table = file.TryOpen();
    if (file.faults().FaultsFired() == 0) {
      EXPECT_TRUE(table.ok());
      EXPECT_GE(nth, 3u) << "header and index are read";
      break;
    }
    EXPECT_TRUE(Fails(table.status(), StatusCode::kIoError)) << "read " << nth;
  }
}

}  // namespace
}  // namespace kv
