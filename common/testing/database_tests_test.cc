// Goal: the ready-made test bodies pass on a right database, fail the calling
// test on a wrong one, and open databases in the ways they say.

#include "common/testing/database_tests.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "common/testing/map_subject.h"
#include "common/testing/toy_log_subject.h"

namespace kv::testing {
namespace {

class ForgetsDelete : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Delete(std::string_view, WriteMode) override { return Status::Ok(); }
};

ModelTestPlan SmallPlan() {
  ModelTestPlan plan;
  plan.runs = 6;
  return plan;
}

Result<std::unique_ptr<Subject>> OpenForgetful(const SubjectOptions& options) {
  return std::unique_ptr<Subject>(
      std::make_unique<ForgetsDelete>(options, nullptr));
}

void RunOnForgetful() {
  RunModelTests(OpenForgetful, Capabilities(), SmallPlan());
}

// What lies behind the path of the one database that is tested.
MapDisk* disk = nullptr;

Result<std::unique_ptr<Subject>> OpenWithOrphan(const SubjectOptions& options) {
  if (options.path.empty()) {
    return std::unique_ptr<Subject>(
        std::make_unique<MapSubject>(options, nullptr));
  }
  FileSystem* fs = options.file_system;
  KV_ASSIGN_OR_RETURN(const bool known, fs->Exists(options.path));
  if (!known) disk->clear();
  KV_RETURN_IF_ERROR(fs->CreateDirectory(options.path));
  KV_RETURN_IF_ERROR(WriteFile(fs, JoinPath(options.path, "old.tmp"), "x"));
  return std::unique_ptr<Subject>(std::make_unique<MapSubject>(
      options, std::shared_ptr<MapDisk>(disk, [](MapDisk*) {})));
}

void RunOnOrphanMaker() {
  Capabilities capabilities;
  capabilities.persistent = true;
  capabilities.file_patterns = {"data.log", "LOCK"};
  RunModelTests(OpenWithOrphan, capabilities, SmallPlan());
}

TEST(RunModelTests, PassesOnARightDatabaseInMemory) {
  RunModelTests(
      [](const SubjectOptions& options) {
        EXPECT_TRUE(options.path.empty());
        EXPECT_NE(options.random, nullptr);
        return Result<std::unique_ptr<Subject>>(
            std::make_unique<MapSubject>(options, nullptr));
      },
      Capabilities(), SmallPlan());
}

TEST(RunModelTests, FailsTheCallingTest) {
  EXPECT_FATAL_FAILURE(RunOnForgetful(), "A promise was broken");
}

TEST(RunModelTests, FindsAnOrphanFileAfterReopening) {
  MapDisk own;
  disk = &own;
  EXPECT_FATAL_FAILURE(
      RunOnOrphanMaker(), "leaves no file behind that is not the database's");
  disk = nullptr;
}

DamageTestPlan SmallDamagePlan() {
  DamageTestPlan plan;
  plan.damage.stride = 101;
  plan.history.writes = 40;
  plan.history.keys = 8;
  plan.history.value_bytes_max = 40;
  plan.damages_min = 500;
  return plan;
}

TEST(RunDamageTests, PassesOnADatabaseThatChecksItsBytes) {
  RunDamageTests(
      [](const SubjectOptions& options) {
        return ToyLogSubject::Open(options, ToyFault::kNone);
      },
      ToyLogSubject::ItsCapabilities(), SmallDamagePlan());
}

TEST(RunDamageTests, FailsIfAKindOfFileIsMissing) {
  Capabilities capabilities = ToyLogSubject::ItsCapabilities();
  capabilities.file_patterns.push_back("#.table");
  ::testing::TestPartResultArray failures;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &failures);
    RunDamageTests(
        [](const SubjectOptions& options) {
          return ToyLogSubject::Open(options, ToyFault::kNone);
        },
        capabilities, SmallDamagePlan());
  }
  ASSERT_EQ(failures.size(), 1);
  EXPECT_NE(
      std::string(failures.GetTestPartResult(0).message()).find("#.table"),
      std::string::npos);
}

TEST(RunDamageTests, FailsTheCallingTest) {
  ::testing::TestPartResultArray failures;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &failures);
    RunDamageTests(
        [](const SubjectOptions& options) {
          return ToyLogSubject::Open(options, ToyFault::kNoChecksum);
        },
        ToyLogSubject::ItsCapabilities(), SmallDamagePlan());
  }
  EXPECT_GT(failures.size(), 0);
}

}  // namespace
}  // namespace kv::testing
