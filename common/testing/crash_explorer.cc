#include "common/testing/crash_explorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "common/base/checksum.h"
#include "common/testing/crash_run.h"
#include "common/testing/crash_tally.h"
#include "common/testing/shrink.h"
#include "common/testing/test_size.h"

namespace kv::testing {
namespace {

using internal::CrashRun;
using internal::CrashTally;

constexpr size_t kShortSteps = 3;
// A random workload gets at most this share of the budget.
constexpr uint64_t kLargestShare = 10;
// About what one call of a random workload gives.
constexpr uint64_t kStatesPerCall = 25;
constexpr uint64_t kCallsPerStep = 2;
// So many workloads without a new state are the end.
constexpr uint64_t kIdleWorkloadsMax = 300;

// Hands out workloads: one that leads to every kind of state, short ones in a
// seeded order, and random ones so that both kinds get the same number of
// states.
class Schedule {
 public:
  Schedule(const CrashOptions& options, CrashTally* tally)
      : options_(options),
        tally_(tally),
        is_fixed_(!options.workloads.empty()) {
    short_ =
        is_fixed_ ? options.workloads : ShortWorkloads(options.capabilities);
    if (is_fixed_) {
      return;
    }
    SeededRandom random(options.seed);
    for (size_t i = short_.size(); i > 1; --i) {
      std::swap(short_[i - 1], short_[static_cast<size_t>(random.Below(i))]);
    }
    short_.insert(short_.begin(), WorkloadOfAllKinds(options.capabilities));
  }

  // False at the end.
  bool Next(CrashWorkload* workload, uint64_t* seed, uint64_t* sample) {
    const MutexLock lock(&mutex_);
    if (tally_->Done() || idle_ > kIdleWorkloadsMax) {
      return false;
    }
    ++number_;
    *seed = Checksum64({}, options_.seed * 1'000'003 + number_);
    *sample = 1;
    const bool short_left = next_short_ < short_.size();
    if (short_left && (is_fixed_ || short_states_ <= random_states_)) {
      *workload = short_[next_short_++];
      return true;
    }
    if (is_fixed_) {
      return false;
    }
    *workload = RandomWorkload(options_.capabilities, *seed);
    const uint64_t estimate =
        workload->steps.size() * kCallsPerStep * kStatesPerCall;
    const uint64_t share = options_.states_max / kLargestShare + 1;
    *sample = estimate / share + 1;
    return true;
  }

  void Spent(const CrashWorkload& workload, uint64_t states) {
    const MutexLock lock(&mutex_);
    idle_ = states == 0 ? idle_ + 1 : 0;
    (workload.steps.size() <= kShortSteps ? short_states_ : random_states_) +=
        states;
  }

 private:
  const CrashOptions& options_;
  CrashTally* const tally_;
  const bool is_fixed_;
  Mutex mutex_;
  std::vector<CrashWorkload> short_;
  size_t next_short_ KV_GUARDED_BY(mutex_) = 0;
  uint64_t number_ KV_GUARDED_BY(mutex_) = 0;
  uint64_t short_states_ KV_GUARDED_BY(mutex_) = 0;
  uint64_t random_states_ KV_GUARDED_BY(mutex_) = 0;
  uint64_t idle_ KV_GUARDED_BY(mutex_) = 0;
};

void Work(Schedule* schedule, CrashTally* tally) {
  CrashWorkload workload;
  uint64_t seed = 0;
  uint64_t sample = 1;
  while (schedule->Next(&workload, &seed, &sample)) {
    const uint64_t before = tally->states();
    try {
      CrashRun(tally, workload, seed, sample).Run();
    } catch (...) {
      tally->Throw(std::current_exception());
    }
    schedule->Spent(workload, tally->states() - before);
  }
}

// A failure of the same promise by fewer steps, found by leaving steps out;
// `failure` if there is none, or none was found in a few seconds.
CrashFailure Shrunk(const CrashOptions& options, CrashFailure failure) {
  constexpr auto kTimeMax = std::chrono::seconds(4);
  constexpr uint64_t kStatesMax = 5'000;
  constexpr size_t kRunsMax = 300;
  const auto end = std::chrono::steady_clock::now() + kTimeMax;
  CrashOptions smaller = options;
  smaller.threads = 1;
  smaller.states_max = kStatesMax;
  const std::function<bool(const std::vector<ModelStep>&)> fails =
      [&](const std::vector<ModelStep>& steps) {
        if (std::chrono::steady_clock::now() > end) return false;
        smaller.workloads = {CrashWorkload{"", steps}};
        CrashReport report = ExploreCrashes(smaller);
        if (!report.failure.has_value() ||
            report.failure->promise != failure.promise) {
          return false;
        }
        failure = std::move(*report.failure);
        return true;
      };
  size_t budget = kRunsMax;
  static_cast<void>(ShrinkList(failure.steps, fails, &budget));
  return failure;
}

std::string Padded(std::string text, size_t width) {
  if (text.size() < width) {
    text.insert(0, width - text.size(), ' ');
  }
  return text;
}

}  // namespace

CrashReport ExploreCrashes(const CrashOptions& options) {
  CrashTally tally(&options);
  Schedule schedule(options, &tally);
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.threads; ++i) {
    threads.emplace_back(Work, &schedule, &tally);
  }
  Work(&schedule, &tally);
  for (std::thread& thread : threads) {
    thread.join();
  }
  CrashReport report = tally.TakeReport();
  const bool is_long =
      report.failure.has_value() && report.failure->steps.size() > kShortSteps;
  if (is_long && options.workloads.empty()) {
    report.failure = Shrunk(options, std::move(*report.failure));
  }
  return report;
}

