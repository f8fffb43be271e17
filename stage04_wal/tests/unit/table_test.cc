// Goal: a table gives back exactly what was written, in its format; and bytes
// that are not what was written are never taken for it, however long they say
// to be.
// Method: tables written entry by entry, then cut at every byte, with every
// bit flipped, and with a header or an index that lies though all checksums
// are right.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/checksum.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "common/testing/allocation_guard.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/sequence_number.h"
#include "support/database_verbs.h"
#include "table/table_builder.h"
#include "table/table_format.h"
#include "table/table_reader.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

constexpr uint64_t kId = 0x0123456789abcdef;
constexpr uint64_t kBufferBytes = 4096;
constexpr TableHeader kHeader = {.number = 7, .id = kId, .last_sequence = 99};

// An entry that owns its bytes.
struct Row {
  uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string key;
  std::string value;

  TableEntry Entry() const { return {sequence, kind, key, value}; }
  std::string Text() const {
    return Show(key) + (kind == RecordKind::kPut ? "=" : "-") + Show(value) +
        "@" + std::to_string(sequence);
  }
};

Strings Texts(const std::vector<Row>& rows) {
  Strings texts;
  for (const Row& row : rows) texts.push_back(row.Text());
  return texts;
}

struct ReadResult {
  Strings rows;
  Status status;  // Ok: the end was reached
  TableHeader header;
};

// A table's file in memory.
class TableFile {
 public:
  const std::string& path() const { return path_; }
  MemoryFileSystem& memory() { return memory_; }
  FaultFileSystem& faults() { return faults_; }

  Status TryBuild(
      const std::vector<Row>& rows, uint64_t buffer_bytes = kBufferBytes,
      const TableHeader& header = kHeader) {
    if (memory_.Exists(path_).value()) {
      MustBeOk(memory_.Remove(path_), "Remove");
    }
    auto file = faults_.OpenForAppend(path_, AppendMode::kCreate);
    MustBeOk(file.status(), "OpenForAppend");
    TableBuilder builder(file->get(), header, buffer_bytes);
    for (const Row& row : rows) builder.Measure(row.Entry());
    for (const Row& row : rows) {
      KV_RETURN_IF_ERROR(builder.Add(row.Entry()));
    }
    return builder.Finish();
  }
  std::string Build(
      const std::vector<Row>& rows, uint64_t buffer_bytes = kBufferBytes,
      const TableHeader& header = kHeader) {
    MustBeOk(TryBuild(rows, buffer_bytes, header), "building a table");
    return Content();
  }

  std::string Content() {
    Result<std::string> content = ReadFile(&memory_, path_);
    MustBeOk(content.status(), "ReadFile");
    return std::move(content).value();
  }
  void SetContent(std::string_view content) {
    MustBeOk(WriteFile(&memory_, path_, content), "WriteFile");
  }

  // Up to the end or the first error.
  ReadResult Read(uint64_t buffer_bytes = kBufferBytes) {
    ReadResult result;
    auto reader = TableReader::Open(&faults_, path_, buffer_bytes);
    if (!reader.ok()) {
      result.status = reader.status();
      return result;
    }
    result.header = (*reader)->Header();
    TableEntry entry;
    for (;;) {
      const Result<bool> more = (*reader)->Next(&entry);
      if (!more.ok()) {
        result.status = more.status();
        return result;
      }
      if (!*more) return result;
      result.rows.push_back(
          Row{entry.sequence, entry.kind, std::string(entry.key),
              std::string(entry.value)}
              .Text());
    }
  }
  ReadResult ReadOf(std::string_view content) {
    SetContent(content);
    return Read();
  }

 private:
  const std::string path_ = "/table";
  MemoryFileSystem memory_;
  FaultFileSystem faults_{&memory_};
};

