// Goal: Open makes a database where there is none, opens the one that is
// there, and refuses everything else with an error that says what, where and
// what to do; what it refuses is left as it was.
// Method: directories prepared by hand, on a disk in memory where possible.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "support/database_verbs.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(OpenTest, MakesTheDirectory) {
  Disk disk;
  auto db = disk.Open();
  Result<bool> exists = disk.memory().Exists(disk.path());
  ASSERT_TRUE(exists.ok());
  EXPECT_TRUE(*exists);
}

TEST(OpenTest, AnEmptyDirectoryBecomesADatabase) {
  Disk disk;
  ASSERT_TRUE(disk.memory().CreateDirectory(disk.path()).ok());
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}));
}

TEST(OpenTest, AMissingParentIsAnErrorThatNamesIt) {
  Disk disk;
  Options options;
  options.path = "/no/such/db";
  options.file_system = &disk.memory();
  EXPECT_TRUE(Fails(
      Database::Open(options).status(), StatusCode::kInvalidArgument,
      {"/no/such", "parent"}));
  Result<bool> exists = disk.memory().Exists("/no");
  EXPECT_TRUE(exists.ok() && !*exists) << "nothing was made on the way";
}

TEST(OpenTest, WithoutCreateIfMissingNothingIsMade) {
  Disk disk;
  Options options;
  options.create_if_missing = false;
  EXPECT_TRUE(Fails(
      disk.TryOpen(options).status(), StatusCode::kInvalidArgument,
      {disk.path(), "create_if_missing"}));
  Result<bool> exists = disk.memory().Exists(disk.path());
  EXPECT_TRUE(exists.ok() && !*exists) << "the directory was made all the same";
}

TEST(OpenTest, WithoutCreateIfMissingAnEmptyDirectoryStaysEmpty) {
  Disk disk;
  ASSERT_TRUE(disk.memory().CreateDirectory(disk.path()).ok());
  Options options;
  options.create_if_missing = false;
  EXPECT_TRUE(Fails(
      disk.TryOpen(options).status(), StatusCode::kInvalidArgument,
      {disk.path(), "create_if_missing"}));
  EXPECT_EQ(disk.Names(), std::vector<std::string>{});
}

TEST(OpenTest, WithoutCreateIfMissingADatabaseThatIsThereOpens) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  Options options;
  options.create_if_missing = false;
  EXPECT_EQ(Contents(*disk.Open(options)), (Map{{"a", "1"}}));
}

TEST(OpenTest, ADatabaseThatIsOpenIsBusy) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  EXPECT_TRUE(Fails(disk.TryOpen().status(), StatusCode::kBusy, {disk.path()}));
  Put(*db, "b", "2");
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}))
      << "the one that has it open notices nothing";
}

TEST(OpenTest, CloseLetsTheNextOneOpen) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  auto next = disk.Open();  // the first object still lives
  EXPECT_EQ(Contents(*next), (Map{{"a", "1"}}));
}

TEST(OpenTest, AnOpenThatFailedHoldsNoLock) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  const std::string name = testing::MainFile(disk.Names());
  const std::string content = disk.Content(name);
  disk.SetContent(name, "rubbish");
  ASSERT_FALSE(disk.TryOpen().ok());
  disk.SetContent(name, content);
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}));
}

TEST(OpenTest, OnTheMachinesOwnFileSystemADatabaseThatIsOpenIsBusy) {
  const TempDirectory parent;
  Options options;
  options.path = parent.path() + "/db";
  auto db = OpenEmpty(options);
  EXPECT_TRUE(Fails(
      Database::Open(options).status(), StatusCode::kBusy, {options.path}));
  ASSERT_TRUE(db->Close().ok());
  OpenEmpty(options);
}

TEST(OpenTest, ADirectoryOfSomethingElseIsRefusedAndLeftAsItWas) {
  Disk disk;
  disk.SetContent("letter.txt", "Dear reader");
  disk.SetContent("photo.jpg", "\xff\xd8\xff");
  const testing::DirectoryImage before = disk.Files();
  const Status status = disk.TryOpen().status();
  EXPECT_TRUE(
      Fails(status, StatusCode::kInvalidArgument, {disk.path(), "letter.txt"}));
  EXPECT_TRUE(disk.Files() == before)
      << "no lock file, no log: nothing may be added to it";
}

