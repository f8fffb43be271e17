// RunDamageTests. A file of its own, so that only programs that damage
// databases link the allocation guard.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "common/testing/damage_sweep.h"
#include "common/testing/database_tests.h"
#include "common/testing/test_size.h"

namespace kv::testing {
namespace {

uint64_t Sweep(const char* name, const DamageSweepOptions& options) {
  const DamageSweepReport report = RunDamageSweep(options);
  std::printf("%s:\n%s", name, report.Table().c_str());
  for (const std::string& failure : report.failures) {
    ADD_FAILURE() << name << ": " << failure
                  << "Replay: " << ReplayCommand(TestSeed());
  }
  if (!report.failures.empty()) return report.Total();
  for (const auto& [file, content] : options.image) {
    if (content.empty()) continue;
    for (const DamageKind kind :
         {DamageKind::kFlipBit, DamageKind::kCut, DamageKind::kAppendGarbage,
          DamageKind::kDelete}) {
      const auto found = report.counts.find({file, kind});
      EXPECT_TRUE(found != report.counts.end() && found->second.Total() > 0)
          << "never tried: " << DamageKindName(kind) << " on " << file;
    }
  }
  uint64_t noticed = 0;
  for (const auto& [where, count] : report.counts) {
    noticed += count.refused + count.read_errors;
  }
  EXPECT_GT(noticed, 0u) << "no damage was noticed";
  return report.Total();
}

// Where logs are numbered there have to be several: what damage to the last one
// may do, damage to another one may not. A flush may leave only one.
void ExpectEachKindOfFile(
    const Capabilities& capabilities, const DirectoryImage& image) {
  for (const std::string& pattern : capabilities.file_patterns) {
    const auto files = std::count_if(
        image.begin(), image.end(), [&pattern](const auto& entry) {
          return MatchesFilePattern(entry.first, pattern);
        });
    const bool is_one_of_many = pattern == capabilities.log_pattern &&
        pattern.find('#') != std::string::npos && !capabilities.flush;
    EXPECT_GE(files, is_one_of_many ? 2 : 1)
        << "too few files '" << pattern << "' to damage";
  }
}

// Of each kind of file all but `whole_max`, which lie evenly among them, the
// first and the last included.
std::set<std::string> AllButSomeOfEachKind(
    const Capabilities& capabilities, const DirectoryImage& image,
    size_t whole_max) {
  std::set<std::string> others;
  for (const std::string& pattern : capabilities.file_patterns) {
    std::vector<std::string> files;
    for (const auto& entry : image) {
      if (MatchesFilePattern(entry.first, pattern)) {
        files.push_back(entry.first);
      }
    }
    if (files.size() <= whole_max) continue;
    others.insert(files.begin(), files.end());
    for (size_t i = 0; i < whole_max; ++i) {
      others.erase(files[i * (files.size() - 1) / (whole_max - 1)]);
    }
  }
  return others;
}

}  // namespace

DamageTestPlan DefaultDamageTestPlan() {
  DamageTestPlan plan;
  plan.whole_files_max = Pick<size_t>(3, 16, SIZE_MAX);
  plan.damage.stride = Pick<uint64_t>(97, 1, 1);
  plan.damage.every_bit = CurrentTestSize() == TestSize::kDeep;
  plan.damages_min = Pick<uint64_t>(1000, 60000, 200000);
  return plan;
}

void RunDamageTests(
    const SubjectFactory& open, const Capabilities& capabilities,
    const DamageTestPlan& plan) {
  HistoryPlan history_plan = plan.history;
  history_plan.seed = TestSeed();
  if (capabilities.checkpoint) {
    // Its files hold what is current, and not all that was written.
    history_plan.keys *= 8;
    history_plan.value_bytes_max *= 3;
  }
  const Result<DatabaseHistory> history =
      RecordHistory(open, capabilities, history_plan);
  ASSERT_TRUE(history.ok()) << history.status().ToString();

  DamageSweepOptions options;
  options.open = open;
  options.capabilities = capabilities;
  options.subject.tiny_sizes = history_plan.tiny_sizes;
  options.plan = plan.damage;
  options.plan.seed = TestSeed();
  options.older = history->older;
  options.writes = history->writes;
  options.image = history->died;
  options.plan.briefly =
      AllButSomeOfEachKind(capabilities, options.image, plan.whole_files_max);
  ExpectEachKindOfFile(capabilities, options.image);
  uint64_t damages = Sweep("after the death of the process", options);

  options.image = history->closed;
  options.plan.briefly =
      AllButSomeOfEachKind(capabilities, options.image, plan.whole_files_max);
  options.writes.push_back(history->close);
  damages += Sweep("after Close", options);
  EXPECT_GE(damages, plan.damages_min) << "too few damages";
}

}  // namespace kv::testing
