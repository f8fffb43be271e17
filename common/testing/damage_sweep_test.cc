// Goal: the damage sweep is quiet about a database that checks its bytes, and
// finds each way of not checking them. Method: a toy database over one log,
// as it is and with planted faults.

#include "common/testing/damage_sweep.h"

#include <gtest/gtest.h>

#include "common/fs/memory_file_system.h"
#include "common/testing/test_size.h"
#include "common/testing/toy_log_subject.h"

namespace kv::testing {
namespace {

enum class Image { kClosed, kDied };

SubjectFactory OpenToy(ToyFault fault) {
  return [fault](const SubjectOptions& options) {
    return ToyLogSubject::Open(options, fault);
  };
}

DamageSweepOptions MakeOptions(ToyFault fault, Image image) {
  HistoryPlan plan;
  plan.writes = 60;
  plan.keys = 10;
  plan.value_bytes_max = 60;
  const Capabilities capabilities = ToyLogSubject::ItsCapabilities();
  Result<DatabaseHistory> history =
      RecordHistory(OpenToy(ToyFault::kNone), capabilities, plan);
  EXPECT_TRUE(history.ok()) << history.status().ToString();
  DamageSweepOptions options;
  options.open = OpenToy(fault);
  options.capabilities = capabilities;
  options.older = history->older;
  options.writes = history->writes;
  options.image = image == Image::kDied ? history->died : history->closed;
  if (image == Image::kClosed) options.writes.push_back(history->close);
  options.plan.stride = Pick<uint64_t>(11, 1, 1);
  return options;
}

TEST(DamageSweep, IsQuietAboutADatabaseThatChecksItsBytes) {
  for (const Image image : {Image::kClosed, Image::kDied}) {
    const DamageSweepReport report =
        RunDamageSweep(MakeOptions(ToyFault::kNone, image));
    EXPECT_TRUE(report.failures.empty()) << report.failures[0];
    EXPECT_EQ(report.counts.size(), kDamageKinds) << report.Table();
    uint64_t earlier = 0;
    uint64_t refused = 0;
    for (const auto& [where, count] : report.counts) {
      EXPECT_GT(count.Total(), 0u) << DamageKindName(where.second);
      earlier += count.earlier;
      refused += count.refused;
    }
    EXPECT_GT(earlier, 0u) << report.Table();
    EXPECT_GT(refused, 0u) << report.Table();
  }
}

struct Planted {
  ToyFault fault;
  Image image;
  const char* promise;  // a part of the failure's text
};

class DamageSweepFinds : public ::testing::TestWithParam<Planted> {};

TEST_P(DamageSweepFinds, ThePlantedFault) {
  DamageSweepOptions options = MakeOptions(GetParam().fault, GetParam().image);
  options.failures_max = 200;
  options.calls_max = 2000;
  const DamageSweepReport report = RunDamageSweep(options);
  ASSERT_FALSE(report.failures.empty()) << report.Table();
  bool found = false;
  for (const std::string& failure : report.failures) {
    found = found || failure.find(GetParam().promise) != std::string::npos;
  }
  EXPECT_TRUE(found) << report.failures[0];
}

INSTANTIATE_TEST_SUITE_P(
    Faults, DamageSweepFinds,
    ::testing::Values(
        Planted{ToyFault::kNoChecksum, Image::kClosed, "is read is one state"},
        Planted{
            ToyFault::kLengthTrusted, Image::kClosed,
            "lengths are checked before memory"},
        Planted{ToyFault::kTrimsWhatWasSynced, Image::kDied, "provably synced"},
        Planted{
            ToyFault::kSkipsBadFrames, Image::kDied, "is read is one state"},
        Planted{ToyFault::kNamesNoFile, Image::kClosed, "names the file"},
        Planted{ToyFault::kNeverEnds, Image::kDied, "an open ends"},
        Planted{
            ToyFault::kLeavesTail, Image::kDied,
            "a database that opened opens again"}));

TEST(DamageSweep, StopsAfterTheGivenNumberOfFailures) {
  DamageSweepOptions options =
      MakeOptions(ToyFault::kNoChecksum, Image::kClosed);
  options.failures_max = 2;
  EXPECT_EQ(RunDamageSweep(options).failures.size(), 2u);
}

TEST(ListDamages, TakesEveryByteAndEveryBitWhenAsked) {
  DamagePlan plan;
  plan.every_bit = true;
  const DirectoryImage image = {{"a", std::string(300, 'x')}};
  std::map<DamageKind, uint64_t> counts;
  for (const Damage& damage : ListDamages(image, {}, plan)) {
    ++counts[damage.kind];
  }
  EXPECT_EQ(counts[DamageKind::kFlipBit], 300u * 8u);
  EXPECT_EQ(counts[DamageKind::kCut], 300u);
  EXPECT_EQ(counts[DamageKind::kDelete], 1u);
}

TEST(ListDamages, KeepsTheEdgesOfAFileUnderAStride) {
  DamagePlan plan;
  plan.stride = 100;
  const DirectoryImage image = {{"a", std::string(1000, 'x')}};
  uint64_t cuts = 0;
  for (const Damage& damage : ListDamages(image, {}, plan)) {
    cuts += damage.kind == DamageKind::kCut ? 1u : 0u;
  }
  EXPECT_GE(cuts, 128u);
  EXPECT_LE(cuts, 140u);
}

TEST(ListDamages, GivesSomeFilesOneOfEachKind) {
  DamagePlan plan;
  plan.briefly = {"b"};
  const std::string content(300, 'x');
  const DirectoryImage image = {{"a", content}, {"b", content}};
  std::map<std::string, std::map<DamageKind, uint64_t>> counts;
  for (const Damage& damage : ListDamages(image, {image}, plan)) {
    ++counts[damage.file][damage.kind];
  }
  EXPECT_EQ(counts["a"][DamageKind::kFlipBit], 300u);
  EXPECT_EQ(counts["b"].size(), kDamageKinds);
  for (const auto& [kind, count] : counts["b"]) {
    EXPECT_EQ(count, 1u) << DamageKindName(kind);
  }
}

TEST(ApplyDamage, ChangesWhatItSaysAndSkipsWhatChangesNothing) {
  const DirectoryImage image = {{"a", "0123456789"}, {"b", "B"}};
  const std::vector<DirectoryImage> older = {{{"a", "012"}}};
  const auto apply = [&](DamageKind kind, uint64_t offset, uint64_t length,
                         uint64_t detail) {
    Damage damage;
    damage.kind = kind;
    damage.file = "a";
    damage.offset = offset;
    damage.length = length;
    damage.detail = detail;
    const auto changed = ApplyDamage(image, older, damage);
    if (!changed) return std::string("unchanged");
    EXPECT_EQ(changed->at("b"), "B");
    return changed->count("a") > 0 ? changed->at("a") : std::string("gone");
  };
  EXPECT_EQ(apply(DamageKind::kFlipBit, 1, 1, 1), "0323456789");
  EXPECT_EQ(apply(DamageKind::kSwapBlocks, 0, 2, 4), "4523016789");
  EXPECT_EQ(apply(DamageKind::kSwapBlocks, 2, 2, 2), "unchanged");
  EXPECT_EQ(apply(DamageKind::kCut, 3, 0, 0), "012");
  EXPECT_EQ(
      apply(DamageKind::kZeroBlock, 8, 4, 0), std::string("01234567\0\0", 10));
  EXPECT_EQ(apply(DamageKind::kAppendGarbage, 10, 2, 3), "012345678989");
  EXPECT_EQ(apply(DamageKind::kOlderSelf, 0, 0, 0), "012");
  EXPECT_EQ(apply(DamageKind::kDelete, 0, 0, 0), "gone");
}

TEST(FindChangedBytes, GivesTheSpanBetweenFirstAndLastDifference) {
  EXPECT_EQ(FindChangedBytes("abcdef", "abXdYf").first, 2u);
  EXPECT_EQ(FindChangedBytes("abcdef", "abXdYf").last, 5u);
  EXPECT_EQ(FindChangedBytes("abcdef", "abc").first, 3u);
  EXPECT_EQ(FindChangedBytes("abcdef", "abc").last, 6u);
  EXPECT_EQ(FindChangedBytes("abc", "abcdef").first, 3u);
  EXPECT_EQ(FindChangedBytes("abc", "abcdef").last, 6u);
}

TEST(DirectoryImage, IsReadAsItWasWritten) {
  MemoryFileSystem fs(MemoryFileSystem::CrashModel::kNone);
  const DirectoryImage image = {{"a", "1"}, {"empty", ""}};
  ASSERT_TRUE(WriteDirectoryImage(&fs, "d", image).ok());
  const Result<DirectoryImage> read = ReadDirectoryImage(&fs, "d");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, image);
}

}  // namespace
}  // namespace kv::testing