TEST(OpenTest, AFileOfAnotherProgramUnderOurNameIsRefusedAndLeftAsItWas) {
  Disk disk;
  ASSERT_TRUE(disk.Open()->Close().ok());
  const std::string name = testing::MainFile(disk.Names());
  for (const std::string& foreign :
       {std::string("2026-01-01 INFO started\n"), std::string(4096, 'x'),
        std::string(4096, '\0'), std::string()}) {
    disk.SetContent(name, foreign);
    const Status status = disk.TryOpen().status();
    EXPECT_TRUE(Fails(status, StatusCode::kCorruption, {name}))
        << foreign.size() << " bytes";
    EXPECT_EQ(disk.Content(name), foreign) << "it belongs to someone else";
  }
}

TEST(OpenTest, ANewerFormatVersionIsRefusedByNameAndLeftAsItWas) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  const std::string name = testing::MainFile(disk.Names());
  const std::string newer = testing::WithVersion(disk.Content(name), 77);
  disk.SetContent(name, newer);
  EXPECT_TRUE(Fails(
      disk.TryOpen().status(), StatusCode::kNotSupported,
      {name, "version", "77"}));
  EXPECT_EQ(disk.Content(name), newer);
}

TEST(OpenTest, APathThatIsAFileIsRefusedAndLeftAsItWas) {
  const TempDirectory parent;
  const std::string path = parent.path() + "/file";
  std::ofstream(path) << "some text";
  Options options;
  options.path = path;
  const Status status = Database::Open(options).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find(path), std::string::npos)
      << "the error names the path, but is: " << status.ToString();
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "some text");
}

TEST(OpenTest, ADirectoryThatMayNotBeWrittenIsAnErrorThatNamesIt) {
  const TempDirectory parent;
  Options options;
  options.path = parent.path() + "/db";
  ASSERT_EQ(::chmod(parent.path().c_str(), 0555), 0);
  // Root may write everywhere, so it is somebody else who tries.
  constexpr uid_t kNobody = 65534;
  const bool is_root = ::geteuid() == 0;
  ASSERT_EQ(is_root ? ::seteuid(kNobody) : 0, 0);
  const Status status = Database::Open(options).status();
  ASSERT_EQ(is_root ? ::seteuid(0) : 0, 0);
  ASSERT_EQ(::chmod(parent.path().c_str(), 0700), 0);
  EXPECT_TRUE(Fails(status, StatusCode::kIoError, {options.path}));
}

TEST(OpenTest, LimitsAreCheckedBeforeAnythingIsMade) {
  Disk disk;
  Options options;
  options.key_bytes_max = 0;
  EXPECT_TRUE(Fails(
      disk.TryOpen(options).status(), StatusCode::kInvalidArgument,
      {"key_bytes_max"}));
  Result<bool> exists = disk.memory().Exists(disk.path());
  EXPECT_TRUE(exists.ok() && !*exists);
}

TEST(OpenTest, ALowerLimitDoesNotHideWhatWasWrittenUnderAHigherOne) {
  Disk disk;
  auto db = disk.Open();
  const std::string key(200, 'k');
  Put(*db, key, std::string(200, 'v'));
  ASSERT_TRUE(db->Close().ok());
  Options options;
  options.key_bytes_max = 10;
  options.value_bytes_max = 10;
  db = disk.Open(options);
  EXPECT_EQ(Read(*db, key), std::string(200, 'v'))
      << "a limit is the largest value that a write may carry";
  EXPECT_FALSE(db->Put(key, "1").ok());
}

// Durability of names: the new directory itself must be there after a power
// loss, whoever made it.
TEST(OpenTest, ADirectoryMadeByAProcessThatDiedIsMadeDurable) {
  Disk disk;
  ASSERT_TRUE(disk.memory().CreateDirectory(disk.path()).ok());
  disk.KillProcess();  // before it could sync the parent directory
  auto db = disk.Open();
  MustBeOk(db->Put("a", "1", kSynced), "Put");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
      << "a synced write was lost together with the directory's name";
}

TEST(OpenTest, TheRemainsOfACreationThatDiedAreNoDatabaseAndNoHindrance) {
  // Every moment at which the first Open can die.
  for (uint64_t last = 1;; ++last) {
    Disk disk;
    Fault fault;
    fault.kind = FaultKind::kAny;
    fault.nth = last;
    fault.persistent = true;
    disk.faults().Inject(fault);
    Result<std::unique_ptr<Database>> db = disk.TryOpen();
    const bool survived = disk.faults().FaultsFired() == 0;
    disk.KillProcess();
    auto again = disk.Open();
    ASSERT_EQ(Contents(*again), Map{}) << "died at call " << last;
    MustBeOk(again->Put("a", "1", kSynced), "Put");
    disk.LosePower();
    ASSERT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
        << "died at call " << last;
    if (survived) break;
    ASSERT_LT(last, 1000u) << "an Open ends after a bounded number of calls";
  }
}

}  // namespace
}  // namespace kv