const std::vector<Row> kTwoRows = {
    {1, RecordKind::kPut, "a", "one"},
    {300, RecordKind::kPut, "b", ""},
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

// `entries` bytes and an index of `offsets`, all checksums right.
std::string MakeTable(
    std::string_view entries, const std::vector<uint64_t>& offsets) {
  std::string index;
  for (const uint64_t offset : offsets) PutFixed64(&index, offset);
  TableHeader header;
  header.entries = offsets.size();
  header.index_offset = kTableHeaderBytes + entries.size();
  header.id = kId;
  header.index_checksum = Checksum32(index, kId + header.index_offset);
  std::string table;
  EncodeTableHeader(header, &table);
  return table.append(entries).append(index);
}

// As MakeTable, for these rows in this order, whatever it is.
std::string MakeTable(const std::vector<Row>& rows) {
  std::string entries;
  std::vector<uint64_t> offsets;
  for (const Row& row : rows) {
    offsets.push_back(kTableHeaderBytes + entries.size());
    EncodeTableEntry(kId, offsets.back(), row.Entry(), &entries);
  }
  return MakeTable(entries, offsets);
}

TEST(TableTest, EntriesComeBackInTheirOrder) {
  TableFile table;
  const std::vector<Row> rows = {
      {5, RecordKind::kPut, "a", "one"},
      {1ull << 40, RecordKind::kPut, "ab", std::string(300, 'x')},
      {6, RecordKind::kDelete, "b", ""},
      {UINT64_MAX, RecordKind::kPut, "\x80", std::string("\0\xff", 2)},
  };
  table.Build(rows);
  const ReadResult result = table.Read();
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_EQ(result.rows, Texts(rows));
}

TEST(TableTest, TheHeaderSaysWhatItWasGiven) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  const TableHeader header = table.Read().header;
  EXPECT_EQ(header.entries, 2u);
  EXPECT_EQ(header.number, 7u);
  EXPECT_EQ(header.id, kId);
  EXPECT_EQ(header.last_sequence, 99u);
  EXPECT_EQ(header.index_offset + 2 * kIndexEntryBytes, content.size())
      << "the index ends where the file ends";
}

TEST(TableTest, AnEmptyTableIsAHeader) {
  TableFile table;
  const std::string content = table.Build({});
  EXPECT_EQ(content.size(), kTableHeaderBytes);
  const ReadResult result = table.Read();
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_EQ(result.rows, Strings{});
  EXPECT_EQ(result.header.entries, 0u);
  EXPECT_EQ(result.header.index_offset, kTableHeaderBytes);
  EXPECT_EQ(result.header.last_sequence, 99u);
}

TEST(TableTest, TheEmptyKeyAndTheEmptyValueAreEntries) {
  TableFile table;
  const std::vector<Row> rows = {
      {1, RecordKind::kPut, "", ""},
      {2, RecordKind::kPut, std::string(1, '\0'), "zero"},
  };
  table.Build(rows);
  EXPECT_EQ(table.Read().rows, Texts(rows));
}

TEST(TableTest, TheEndStaysTheEnd) {
  TableFile table;
  table.Build(kTwoRows);
  auto reader = TableReader::Open(&table.faults(), table.path(), kBufferBytes);
  ASSERT_TRUE(reader.ok());
  TableEntry entry;
  ASSERT_TRUE((*reader)->Next(&entry).value());
  ASSERT_TRUE((*reader)->Next(&entry).value());
  EXPECT_FALSE((*reader)->Next(&entry).value());
  EXPECT_FALSE((*reader)->Next(&entry).value());
}

TEST(TableTest, EntriesOfEverySizeAroundTheBuffersComeBack) {
  SeededRandom random(7);
  std::vector<Row> rows;
  for (size_t size = 0; size < 200; ++size) {
    const std::string number = std::to_string(1000 + size);
    rows.push_back(
        {size + 1, RecordKind::kPut, number,
         RandomBytes(random, size % 5 == 0 ? 10 * size : size)});
  }
  std::string first;
  for (const uint64_t buffer_bytes :
       std::vector<uint64_t>{1, 100, 512, 100000}) {
    TableFile table;
    const std::string content = table.Build(rows, buffer_bytes);
    if (first.empty()) first = content;
    EXPECT_TRUE(content == first)
        << "the bytes do not depend on how many are written at once";
    const ReadResult result = table.Read(buffer_bytes);
    EXPECT_TRUE(result.status.ok()) << result.status.ToString();
    EXPECT_TRUE(result.rows == Texts(rows)) << buffer_bytes << " at once";
  }
}

