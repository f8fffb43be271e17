#include "common/tool/commands/test.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/run/build.h"
#include "common/tool/run/corpus.h"
#include "common/tool/run/own_test.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/stage_tests.h"
#include "common/tool/run/test_report.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// One run of `wb test`.
class TestRun {
 public:
  TestRun(Context& context, const TestArguments& arguments)
      : context_(context), arguments_(arguments) {}

  Status Run() {
    if (!arguments_.program.empty()) {
      KV_RETURN_IF_ERROR(RunForeignProgram());
    } else if (arguments_.part.empty()) {
      if (!arguments_.only.empty() || !arguments_.through.empty()) {
        return Status::InvalidArgument(
            "--only and --through need to know the stage: wb test 01 --only "
            "1.2");
      }
      KV_RETURN_IF_ERROR(RunEverything());
    } else {
      KV_ASSIGN_OR_RETURN(
          const PartRef ref, context_.FindPart(arguments_.part));
      const Result<Course> course = context_.FindCourse();
      if (arguments_.reference || !course.ok()) {
        KV_RETURN_IF_ERROR(RunReference(ref));
      } else {
        KV_ASSIGN_OR_RETURN(
            const PartRef one, context_.FindOnePart(arguments_.part));
        KV_RETURN_IF_ERROR(RunLearner(*course, one));
      }
    }
    if (arguments_.json) {
      json_["passed"] = passed_;
      json_["failed"] = failed_;
      fmt::print(
          "{}\n",
          json_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    if (failed_ > 0 || passed_ == 0) context_.FinishWith(1);
    return Status::Ok();
  }

 private:
  template <typename... Args>
  void Say(fmt::format_string<Args...> format, Args&&... args) {
    if (arguments_.json) return;
    fmt::print(format, std::forward<Args>(args)...);
    std::fflush(stdout);
  }

  // Builds; explains what does not compile and what to do then.
  Status BuildOrExplain(
      BuildRequest request, const fs::path& base, const std::string& again) {
    request.quiet = arguments_.json;
    BuildError error;
    const Status status = Build(context_.terminal(), request, &error);
    if (status.ok()) return status;
    json_["build_error"] = {
        {"file", error.file}, {"line", error.line}, {"message", error.message}};
    if (!arguments_.json && !error.message.empty()) {
      PrintBuildError(context_.terminal(), error, base);
      const bool in_tests = error.file.starts_with(context_.root().string()) &&
          !base.string().starts_with(context_.root().string());
      if (in_tests) {
        fmt::print(
            "\nThe file belongs to the workbook, which calls your code as the "
            "starter declared it:\nkeep the names and parameters of the "
            "headers.\n");
      }
      fmt::print("\nNext: mend this, then run '{}' again.\n", again);
    }
    return status;
  }

  Result<std::vector<TestSection>> Plan(
      const StageBuild& build, const PartRef& ref) {
    KV_ASSIGN_OR_RETURN(const auto tests, ListTests({build.tests_program, {}}));
    std::vector<std::string> killing;
    if (build.HasProcessTests()) {
      KV_ASSIGN_OR_RETURN(
          killing, ListTests({build.process_tests_program, {}}));
    }
    std::vector<TestSection> sections =
        PlanSections(*ref.stage, ref.parts, tests, killing);
    return Select(std::move(sections));
  }

  Result<std::vector<TestSection>> Select(std::vector<TestSection> sections) {
    const std::string& wanted =
        arguments_.only.empty() ? arguments_.through : arguments_.only;
    if (wanted.empty()) return sections;
    const auto found = std::find_if(
        sections.begin(), sections.end(),
        [&](const TestSection& section) { return section.id == wanted; });
    if (found == sections.end()) {
      std::vector<std::string> ids;
      for (const TestSection& section : sections) ids.push_back(section.id);
      return Status::InvalidArgument(fmt::format(
          "there is no '{}' here; there are {}", wanted, fmt::join(ids, ", ")));
    }
    if (!arguments_.only.empty()) return std::vector<TestSection>{*found};
    sections.erase(found + 1, sections.end());
    return sections;
  }

  // Runs sections one after another; each is printed as it ends.
  Result<std::vector<SectionReport>> RunSections(
      const StageBuild& build, const std::vector<TestSection>& sections,
      SectionPrinter* printer) {
    size_t total = 0;
    for (const TestSection& section : sections) {
      total += section.tests.size() + section.killing_tests.size();
    }
    const Terminal silent = Terminal::Plain();
    ProgressBar bar(arguments_.json ? silent : context_.terminal(), total);
    size_t done = 0;
    SectionOptions options;
    options.size = arguments_.Size();
    options.time_limit = std::max(TimeLimitOf(options.size), time_limit_min_);
    options.on_start = [&](const std::string& name) { bar.Show(done, name); };
    options.on_test = [&](const TestOutcome&) { ++done; };
    std::vector<SectionReport> reports;
    for (const TestSection& section : sections) {
      KV_ASSIGN_OR_RETURN(
          SectionReport report, RunSection(build, section, options));
      if (own_tests_dir_.has_value() && section.exercise != nullptr &&
          section.exercise->kind == ExerciseKind::kTest && report.Green()) {
        bar.Show(done, "your test against wrong solutions");
        KV_ASSIGN_OR_RETURN(
            TestOutcome outcome,
            TryOwnTest(context_, build, *section.exercise, *own_tests_dir_));
        report.outcomes.push_back(std::move(outcome));
        report.Count();
      }
      bar.Clear();
      if (section.exercise != nullptr && report.broken > 0) {
        printer->set_exercises_open(true);
      }
      if (!arguments_.json) printer->Print(report);
      passed_ += report.passed;
      failed_ += report.broken;
      skipped_ += report.skipped;
      json_sections_.push_back(ToJson(report));
      reports.push_back(std::move(report));
    }
    return reports;
  }

  void PrintTotals() {
    if (arguments_.json) return;
    if (skipped_ > 0) {
      Say("{} skipped; 'wb doctor' says what is not installed\n", skipped_);
    }
    fmt::print("{} passed, {} failed\n", passed_, failed_);
  }

  Status RunReference(const PartRef& ref) {
    StageBuild build = ReferenceBuild(context_, *ref.stage);
    KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
    const bool compare = ref.stage != stages.front() &&
        arguments_.only.empty() && arguments_.through.empty();
    if (compare) {
      build.request.targets.push_back(stages.front()->Name() + "_kv_shell");
    }
    Say("Stage {}: {} (the reference, {} size)\n", ref.stage->number,
        ref.stage->manifest.title, TestSizeName(arguments_.Size()));
    KV_RETURN_IF_ERROR(BuildOrExplain(
        build.request, build.base,
        fmt::format("{} test {}", context_.CommandName(), arguments_.part)));
    KV_ASSIGN_OR_RETURN(const auto sections, Plan(build, ref));
    SectionPrinter printer(context_.terminal(), build.base);
    KV_RETURN_IF_ERROR(RunSections(build, sections, &printer).status());
    if (compare) {
      KV_ASSIGN_OR_RETURN(SectionReport report, CompareWithFirst(build));
      Add(std::move(report), build.base);
    }
    json_["part"] = arguments_.part;
    json_["reference"] = true;
    json_["sections"] = json_sections_;
    PrintTotals();
    return Status::Ok();
  }

  Status RunLearner(const Course& course, const PartRef& ref) {
    const std::string part = ref.parts[0]->id;
    KV_ASSIGN_OR_RETURN(
        const StageBuild build,
        LearnerBuild(context_, course, *ref.stage, part));
    Say("Part {}: {} (yours, in {})\n", part, ref.parts[0]->title,
        build.base.string());
    KV_ASSIGN_OR_RETURN(
        const std::string sources, HashSources(build.base, build.tests_dir));
    const std::string again = fmt::format(
        "{} test {}{}", context_.CommandName(), part,
        arguments_.only.empty() ? "" : " --only " + arguments_.only);
    const Status built = BuildOrExplain(build.request, build.base, again);
    if (!built.ok()) {
      RecordNotBuilt(course, ref, sources);
      return built;
    }
    own_tests_dir_ = course.OwnTestsDir(part);
    KV_ASSIGN_OR_RETURN(const auto sections, Plan(build, ref));
    SectionPrinter printer(context_.terminal(), build.base);
    KV_ASSIGN_OR_RETURN(
        const auto reports, RunSections(build, sections, &printer));
    KV_RETURN_IF_ERROR(Record(course, reports, sources));
    json_["part"] = part;
    json_["reference"] = false;
    json_["sections"] = json_sections_;
    if (arguments_.json) return Status::Ok();
    PrintTotals();
    PrintNextStep(context_, *ref.stage, part, reports);
    return Status::Ok();
  }

  Status Record(
      const Course& course, const std::vector<SectionReport>& reports,
      const std::string& sources) {
    KV_ASSIGN_OR_RETURN(
        ResultStore store, ResultStore::Load(course.NotesDir()));
    for (const SectionReport& report : reports) {
      TestResult result;
      result.id = report.section.id;
      result.outcome = report.Summary();
      result.sources = sources;
      result.tests_passed = report.passed;
      result.tests_total = static_cast<int>(report.outcomes.size());
      store.Record(std::move(result));
    }
    return store.Save();
  }

  // What does not compile has no result that counts.
  void RecordNotBuilt(
      const Course& course, const PartRef& ref, const std::string& sources) {
    Result<ResultStore> store = ResultStore::Load(course.NotesDir());
    if (!store.ok()) return;
    for (const Exercise* exercise :
         ref.stage->manifest.ExercisesOf(ref.parts[0]->id)) {
      TestResult result;
      result.id = exercise->id;
      result.outcome = Outcome::kNotBuilt;
      result.sources = sources;
      store->Record(std::move(result));
    }
    const Status saved = store->Save();
    if (!saved.ok()) PrintError(context_.terminal(), saved);
  }

  // Everything of the clone: the shared libraries, the tool, all stages.
  Status RunEverything() {
    KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
    BuildRequest request = ReferenceRequest(context_);
    request.label = "all tests (about a minute a stage, the first time)";
    request.targets = {"common_tests", "wb_tests"};
    for (const Stage* stage : stages) {
      const StageBuild build = ReferenceBuild(context_, *stage);
      request.targets.insert(
          request.targets.end(), build.request.targets.begin(),
          build.request.targets.end());
    }
    KV_RETURN_IF_ERROR(BuildOrExplain(
        request, context_.root(),
        fmt::format("{} test", context_.CommandName())));
    KV_RETURN_IF_ERROR(
        RunProgram("common", request.build / "common" / "common_tests"));
    KV_RETURN_IF_ERROR(
        RunProgram("wb", request.build / "common" / "tool" / "wb_tests"));
    json_["stages"] = nlohmann::json::array();
    for (const Stage* stage : stages) {
      KV_RETURN_IF_ERROR(RunStage(*stage));
    }
    PrintTotals();
    return Status::Ok();
  }

  // All tests of a program that belongs to no stage.
  Status RunProgram(const std::string& name, const fs::path& program) {
    StageBuild build;
    build.tests_program = program;
    build.base = context_.root();
    TestSection section;
    section.kind = TestSection::Kind::kGroup;
    section.id = name;
    section.title = name == "wb" ? "The tool itself" : "Shared libraries";
    KV_ASSIGN_OR_RETURN(section.tests, ListTests({program, {}}));
    SectionPrinter printer(context_.terminal(), build.base);
    // Some of the tool's tests build a project of their own.
    time_limit_min_ = std::chrono::minutes(5);
    KV_RETURN_IF_ERROR(RunSections(build, {section}, &printer).status());
    time_limit_min_ = std::chrono::seconds(0);
    json_[name] = json_sections_.back();
    json_sections_.clear();
    return Status::Ok();
  }

  // The corpus of a stage through any program that speaks its commands.
  Status RunForeignProgram() {
    KV_ASSIGN_OR_RETURN(
        const PartRef ref,
        context_.FindPart(arguments_.part.empty() ? "01" : arguments_.part));
    std::vector<std::string> words = {arguments_.program};
    const fs::path path = context_.FromCaller(arguments_.program);
    if (fs::exists(path)) {
      words = {path.string()};
    } else if (arguments_.program.find(' ') != std::string::npos) {
      words = {"/bin/sh", "-c", "exec " + arguments_.program};
    }
    SectionReport report;
    report.section.kind = TestSection::Kind::kGroup;
    report.section.id = ref.stage->number + ".blackbox";
    report.section.title = "Commands and answers of " + arguments_.program;
    KV_ASSIGN_OR_RETURN(
        report.outcomes,
        RunCorpus(ref.stage->path / "tests" / "blackbox", words));
    Add(std::move(report), context_.root());
    PrintTotals();
    return Status::Ok();
  }

  // A report that came about without RunSections.
  void Add(SectionReport report, const fs::path& base) {
    report.Count();
    passed_ += report.passed;
    failed_ += report.broken;
    skipped_ += report.skipped;
    json_sections_.push_back(ToJson(report));
    json_["sections"] = json_sections_;
    if (arguments_.json) return;
    SectionPrinter printer(context_.terminal(), base);
    printer.Print(report);
    for (const TestOutcome& outcome : report.outcomes) {
      if (outcome.Broken() && &outcome != report.FirstBroken()) {
        printer.PrintFailure(outcome);
      }
    }
  }

  // The same random commands through this stage's shell and that of 01.
  Result<SectionReport> CompareWithFirst(const StageBuild& build) {
    KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
    const StageBuild first = ReferenceBuild(context_, *stages.front());
    SectionReport report;
    report.section.kind = TestSection::Kind::kGroup;
    report.section.id = build.stage->number + ".same";
    report.section.title = "The same answers as stage 01";
    KV_ASSIGN_OR_RETURN(
        report.outcomes,
        CompareShells(
            first.shell_program, build.shell_program,
            context_.root() / "build" / "wb" /
                ("compare-" + build.stage->number),
            arguments_.Size()));
    report.Count();
    return report;
  }

  // One stage of many: a line in all, and what failed.
  Status RunStage(const Stage& stage) {
    const StageBuild build = ReferenceBuild(context_, stage);
    PartRef ref = {&stage, {}};
    for (const Part& part : stage.manifest.parts) ref.parts.push_back(&part);
    KV_ASSIGN_OR_RETURN(const auto sections, Plan(build, ref));
    SectionPrinter printer(context_.terminal(), build.base);
    printer.set_failures_only(true);
    KV_ASSIGN_OR_RETURN(auto reports, RunSections(build, sections, &printer));
    KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
    if (&stage != stages.front()) {
      KV_ASSIGN_OR_RETURN(SectionReport report, CompareWithFirst(build));
      passed_ += report.passed;
      failed_ += report.broken;
      json_sections_.push_back(ToJson(report));
      if (!arguments_.json) printer.Print(report);
      reports.push_back(std::move(report));
    }
    SectionReport sum;
    sum.section.id = stage.Name();
    sum.section.title = stage.manifest.title;
    for (const SectionReport& report : reports) {
      sum.outcomes.insert(
          sum.outcomes.end(), report.outcomes.begin(), report.outcomes.end());
    }
    sum.Count();
    const std::string counts = CountsText(sum);
    Say("  {:<13} {:<40} {:>6}  {}\n", stage.Name(), stage.manifest.title, "",
        sum.broken == 0 ? context_.terminal().Green(counts)
                        : context_.terminal().Red(counts));
    json_["stages"].push_back(
        {{"stage", stage.number}, {"sections", json_sections_}});
    json_sections_.clear();
    return Status::Ok();
  }

  Context& context_;
  const TestArguments& arguments_;
  // Where a learner's own tests are.
  std::chrono::seconds time_limit_min_{0};
  std::optional<fs::path> own_tests_dir_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
  nlohmann::json json_ = nlohmann::json::object();
  nlohmann::json json_sections_ = nlohmann::json::array();
};

}  // namespace

Status RunTestCommand(Context& context, const TestArguments& arguments) {
  return TestRun(context, arguments).Run();
}

void RegisterTest(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "test",
      "Build and run the acceptance tests, exercise by exercise",
      "wb test 01 --only 1.2   # one exercise of stage 01");
  auto arguments = std::make_shared<TestArguments>();
  command->add_option(
      "part", arguments->part,
      "Stage or part, as 01; without it, everything of the clone");
  auto* only = command->add_option(
      "--only", arguments->only, "Only this exercise or group (1.2)");
  command
      ->add_option(
          "--through", arguments->through, "All exercises up to this one")
      ->excludes(only);
  command->add_option(
      "--program", arguments->program,
      "Run the black-box corpus through a program of your own, in any "
      "language, that reads commands on stdin");
  command->add_flag(
      "--reference", arguments->reference,
      "Test the reference, not your own solution");
  auto* full = command->add_flag(
      "--full", arguments->full, "The tests' full size, as CI runs them");
  command->add_flag("--deep", arguments->deep, "The tests' largest size")
      ->excludes(full);
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([&context, arguments] {
    context.Finish(RunTestCommand(context, *arguments));
  });
}

}  // namespace kv::tool
