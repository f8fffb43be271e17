// Goal: a file's name says what the file is and which number it has, and no
// other name is taken for one of ours.
// Method: tables of names.

#include "kv/file_names.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/fs/file_system.h"

namespace kv {
namespace {

struct Kind {
  std::function<std::string(const std::string&, uint64_t)> name;
  std::function<std::optional<uint64_t>(std::string_view)> number;
  std::string before;
  std::string behind;
};

std::vector<Kind> Kinds() {
  return {
      {WalSegmentName, WalSegmentNumber, "", ".wal"},
      {TableName, TableNumber, "", ".sst"},
      {ManifestName, ManifestNumber, "MANIFEST-", ""},
  };
}

TEST(FileNamesTest, ANameHasANumberOfAtLeastSixDigits) {
  EXPECT_EQ(WalSegmentName("/db", 1), "/db/000001.wal");
  EXPECT_EQ(TableName("/db", 42), "/db/000042.sst");
  EXPECT_EQ(ManifestName("/db", 999999), "/db/MANIFEST-999999");
  EXPECT_EQ(ManifestName("/db", 1000000), "/db/MANIFEST-1000000");
  EXPECT_EQ(CurrentName("/db"), "/db/CURRENT");
}

TEST(FileNamesTest, ANumberComesBackFromItsName) {
  for (const Kind& kind : Kinds()) {
    for (const uint64_t number :
         {uint64_t{1}, uint64_t{999'999}, uint64_t{1'000'000},
          uint64_t{1} << 40, kFileNumberMax}) {
      const std::string name = kind.name("/db", number).substr(4);
      EXPECT_EQ(kind.number(name), number) << name;
    }
  }
}

TEST(FileNamesTest, OnlyTheOneFormOfANumberIsOne) {
  for (const Kind& kind : Kinds()) {
    for (const std::string digits :
         {"", "1", "00001", "0000001", "00000a", "+00001", "-00001", " 00001",
          "000001 ", "00000\xb2", "10000000000000000000",
          "99999999999999999999"}) {
      const std::string name = kind.before + digits + kind.behind;
      EXPECT_EQ(kind.number(name), std::nullopt) << name;
      EXPECT_FALSE(IsDatabaseFile(name)) << name;
    }
  }
}

TEST(FileNamesTest, AFileIsOfOneKindOnly) {
  const std::vector<std::string> names = {
      "000001.wal", "000001.sst", "MANIFEST-000001"};
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t j = 0; j < names.size(); ++j) {
      EXPECT_EQ(Kinds()[i].number(names[j]).has_value(), i == j) << names[j];
    }
  }
}

TEST(FileNamesTest, WhatIsBeingCreatedIsNotFinished) {
  for (const std::string& name :
       {BaseName(CurrentName("/db")), BaseName(WalSegmentName("/db", 7))}) {
    EXPECT_FALSE(IsUnfinishedFile(name)) << name;
    EXPECT_TRUE(IsDatabaseFile(name)) << name;
    EXPECT_TRUE(IsUnfinishedFile(UnfinishedName(name))) << name;
    EXPECT_TRUE(IsDatabaseFile(UnfinishedName(name))) << name;
  }
}

TEST(FileNamesTest, OtherFilesAreNotOurs) {
  for (const std::string_view name :
       {"", ".new", "CURRENT.old", "current", "CURRENT.new.new", "notes.new",
        "000001.wal.old", "000001.wal.2", "MANIFEST", "MANIFEST-",
        "manifest-000001", "XMANIFEST-000001", "MANIFEST-000001.txt",
        "CHECKPOINT.new", "LOCK.new", "data.log", "CHECKPOINT"}) {
    EXPECT_FALSE(IsDatabaseFile(name)) << name;
    EXPECT_FALSE(IsUnfinishedFile(name)) << name;
  }
}

TEST(FileNamesTest, DirectoriesAndLockAreOurs) {
  for (const std::string& name :
       {BaseName(ArchiveName("/db")), BaseName(DamagedName("/db")),
        BaseName(LockName("/db"))}) {
    EXPECT_TRUE(IsDatabaseFile(name)) << name;
    EXPECT_FALSE(IsUnfinishedFile(name)) << name;
  }
}

TEST(FileNamesTest, FilesOfEarlierFormsAreKnown) {
  EXPECT_TRUE(IsFileOfEarlierForm("data.log"));
  EXPECT_TRUE(IsFileOfEarlierForm("CHECKPOINT"));
  EXPECT_FALSE(IsFileOfEarlierForm("CURRENT"));
  EXPECT_FALSE(IsFileOfEarlierForm("000001.wal"));
}

}  // namespace
}  // namespace kv