TEST(TableTest, ManyEntriesTakeFewCalls) {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < 10000; ++i) {
    rows.push_back(
        {i + 1, RecordKind::kPut, std::to_string(10000 + i),
         std::string(80, 'v')});
  }
  TableFile table;
  table.Build(rows, 65536);  // 1 MB
  EXPECT_LE(table.faults().Calls(FileCall::kAppend), 100u)
      << "many entries are one write";
  table.faults().ResetCounts();
  EXPECT_EQ(table.Read(65536).rows.size(), 10000u);
  EXPECT_LE(table.faults().Calls(FileCall::kRead), 100u)
      << "many entries are one read";
}

TEST(TableTest, EveryErrorOfTheFileIsReturned) {
  const std::vector<Row> rows = {
      {1, RecordKind::kPut, "a", std::string(300, 'x')},
      {2, RecordKind::kPut, "b", std::string(300, 'y')},
  };
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 100u);
    TableFile table;
    Fault fault;
    fault.kind = FaultKind::kShortWrite;
    fault.nth = nth;
    table.faults().Inject(fault);
    const Status built = table.TryBuild(rows, 100);
    if (table.faults().FaultsFired() == 0) {
      EXPECT_TRUE(built.ok());
      EXPECT_GT(nth, 1u) << "a table is not written without a write";
      break;
    }
    EXPECT_TRUE(Fails(built, StatusCode::kIoError)) << "write " << nth;
  }
}

TEST(TableTest, EveryReadErrorIsReturned) {
  TableFile table;
  table.Build(kTwoRows);
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kShortRead}) {
    // At once, and each entry alone.
    for (const uint64_t buffer_bytes : {kBufferBytes, uint64_t{1}}) {
      for (uint64_t nth = 1;; ++nth) {
        ASSERT_LT(nth, 100u);
        Fault fault;
        fault.kind = kind;
        fault.nth = nth;
        table.faults().ClearFaults();
        table.faults().Inject(fault);
        const ReadResult result = table.Read(buffer_bytes);
        if (table.faults().FaultsFired() == 0) {
          EXPECT_TRUE(result.status.ok());
          EXPECT_GT(nth, 1u);
          break;
        }
        EXPECT_TRUE(Fails(result.status, StatusCode::kIoError))
            << FaultKindName(kind) << " of read " << nth
            << ": a read that fails is no damage";
      }
    }
  }
}

// The worked example of docs/format/table.md.
TEST(TableTest, TheBytesOfATableAreThoseOfItsFormat) {
  using std::string_literals::operator""s;
  const std::string expected =
      "\x01\xdb\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"s
      "\x62\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"s
      "\xef\xcd\xab\x89\x67\x45\x23\x01\x02\x00\x00\x00\x00\x00\x00\x00"s
      "\xc4\x48\x94\x93\xec\x1f\xa0\xc2\xc5\xf2\xc6\x85\xa1\x46\x02\x65"s
      "\x01\x01\x05\x03\x63\x6f\x6c\x6f\x72\x72\x65\x64\xdb\xbd\x61\x2e"s
      "\xee\xc5\x15\x7f\x01\x02\x05\x05\x73\x68\x61\x70\x65\x72\x6f\x75"s
      "\x6e\x64\x38\x00\x00\x00\x00\x00\x00\x00\x4c\x00\x00\x00\x00\x00"s
      "\x00\x00"s;
  const std::vector<Row> rows = {
      {1, RecordKind::kPut, "color", "red"},
      {2, RecordKind::kPut, "shape", "round"},
  };
  TableFile table;
  EXPECT_EQ(
      table.Build(
          rows, kBufferBytes,
          TableHeader{.number = 2, .id = kId, .last_sequence = 2}),
      expected)
      << "the bytes of a table are fixed: other programs read them";
  const ReadResult result = table.ReadOf(expected);
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_EQ(result.rows, Texts(rows));
  EXPECT_EQ(result.header.number, 2u);
  EXPECT_EQ(result.header.last_sequence, 2u);
}

