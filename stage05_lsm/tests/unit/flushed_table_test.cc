// Goal: what a flush writes into a table says what is in it.
// Method: a flush that fails, a write, and a flush; then the tables' headers.

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "kv/file_names.h"
#include "support/disk.h"
#include "table/table_format.h"

namespace kv {
namespace {

// A table's header has the number of the last write that is in it, however late
// it is written.
TEST(FlushedTableTest, SaysUpToWhichWriteItGoes) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "a", "2");
  disk.faults().Inject(testing::NoSpaceForFlushes());
  EXPECT_FALSE(db->Flush().ok());
  disk.faults().ClearFaults();
  Put(*db, "b", "1");
  MustBeOk(db->Flush(), "Flush");
  uint64_t expected = 2;
  for (const char* const name : {"000001.sst", "000002.sst"}) {
    const Result<TableHeader> header = DecodeTableHeader(disk.Content(name));
    ASSERT_TRUE(header.ok()) << name;
    EXPECT_EQ(header->last_sequence, expected) << name;
    ++expected;
  }
}

// Or a manifest that cannot be written fills the disk with tables.
TEST(FlushedTableTest, IsWrittenOnceHoweverOftenItsNamingFails) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Fault fault;
  fault.kind = FaultKind::kNoSpace;
  fault.path_part = "MANIFEST";
  fault.persistent = true;
  disk.faults().Inject(fault);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(db->Flush().ok());
    Put(*db, "b", std::to_string(i));
  }
  size_t tables = 0;
  for (const std::string& name : disk.Names()) {
    tables += TableNumber(name).has_value() ? 1 : 0;
  }
  EXPECT_LE(tables, 1u);
  disk.faults().ClearFaults();
  MustBeOk(db->Flush(), "Flush");
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Read(*db, "a"), "1");
  EXPECT_EQ(Read(*db, "b"), "4");
}

}  // namespace
}  // namespace kv
