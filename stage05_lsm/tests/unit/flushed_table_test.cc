// Goal: what a flush writes into a table says what is in it.
// Method: a flush that fails, a write, and a flush; then the tables' headers.

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace kv