TEST(TableTest, AnEntryIsAsLongAsItSays) {
  for (const Row& row : std::vector<Row>{
           {1, RecordKind::kPut, "", ""},
           {127, RecordKind::kPut, "key", std::string(127, 'x')},
           {128, RecordKind::kDelete, std::string(128, 'k'), ""},
           {UINT64_MAX, RecordKind::kPut, "k", std::string(70000, 'x')}}) {
    std::string bytes = "before";
    EncodeTableEntry(kId, 1000, row.Entry(), &bytes);
    EXPECT_EQ(bytes.substr(0, 6), "before") << "the bytes are appended";
    EXPECT_EQ(bytes.size() - 6, TableEntryBytes(row.Entry())) << row.Text();
    const Result<TableEntry> entry =
        DecodeTableEntry(kId, 1000, std::string_view(bytes).substr(6));
    ASSERT_TRUE(entry.ok()) << entry.status().ToString();
    EXPECT_EQ(
        (
            Row{entry->sequence, entry->kind, std::string(entry->key),
                std::string(entry->value)}
                .Text()),
        row.Text());
  }
}

TEST(TableTest, AnEntryInAnotherPlaceIsNoEntry) {
  std::string bytes;
  EncodeTableEntry(kId, 1000, kTwoRows[0].Entry(), &bytes);
  ASSERT_TRUE(DecodeTableEntry(kId, 1000, bytes).ok());
  EXPECT_TRUE(Fails(
      DecodeTableEntry(kId, 1001, bytes).status(), StatusCode::kCorruption));
  EXPECT_TRUE(Fails(
      DecodeTableEntry(kId - 1, 1000, bytes).status(), StatusCode::kCorruption))
      << "of another table";
}

// An entry for `offset` with these bytes before its value, both checksums
// right.
std::string MakeEntry(
    uint64_t offset, std::string_view before_value, std::string_view value) {
  std::string checked;
  PutFixed32(&checked, Checksum32(value, kId + offset));
  checked.append(before_value);
  std::string bytes;
  PutFixed32(&bytes, Checksum32(checked, kId + offset));
  return bytes + checked + std::string(value);
}

TEST(TableTest, AnEntryMustFillItsBytes) {
  using std::string_literals::operator""s;
  const auto decoded = [](std::string_view before_value, auto value) {
    return DecodeTableEntry(kId, 1000, MakeEntry(1000, before_value, value))
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
  // Lengths that add up to 2, but only modulo 2^32.
  EXPECT_TRUE(Fails(
      decoded("\x01\x01\x03\xff\xff\xff\xff\x0fkv"s, ""),
      StatusCode::kCorruption));
  EXPECT_TRUE(Fails(
      decoded("\x01\x01\xff\xff\xff\xff\x0f"s, "\x03kv"),
      StatusCode::kCorruption));
}

TEST(TableTest, AFileThatIsCutAnywhereIsCorruption) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  for (size_t bytes = 0; bytes < content.size(); ++bytes) {
    const ReadResult result = table.ReadOf(content.substr(0, bytes));
    EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {table.path()}))
        << "cut to " << bytes << " bytes";
  }
}

TEST(TableTest, BytesBehindTheIndexAreCorruption) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  for (const size_t more : std::vector<size_t>{1, 8, 1000}) {
    EXPECT_TRUE(Fails(
        table.ReadOf(content + std::string(more, '\0')).status,
        StatusCode::kCorruption, {table.path()}))
        << more << " bytes";
  }
}

