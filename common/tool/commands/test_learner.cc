#include <fmt/format.h>

#include "common/tool/commands/test_run.h"
#include "common/tool/course/results.h"

namespace kv::tool {

Status TestRun::RunLearner(const Course& course, const PartRef& ref) {
  const std::string part = ref.parts[0]->id;
  KV_ASSIGN_OR_RETURN(
      const StageBuild build, LearnerBuild(context_, course, *ref.stage, part));
  Say("Part {}: {} (yours, in {})\n", part, ref.parts[0]->title,
      build.base.string());
  build_lock_.emplace(build.request.build);
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
  KV_ASSIGN_OR_RETURN(const Progress progress, ProgressOf(course, ref));
  SectionPrinter printer(context_.terminal(), build.base);
  printer.set_progress(&progress);
  KV_ASSIGN_OR_RETURN(
      const auto reports, RunSections(build, sections, &printer));
  KV_RETURN_IF_ERROR(Record(course, reports, sources));
  json_["part"] = part;
  json_["reference"] = false;
  json_["sections"] = json_sections_;
  if (arguments_.json) return Status::Ok();
  PrintTotals();
  PrintNextStep(context_, *ref.stage, part, reports, progress);
  return Status::Ok();
}

Result<Progress> TestRun::ProgressOf(const Course& course, const PartRef& ref) {
  const std::string& part = ref.parts[0]->id;
  Progress progress;
  KV_ASSIGN_OR_RETURN(
      const SourceTree mine, ReadSources(course.EngineDir(part)));
  progress.unwritten = FindUnwritten(ref.stage->manifest, part, mine);
  progress.own_tests = course.OwnTestsDir(part);
  KV_ASSIGN_OR_RETURN(
      const ResultStore store, ResultStore::Load(course.NotesDir()));
  for (const Exercise* exercise : ref.stage->manifest.ExercisesOf(part)) {
    const TestResult* result = store.Find(exercise->id);
    if (result != nullptr && result->outcome == Outcome::kPassed) {
      progress.passed.insert(exercise->id);
    }
  }
  return progress;
}

Status TestRun::Record(
    const Course& course, const std::vector<SectionReport>& reports,
    const std::string& sources) {
  KV_ASSIGN_OR_RETURN(ResultStore store, ResultStore::Load(course.NotesDir()));
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

void TestRun::RecordNotBuilt(
    const Course& course, const PartRef& ref, const std::string& sources) {
  Result<ResultStore> store = ResultStore::Load(course.NotesDir());
  if (!store.ok()) return;
  for (const Exercise* exercise :
       ref.stage->manifest.ExercisesOf(ref.parts[0]->id)) {
    // What passed before stays known as that, for other sources than these.
    const TestResult* before = store->Find(exercise->id);
    if (before != nullptr && before->outcome == Outcome::kPassed) continue;
    TestResult result;
    result.id = exercise->id;
    result.outcome = Outcome::kNotBuilt;
    result.sources = sources;
    store->Record(std::move(result));
  }
  const Status saved = store->Save();
  if (!saved.ok()) PrintError(context_.terminal(), saved);
}

}  // namespace kv::tool
