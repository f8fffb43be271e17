#include "common/tool/commands/mutants.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/run/mutants.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct MutantsArguments {
  std::string part;
  std::string with;
  std::string only;
  bool all = false;
  bool json = false;
};

// The exercise whose test `file` is: the one that names it, else the only one.
const Exercise* TestExerciseOf(const PartRef& ref, const fs::path& file) {
  const Exercise* only = nullptr;
  int count = 0;
  for (const Exercise& exercise : ref.stage->manifest.exercises) {
    if (exercise.kind != ExerciseKind::kTest) continue;
    if (fs::path(exercise.file).filename() == file.filename()) return &exercise;
    only = &exercise;
    ++count;
  }
  return count == 1 ? only : nullptr;
}

class MutantsRun {
 public:
  MutantsRun(Context& context, const MutantsArguments& arguments)
      : context_(context), arguments_(arguments) {}

  Status Run() {
    KV_ASSIGN_OR_RETURN(ref_, context_.FindPart(arguments_.part));
    KV_ASSIGN_OR_RETURN(const auto all, LoadMutants(*ref_.stage));
    if (all.empty()) {
      return Status::NotSupported(fmt::format(
          "stage {} has no mutants: {} holds no .patch file",
          ref_.stage->number, (ref_.stage->path / "mutants").string()));
    }
    std::optional<fs::path> file;
    if (!arguments_.with.empty()) {
      file = context_.FromCaller(arguments_.with);
      if (!fs::exists(*file)) {
        return Status::InvalidArgument(file->string() + " is not there");
      }
      exercise_ = TestExerciseOf(ref_, *file);
    }
    KV_ASSIGN_OR_RETURN(const auto chosen, Choose(all));
    Say("Stage {}: {} of {} wrong solutions{}\n", ref_.stage->number,
        chosen.size(), all.size(),
        WhyNotAll(chosen.size() < all.size(), file.has_value()));
    MutantLab lab(
        context_, *ref_.stage,
        context_.root() / "build" / "mutants" /
            (ref_.stage->number + (file ? "-own" : "")),
        file);
    BuildError error;
    const Status prepared =
        lab.Prepare(context_.terminal(), arguments_.json, &error);
    if (!prepared.ok()) {
      if (!error.message.empty()) {
        PrintBuildError(context_.terminal(), error, context_.caller_dir());
      }
      return prepared;
    }
    for (const Mutant& mutant : chosen) {
      ProgressBar bar(context_.terminal(), chosen.size());
      if (!arguments_.json) bar.Show(reports_.size(), mutant.name);
      KV_ASSIGN_OR_RETURN(
          MutantReport report, lab.Try(context_.terminal(), mutant));
      bar.Clear();
      Print(report);
      reports_.push_back(std::move(report));
    }
    Conclude(file.has_value());
    return Status::Ok();
  }

 private:
  template <typename... Args>
  void Say(fmt::format_string<Args...> format, Args&&... args) {
    if (arguments_.json) return;
    fmt::print(format, std::forward<Args>(args)...);
    std::fflush(stdout);
  }

  std::string WhyNotAll(bool fewer, bool with_file) const {
    if (!fewer || !arguments_.only.empty()) return "";
    if (!with_file || exercise_ == nullptr) {
      return ", today's choice; --all tries every one";
    }
    return fmt::format(
        ", those that exercise {} names; --all tries every one", exercise_->id);
  }

  bool IsNamed(const Mutant& mutant) const {
    const auto& names = exercise_->mutants;
    return std::find(names.begin(), names.end(), mutant.name) != names.end();
  }

  Result<std::vector<Mutant>> Choose(const std::vector<Mutant>& all) {
    std::vector<Mutant> chosen;
    if (!arguments_.only.empty()) {
      for (const Mutant& mutant : all) {
        if (mutant.name == arguments_.only ||
            mutant.exercise == arguments_.only) {
          chosen.push_back(mutant);
        }
      }
      if (!chosen.empty()) return chosen;
      std::vector<std::string> names;
      for (const Mutant& mutant : all) names.push_back(mutant.name);
      return Status::InvalidArgument(fmt::format(
          "there is no mutant '{}'; there are {}", arguments_.only,
          fmt::join(names, ", ")));
    }
    if (exercise_ != nullptr && !exercise_->mutants.empty() &&
        !arguments_.all) {
      for (const Mutant& mutant : all) {
        if (IsNamed(mutant)) chosen.push_back(mutant);
      }
      return chosen;
    }
    if (arguments_.all || !arguments_.with.empty()) return all;
    // Another tenth every day.
    const auto days = std::chrono::duration_cast<std::chrono::days>(
        std::chrono::system_clock::now().time_since_epoch());
    return RotatingTenth(all, static_cast<size_t>(days.count()));
  }