TEST(TableTest, EveryFlippedBitIsNoticed) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  constexpr size_t kVersionOffset = 4;
  for (size_t bit = 0; bit < 8 * content.size(); ++bit) {
    std::string changed = content;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const ReadResult result = table.ReadOf(changed);
    // Another version may be taken for what a newer program wrote.
    const bool in_version =
        bit / 8 >= kVersionOffset && bit / 8 < kVersionOffset + 4;
    EXPECT_TRUE(
        result.status.code() == StatusCode::kCorruption ||
        (in_version && result.status.code() == StatusCode::kNotSupported))
        << "bit " << bit % 8 << " of byte " << bit / 8 << ": "
        << result.status.ToString();
    for (const std::string& row : result.rows) {
      const Strings rows = Texts(kTwoRows);
      EXPECT_TRUE(std::find(rows.begin(), rows.end(), row) != rows.end())
          << "bit " << bit % 8 << " of byte " << bit / 8 << " gave " << row;
    }
  }
}

TEST(TableTest, AfterADamagedEntryTheNextOneIsRead) {
  TableFile table;
  std::string content = table.Build(
      {{1, RecordKind::kPut, "a", "one"},
       {2, RecordKind::kPut, "b", "two"},
       {3, RecordKind::kPut, "c", "three"}});
  const size_t damaged = content.find("btwo");
  ASSERT_NE(damaged, std::string::npos);
  content[damaged + 1] = 'x';
  table.SetContent(content);
  auto reader = TableReader::Open(&table.faults(), table.path(), kBufferBytes);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  TableEntry entry;
  ASSERT_TRUE((*reader)->Next(&entry).value());
  EXPECT_EQ(entry.key, "a");
  EXPECT_TRUE(Fails(
      (*reader)->Next(&entry).status(), StatusCode::kCorruption,
      {table.path(), "72"}))
      << "the message says which file and where the entry begins";
  const Result<bool> more = (*reader)->Next(&entry);
  ASSERT_TRUE(more.ok()) << more.status().ToString();
  ASSERT_TRUE(*more);
  EXPECT_EQ(entry.key, "c");
  EXPECT_EQ(entry.value, "three");
  EXPECT_FALSE((*reader)->Next(&entry).value());
}

TEST(TableTest, ANewerVersionIsNotSupported) {
  TableFile table;
  std::string content = table.Build(kTwoRows);
  std::string header = content.substr(0, 4);
  PutFixed32(&header, kTableVersion + 1);
  header += content.substr(8, 44);
  PutFixed32(&header, Checksum32(header, kTableVersion + 1));
  const ReadResult result =
      table.ReadOf(header + content.substr(kTableHeaderBytes));
  EXPECT_TRUE(Fails(result.status, StatusCode::kNotSupported, {table.path()}))
      << "a program that is too old must not call the file damaged";
}

TEST(TableTest, AnotherMagicNumberIsCorruption) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  std::string header;
  PutFixed32(&header, kTableMagic + 1);
  header += content.substr(4, 48);
  PutFixed32(&header, Checksum32(header, kTableVersion));
  const ReadResult result =
      table.ReadOf(header + content.substr(kTableHeaderBytes));
  EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {table.path()}))
      << "it may be whole, and is no table";
}

TEST(TableTest, AFileThatIsNoTableIsCorruption) {
  TableFile table;
  for (const std::string& content :
       {std::string(), std::string(1000, '\0'), std::string(1000, 'x')}) {
    EXPECT_TRUE(Fails(
        table.ReadOf(content).status, StatusCode::kCorruption, {table.path()}))
        << Show(content);
  }
}

TEST(TableTest, KeysThatDoNotAscendAreCorruption) {
  TableFile table;
  const Row a = {1, RecordKind::kPut, "a", "one"};
  const Row b = {2, RecordKind::kPut, "b", "two"};
  const Row high = {3, RecordKind::kPut, "\x80", "high"};
  const ReadResult right = table.ReadOf(MakeTable({a, b, high}));
  ASSERT_TRUE(right.status.ok()) << right.status.ToString();
  EXPECT_EQ(right.rows, Texts({a, b, high}));
  for (const std::vector<Row>& rows :
       std::vector<std::vector<Row>>{{b, a}, {a, a}, {high, a}}) {
    const ReadResult result = table.ReadOf(MakeTable(rows));
    EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {table.path()}))
        << rows[1].Text() << " stands behind " << rows[0].Text();
    EXPECT_EQ(result.rows, Texts({rows[0]}));
  }
}

