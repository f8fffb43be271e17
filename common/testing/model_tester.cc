#include "common/testing/model_tester.h"

#include <algorithm>

#include "common/testing/model_run.h"
#include "common/testing/shrink.h"
#include "common/testing/test_size.h"

namespace kv::testing {
namespace {

using Steps = std::vector<ModelStep>;

ModelFailure MakeFailure(
    const ModelTestOptions& options, BrokenPromise broken, Steps steps) {
  ModelFailure failure;
  failure.promise = std::move(broken.promise);
  failure.expected = std::move(broken.expected);
  failure.actual = std::move(broken.actual);
  failure.steps_before_shrinking = steps.size();
  failure.steps = std::move(steps);
  failure.seed = options.seed;
  return failure;
}

// Takes `steps` to something simpler, one change at a time, as long as the
// list still fails.
class Simplifier {
 public:
  Simplifier(
      const ModelTestOptions& options, ModelFailure failure, size_t budget)
      : options_(options), failure_(std::move(failure)), budget_(budget) {}

  ModelFailure Run() {
    LeaveOutSteps();
    SimplifyBytes();
    LeaveOutParts();
    LeaveOutSteps();
    return failure_;
  }

 private:
  bool Fails(const Steps& steps) {
    std::optional<ModelFailure> failure = RunSteps(options_, steps);
    if (!failure) return false;
    // Steps after the one that failed are gone with this.
    failure_ = std::move(*failure);
    return true;
  }

  // Tries one changed list; keeps it if it fails.
  bool Try(const Steps& steps) {
    if (budget_ == 0) return false;
    --budget_;
    return Fails(steps);
  }

  void LeaveOutSteps() {
    ShrinkList<ModelStep>(
        failure_.steps, [this](const Steps& steps) { return Fails(steps); },
        &budget_);
  }

  void LeaveOutParts() {
    for (size_t i = 0; i < failure_.steps.size(); ++i) {
      for (size_t j = failure_.steps[i].batch.size(); j > 0; --j) {
        Steps steps = failure_.steps;
        auto& batch = steps[i].batch;
        batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(j - 1));
        Try(steps);
        if (i >= failure_.steps.size()) return;
      }
      for (size_t j = failure_.steps[i].keys.size(); j > 0; --j) {
        Steps steps = failure_.steps;
        auto& keys = steps[i].keys;
        keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(j - 1));
        Try(steps);
        if (i >= failure_.steps.size()) return;
      }
      if (failure_.steps[i].mode == WriteMode::kSynced) {
        Steps steps = failure_.steps;
        steps[i].mode = WriteMode::kUnsynced;
        Try(steps);
        if (i >= failure_.steps.size()) return;
      }
    }
  }

  // Replaces each byte string, wherever it stands: keys by a, b, c, values by
  // 1, 2, 3.
  void SimplifyBytes() {
    std::vector<std::string> done;
    size_t keys = 0;
    size_t values = 0;
    while (const std::optional<Found> found = FirstNotIn(done)) {
      done.push_back(found->bytes);
      const std::string simple =
          found->is_value ? std::to_string(values + 1) : SimpleKey(keys);
      if (TryReplacing(found->bytes, simple)) {
        done.push_back(simple);
        ++(found->is_value ? values : keys);
      } else {
        Shorten(found->bytes);
      }
    }
  }

  static std::string SimpleKey(size_t index) {
    if (index >= 26) return "k" + std::to_string(index);
    return std::string(1, static_cast<char>('a' + index));
  }

  // A long string that matters because of its length is halved, then cut.
  void Shorten(std::string bytes) {
    for (size_t cut = bytes.size() / 2; cut > 0;) {
      const std::string shorter = bytes.substr(0, bytes.size() - cut);
      if (TryReplacing(bytes, shorter)) {
        bytes = shorter;
        cut = std::min(cut, bytes.size());
      } else {
        cut /= 2;
      }
    }
  }

  bool TryReplacing(const std::string& old, const std::string& by) {
    Steps steps = failure_.steps;
    ForEachBytes(&steps, [&old, &by](std::string* each, bool) {
      if (*each == old) *each = by;
    });
    return Try(steps);
  }

  // Calls function(bytes, whether they are a value).
  template <typename Function>
  static void ForEachBytes(Steps* steps, Function function) {
    for (ModelStep& step : *steps) {
      function(&step.first, false);
      function(&step.second, step.kind == ModelStep::Kind::kPut);
      for (BatchOperation& operation : step.batch) {
        function(&operation.key, false);
        function(&operation.value, true);
      }
      for (std::string& key : step.keys) function(&key, false);
    }
  }

  struct Found {
    std::string bytes;
    bool is_value;
  };

  std::optional<Found> FirstNotIn(const std::vector<std::string>& done) {
    std::optional<Found> found;
    ForEachBytes(
        &failure_.steps, [&found, &done](std::string* each, bool is_value) {
          // The empty string stands where a step has no argument too.
          if (found || each->empty()) return;
          if (std::find(done.begin(), done.end(), *each) != done.end()) return;
          found = Found{*each, is_value};
        });
    return found;
  }

  const ModelTestOptions& options_;
  ModelFailure failure_;
  size_t budget_;
};

}  // namespace

std::optional<ModelFailure> RunSteps(
    const ModelTestOptions& options, const Steps& steps) {
  ModelRun run(options);
  ModelRun::Outcome broken = run.Open();
  if (broken) return MakeFailure(options, std::move(*broken), {});
  for (size_t i = 0; i < steps.size(); ++i) {
    broken = run.Take(steps[i]);
    if (broken) {
      const auto end = steps.begin() + static_cast<std::ptrdiff_t>(i + 1);
      return MakeFailure(
          options, std::move(*broken), Steps(steps.begin(), end));
    }
  }
  broken = run.Close();
  if (broken) return MakeFailure(options, std::move(*broken), steps);
  return std::nullopt;
}

ModelTestResult RunModelTest(const ModelTestOptions& options) {
  StepGenerator generator(options.seed, options.capabilities, options.subject);
  Steps steps;
  for (size_t i = 0; i < options.steps; ++i) steps.push_back(generator.Next());
  steps.emplace_back();  // check everything

  ModelTestResult result;
  for (const ModelStep& step : steps) ++result.steps_by_kind[step.kind];
  result.failure = RunSteps(options, steps);
  if (result.failure) {
    const size_t before = result.failure->steps_before_shrinking;
    result.failure =
        Simplifier(options, *result.failure, options.shrink_runs_max).Run();
    result.failure->steps_before_shrinking = before;
  }
  return result;
}

std::string ModelFailure::Text() const {
  std::string text = "A promise was broken: " + promise + ".\n";
  text += "  expected: " + expected + "\n";
  text += "  actual:   " + actual + "\n";
  text += "The fewest operations found that show it (" +
      std::to_string(steps.size()) + ", from " +
      std::to_string(steps_before_shrinking) + "):\n";
  for (size_t i = 0; i < steps.size(); ++i) {
    text += "  " + StepLine(steps[i]) +
        (i + 1 == steps.size() ? "  // here\n" : "\n");
  }
  text += "Replay: " + ReplayCommand(seed) + "\n";
  return text;
}

}  // namespace kv::testing
