#include <fmt/format.h>

#include "common/tool/commands/test_run.h"
#include "common/tool/run/corpus.h"

namespace kv::tool {

namespace fs = std::filesystem;

Status TestRun::RunReference(const PartRef& ref) {
  StageBuild build = ReferenceBuild(context_, *ref.stage);
  KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
  const bool compare = ref.stage != stages.front() && arguments_.only.empty() &&
      arguments_.through.empty();
  if (compare) {
    build.request.targets.push_back(stages.front()->Name() + "_kv_shell");
  }
  Say("Stage {}: {} (the reference, {} size)\n", ref.stage->number,
      ref.stage->manifest.title, TestSizeName(arguments_.Size()));
  build_lock_.emplace(build.request.build);
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

Status TestRun::RunEverything() {
  KV_ASSIGN_OR_RETURN(const auto stages, context_.Stages());
  BuildRequest request = ReferenceRequest(context_);
  request.label = "all tests (about a minute a stage)";
  request.targets = {"common_tests", "wb_tests"};
  for (const Stage* stage : stages) {
    const StageBuild build = ReferenceBuild(context_, *stage);
    request.targets.insert(
        request.targets.end(), build.request.targets.begin(),
        build.request.targets.end());
  }
  build_lock_.emplace(request.build);
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

Status TestRun::RunProgram(const std::string& name, const fs::path& program) {
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

Status TestRun::RunForeignProgram() {
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

Result<SectionReport> TestRun::CompareWithFirst(const StageBuild& build) {
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
          context_.root() / "build" / "wb" / ("compare-" + build.stage->number),
          arguments_.Size()));
  report.Count();
  return report;
}

Status TestRun::RunStage(const Stage& stage) {
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
    Count(report);
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
  Say("{}",
      SectionLine(
          stage.Name(), stage.manifest.title, "",
          sum.broken == 0 ? context_.terminal().Green(counts)
                          : context_.terminal().Red(counts)));
  json_["stages"].push_back(
      {{"stage", stage.number}, {"sections", json_sections_}});
  json_sections_.clear();
  return Status::Ok();
}

}  // namespace kv::tool