TEST(TableTest, AnIndexThatLiesIsCorruption) {
  std::string entries;
  EncodeTableEntry(kId, 56, kTwoRows[0].Entry(), &entries);
  EncodeTableEntry(kId, 72, kTwoRows[1].Entry(), &entries);
  ASSERT_EQ(entries.size(), 30u);
  TableFile table;
  ASSERT_TRUE(table.ReadOf(MakeTable(entries, {56, 72})).status.ok());
  for (const std::vector<uint64_t>& offsets :
       std::vector<std::vector<uint64_t>>{
           {72, 56},
           {56, 56},
           {72, 72},
           {56, 71},
           {56, 73},
           {57, 72},
           {0, 72},
           {56, 86},
           {56, 87},
           {56, 1000000},
           {56, UINT64_MAX},
           {UINT64_MAX, 72},
           {UINT64_MAX - 10, UINT64_MAX},
           {56},
           {72},
           {56, 72, 86},
           {56, 56, 72},
           {}}) {
    testing::AllocationGuard guard(1 << 20);
    const ReadResult result = table.ReadOf(MakeTable(entries, offsets));
    EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {table.path()}))
        << ::testing::PrintToString(offsets);
    EXPECT_FALSE(guard.WasExceeded()) << ::testing::PrintToString(offsets);
  }
}

TEST(TableTest, AnIndexThatDoesNotGrowIsNoticedByOpen) {
  std::string entries;
  EncodeTableEntry(kId, 56, kTwoRows[0].Entry(), &entries);
  EncodeTableEntry(kId, 72, kTwoRows[1].Entry(), &entries);
  TableFile table;
  for (const std::vector<uint64_t>& offsets :
       std::vector<std::vector<uint64_t>>{
           {72, 56}, {56, 56}, {57, 72}, {56, 86}}) {
    table.SetContent(MakeTable(entries, offsets));
    EXPECT_TRUE(Fails(
        TableReader::Open(&table.faults(), table.path(), kBufferBytes).status(),
        StatusCode::kCorruption, {table.path()}))
        << ::testing::PrintToString(offsets);
  }
}

TEST(TableTest, AFlippedBitOfTheIndexIsNoticedByOpen) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  const size_t index = content.size() - kTwoRows.size() * kIndexEntryBytes;
  for (size_t bit = 8 * index; bit < 8 * content.size(); ++bit) {
    std::string changed = content;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    table.SetContent(changed);
    EXPECT_TRUE(Fails(
        TableReader::Open(&table.faults(), table.path(), kBufferBytes).status(),
        StatusCode::kCorruption, {table.path()}))
        << "bit " << bit % 8 << " of byte " << bit / 8
        << ": else the entries beside it would pass for damaged";
  }
}

TEST(TableTest, AHeaderThatLiesIsCorruptionAndAllocatesNothing) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  const uint64_t lies[] = {0,          1,
                           3,          55,
                           57,         77,
                           79,         1 << 20,
                           1ull << 32, 1ull << 40,
                           1ull << 61, (1ull << 61) + 2,
                           1ull << 63, UINT64_MAX - 16,
                           UINT64_MAX};
  for (const uint64_t lie : lies) {
    for (const bool of_entries : {true, false}) {
      const std::string changed = WithHeader(content, [&](TableHeader& header) {
        (of_entries ? header.entries : header.index_offset) = lie;
      });
      testing::AllocationGuard guard(1 << 20);
      const ReadResult result = table.ReadOf(changed);
      EXPECT_TRUE(Fails(result.status, StatusCode::kCorruption, {table.path()}))
          << lie << (of_entries ? " entries" : " as the index's offset");
      EXPECT_FALSE(guard.WasExceeded())
          << lie << (of_entries ? " entries" : " as the index's offset")
          << " were believed: " << guard.Greatest() << " bytes asked for";
    }
  }
}