  void Print(const MutantReport& report) {
    const Terminal& terminal = context_.terminal();
    const bool killed = report.verdict == MutantVerdict::kKilled;
    const std::string verdict =
        fmt::format("{:<15}", MutantVerdictName(report.verdict));
    Say("  {} {:<38} {}\n",
        killed ? terminal.Green(verdict) : terminal.Red(verdict),
        report.mutant.name,
        killed ? fmt::format(
                     "{}{}{}", report.by,
                     report.how == "failed" ? "" : " (" + report.how + ")",
                     report.as_named ? "" : "; not the test that it names")
               : "");
    if (killed) return;
    Say("      mistake: {}\n", report.mutant.mistake);
    if (!report.message.empty()) Say("      {}\n", report.message);
  }

  void Conclude(bool with_file) {
    size_t killed = 0;
    for (const MutantReport& report : reports_) {
      killed += report.verdict == MutantVerdict::kKilled ? 1 : 0;
    }
    size_t must = reports_.size();
    if (with_file && exercise_ != nullptr && exercise_->must_catch > 0 &&
        arguments_.only.empty()) {
      must = static_cast<size_t>(exercise_->must_catch);
    }
    // With --all those that the exercise does not name are for interest only.
    size_t counting = killed;
    const bool beyond = with_file && exercise_ != nullptr && arguments_.all &&
        !exercise_->mutants.empty() && arguments_.only.empty();
    if (beyond) {
      counting = static_cast<size_t>(std::count_if(
          reports_.begin(), reports_.end(), [&](const MutantReport& report) {
            return report.verdict == MutantVerdict::kKilled &&
                IsNamed(report.mutant);
          }));
    }
    const bool enough = counting >= must;
    if (!enough) context_.FinishWith(1);
    if (arguments_.json) {
      nlohmann::json json = {
          {"stage", ref_.stage->number},
          {"killed", killed},
          {"tried", reports_.size()},
          {"must", must},
          {"enough", enough},
          {"mutants", nlohmann::json::array()}};
      for (const MutantReport& report : reports_) {
        json["mutants"].push_back(ToJson(report));
      }
      fmt::print(
          "{}\n",
          json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
      return;
    }
    if (with_file) {
      fmt::print(
          "{} of {} wrong solutions fall to your test{}; {} must. {}\n", killed,
          reports_.size(),
          beyond ? fmt::format(
                       ", {} of the {} that exercise {} names", counting,
                       exercise_->mutants.size(), exercise_->id)
                 : "",
          must,
          enough ? "It passes on the reference: the exercise is solved."
                 : "Read the mistakes above: which promise does each break?");
      return;
    }
    fmt::print("{} killed, {} not\n", killed, reports_.size() - killed);
  }

  Context& context_;
  const MutantsArguments& arguments_;
  PartRef ref_;
  const Exercise* exercise_ = nullptr;
  std::vector<MutantReport> reports_;
};

}  // namespace

void RegisterMutants(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "mutants",
      "Which plausible mistakes do the tests, or your test, catch?",
      "wb mutants 01 --with stage01/tests/own/hash_table_own_test.cc");
  auto arguments = std::make_shared<MutantsArguments>();
  command->add_option("NN", arguments->part, "Stage or part, as 01")
      ->required();
  command->add_option("--with", arguments->with, "Only the tests in this file")
      ->type_name("FILE");
  command
      ->add_option(
          "--only", arguments->only,
          "One mutant, or those of an exercise (1.2)")
      ->type_name("NAME");
  command->add_flag(
      "--all", arguments->all, "Every mutant, not only today's tenth");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([&context, arguments] {
    arguments->json = arguments->json || context.json();
    context.Finish(MutantsRun(context, *arguments).Run());
  });
}

}  // namespace kv::tool