uint64_t CrashReport::AllStates() const {
  uint64_t sum = 0;
  for (const auto& [group, counts] : states) {
    for (const uint64_t count : counts) {
      sum += count;
    }
  }
  return sum;
}

uint64_t CrashReport::StatesOf(CrashKind kind) const {
  uint64_t sum = 0;
  for (const auto& [group, counts] : states) {
    sum += counts[static_cast<size_t>(kind)];
  }
  return sum;
}

std::vector<std::string> CrashReport::Gaps(const CrashOptions& options) const {
  // Of the others each disk may be one that another kind gave before: a rename
  // without its data is none where the data is synced first.
  constexpr std::array kGiveNewDisks = {
      CrashKind::kDropAll,      CrashKind::kKeepAll,    CrashKind::kCutWrite,
      CrashKind::kFilesApart,   CrashKind::kLaterBlock, CrashKind::kLengthOnly,
      CrashKind::kProcessDeath, CrashKind::kNested,
  };
  const auto among = [](const auto& kinds, CrashKind kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  std::vector<std::string> gaps;
  for (size_t i = 0; i < kCrashKinds; ++i) {
    const auto kind = static_cast<CrashKind>(i);
    const std::string name = "'" + std::string(CrashKindName(kind)) + "'";
    if (among(options.capabilities.crash_kinds_never, kind)) {
      if (built[i] > 0) {
        gaps.push_back(
            "the kind " + name + " is said to be impossible, but " +
            std::to_string(built[i]) + " states of it were built");
      }
      continue;
    }
    const bool has_states = among(kGiveNewDisks, kind)
        ? StatesOf(kind) > 0
        : built[i] + StatesOf(kind) > 0;
    if (!has_states) {
      gaps.push_back(
          "the exploration built no new state of the kind " + name +
          ", so it proved nothing about it");
    }
  }
  if (AllStates() < options.states_max) {
    gaps.push_back(
        "the exploration ended after " + std::to_string(AllStates()) +
        " states; it was to have " + std::to_string(options.states_max));
  }
  return gaps;
}

std::string CrashReport::Text() const {
  constexpr size_t kKindWidth = 32;
  constexpr size_t kColumnWidth = 21;
  std::string text = "crash exploration: " + std::to_string(AllStates()) +
      " different states, " + std::to_string(workloads) + " workloads, " +
      std::to_string(calls) + " calls\n";
  text += Padded("", kKindWidth);
  for (const auto& [group, counts] : states) {
    text += Padded(group, kColumnWidth);
  }
  text += Padded("built", kColumnWidth) + "\n";
  for (size_t i = 0; i < kCrashKinds; ++i) {
    const std::string name(CrashKindName(static_cast<CrashKind>(i)));
    text += name + Padded("", kKindWidth - name.size());
    for (const auto& [group, counts] : states) {
      text += Padded(std::to_string(counts[i]), kColumnWidth);
    }
    text += Padded(std::to_string(built[i]), kColumnWidth) + "\n";
  }
  return text;
}

std::string CrashFailure::Text() const {
  constexpr size_t kLinesMax = 60;
  std::string text = "a promise broke (contract " + std::to_string(contract) +
      "): " + promise + "\n  expected: " + expected +
      "\n  actual:   " + actual +
      "\n  crash:    " + std::string(CrashKindName(kind)) + ", at call " +
      std::to_string(call) + ", " + when + "\n  files:    " + files +
      "\n  workload:\n";
  const size_t left_out =
      steps.size() > kLinesMax ? steps.size() - kLinesMax : 0;
  if (left_out > 0) {
    text += "    … " + std::to_string(left_out) + " steps before these\n";
  }
  for (size_t i = left_out; i < steps.size(); ++i) {
    text += "    " + StepLine(steps[i]) + "\n";
  }
  return text + "  replay:   " + ReplayCommand(seed) + "\n";
}

void RunCrashExploration(const CrashOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const CrashReport report = ExploreCrashes(options);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  std::printf(
      "%s%.2f s, %.0f states a second\n", report.Text().c_str(), seconds,
      static_cast<double>(report.AllStates()) / seconds);
  std::fflush(stdout);
  if (report.failure.has_value()) {
    ADD_FAILURE() << report.failure->Text();
    return;
  }
  for (const std::string& gap : report.Gaps(options)) {
    ADD_FAILURE() << gap;
  }
}

}  // namespace kv::testing