TEST(TableTest, BothLiesOfAHeaderTogetherAreCorruption) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  // entries * 8 + index offset is the file's length, but only modulo 2^64.
  const std::string changed = WithHeader(
      content, [](TableHeader& header) { header.entries += 1ull << 61; });
  EXPECT_TRUE(Fails(
      table.ReadOf(changed).status, StatusCode::kCorruption, {table.path()}));
}

TEST(TableTest, AHeaderWithANumberAboveTheLargestIsCorruption) {
  TableFile table;
  const std::string content = table.Build(kTwoRows);
  for (const uint64_t sequence : {kSequenceMax + 1, UINT64_MAX}) {
    const std::string changed = WithHeader(
        content, [&](TableHeader& header) { header.last_sequence = sequence; });
    EXPECT_TRUE(Fails(
        table.ReadOf(changed).status, StatusCode::kCorruption, {table.path()}))
        << "last sequence " << sequence;
  }
  // The log goes on with a segment of a greater number.
  for (const uint64_t number : {kFileNumberMax, UINT64_MAX}) {
    const std::string changed = WithHeader(
        content, [&](TableHeader& header) { header.number = number; });
    EXPECT_TRUE(Fails(
        table.ReadOf(changed).status, StatusCode::kCorruption, {table.path()}))
        << "number " << number;
  }
  const std::string largest = WithHeader(content, [](TableHeader& header) {
    header.last_sequence = kSequenceMax;
    header.number = kFileNumberMax - 1;
  });
  const Status status = table.ReadOf(largest).status;
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST(TableTest, AnEntryThatSaysToBeLongAllocatesNothing) {
  using std::string_literals::operator""s;
  const std::string entry =
      MakeEntry(kTableHeaderBytes, "\x01\x01\x01\xff\xff\xff\xff\x0fk"s, "v");
  TableFile table;
  const std::string content = MakeTable(entry, {kTableHeaderBytes});
  testing::AllocationGuard guard(1 << 20);
  EXPECT_TRUE(Fails(
      table.ReadOf(content).status, StatusCode::kCorruption, {table.path()}));
  EXPECT_FALSE(guard.WasExceeded()) << guard.Greatest();
}

TEST(TableTest, OtherEntriesThanThoseMeasuredAreAMistakeOfTheProgram) {
  // Measures `measured`, adds `added` and finishes.
  const auto build = [](const std::vector<Row>& measured,
                        const std::vector<Row>& added) {
    MemoryFileSystem memory;
    auto file = memory.OpenForAppend("/table", AppendMode::kCreate);
    MustBeOk(file.status(), "OpenForAppend");
    TableBuilder builder(file->get(), kHeader, kBufferBytes);
    for (const Row& row : measured) builder.Measure(row.Entry());
    for (const Row& row : added) {
      MustBeOk(builder.Add(row.Entry()), "Add");
    }
    MustBeOk(builder.Finish(), "Finish");
  };
  const Row a = {1, RecordKind::kPut, "a", "one"};
  const Row b = {2, RecordKind::kPut, "b", "two"};
  const Row longer = {2, RecordKind::kPut, "b", "three"};
  build({a, b}, {a, b});
  EXPECT_DEATH(build({a, b}, {a}), "check failed") << "b is missing";
  EXPECT_DEATH(build({a}, {a, b}), "check failed") << "b was not measured";
  EXPECT_DEATH(build({a, b}, {a, longer}), "check failed") << "b is longer";
  EXPECT_DEATH(build({b, a}, {b, a}), "check failed") << "keys descend";
  EXPECT_DEATH(build({a, a}, {a, a}), "check failed") << "a is there twice";
}

TEST(TableTest, AMissingFileIsAnErrorThatNamesIt) {
  TableFile table;
  EXPECT_TRUE(Fails(
      TableReader::Open(&table.faults(), "/nowhere", kBufferBytes).status(),
      StatusCode::kNotFound));
}

}  // namespace
}  // namespace kv
