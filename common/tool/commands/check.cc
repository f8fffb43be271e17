#include "common/tool/commands/check.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/check/overlay.h"
#include "common/tool/check/rule.h"
#include "common/tool/help.h"
#include "common/tool/maintain/subprocess.h"
#include "common/tool/run/build_lock.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {
namespace {

using Json = nlohmann::ordered_json;

struct CheckArguments {
  std::vector<std::string> rules;
  bool all = false;
  bool list = false;
  int64_t rotation = -1;
};

// Every commit looks at another tenth; the same commit at the same one.
uint64_t Rotation(const std::filesystem::path& root) {
  const auto count = RunProgram({"git", "rev-list", "--count", "HEAD"}, root);
  if (!count.ok() || count->exit_code != 0) {
    return 0;
  }
  return std::strtoull(count->text.c_str(), nullptr, 10);
}

// A tool that is absent is a skip for a person, a failure for CI, which
// installs them all.
bool IsStrict() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) != "" &&
      std::string_view(ci) != "false";
}

std::string LookedText(const Report& report) {
  std::string text;
  for (const auto& [what, count] : report.looked()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  }
  return text.empty() ? "nothing looked at" : text;
}

std::string Place(const Violation& violation) {
  if (violation.file.empty()) {
    return "";
  }
  return violation.line == 0
      ? violation.file + ": "
      : fmt::format("{}:{}: ", violation.file, violation.line);
}

void PrintRule(
    const Terminal& terminal, const Rule& rule, const Report& report,
    bool failed, double seconds) {
  const bool skipped = !report.skips().empty() && !failed;
  const std::string mark = failed ? terminal.Red("FAILED ")
      : skipped                   ? terminal.Yellow("skipped")
                                  : terminal.Green("ok     ");
  fmt::print(
      "{} {:<15} {}{}\n", mark, rule.name, LookedText(report),
      seconds < 1 ? "" : fmt::format(" ({:.0f} s)", seconds));
  constexpr size_t kMost = 40;
  size_t shown = 0;
  for (const Violation& violation : report.violations()) {
    if (++shown > kMost) {
      fmt::print("        … and {} more\n", report.violations().size() - kMost);
      break;
    }
    fmt::print("        {}{}\n", Place(violation), violation.text);
  }
  if (failed && report.violations().empty() && report.skips().empty()) {
    fmt::print("        a rule that looks at nothing proves nothing\n");
  }
  for (const Report::Skipped& skip : report.skips()) {
    fmt::print(
        "        {} is not installed; not looked at: {}\n", skip.tool,
        skip.what);
  }
  for (const std::string& note : report.notes()) {
    fmt::print("        {}\n", terminal.Dim(note));
  }
  std::fflush(stdout);
}

Json RuleJson(
    const Rule& rule, const Report& report, bool failed, double seconds) {
  Json json;
  json["rule"] = rule.name;
  json["promise"] = rule.promise;
  json["failed"] = failed;
  json["seconds"] = seconds;
  json["looked_at"] = report.looked();
  json["violations"] = Json::array();
  for (const Violation& violation : report.violations()) {
    json["violations"].push_back(
        {{"file", violation.file},
         {"line", violation.line},
         {"text", violation.text}});
  }
  json["skipped"] = Json::array();
  for (const Report::Skipped& skip : report.skips()) {
    json["skipped"].push_back({{"tool", skip.tool}, {"what", skip.what}});
  }
  json["notes"] = report.notes();
  return json;
}

Result<std::vector<const Rule*>> Chosen(const CheckArguments& arguments) {
  std::vector<const Rule*> chosen;
  std::vector<std::string> names;
  for (const Rule& rule : AllRules()) {
    names.push_back(rule.name);
    if (arguments.rules.empty() ||
        std::find(arguments.rules.begin(), arguments.rules.end(), rule.name) !=
            arguments.rules.end()) {
      chosen.push_back(&rule);
    }
  }
  for (const std::string& name : arguments.rules) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string nearest = Nearest(name, names);
      return Status::InvalidArgument(fmt::format(
          "there is no rule '{}'.{} The rules: {}", name,
          nearest.empty() ? "" : fmt::format(" Did you mean '{}'?", nearest),
          fmt::join(names, ", ")));
    }
  }
  return chosen;
}

// The programs of the reference, built where wb test builds them.
void UseReference(Context& context, Environment* environment) {
  environment->list_tests =
      [&context](const StageTree& tree) -> Result<std::vector<std::string>> {
    KV_ASSIGN_OR_RETURN(const PartRef part, context.FindPart(tree.number));
    const StageBuild build = ReferenceBuild(context, *part.stage);
    const BuildLock lock(build.request.build);
    KV_RETURN_IF_ERROR(BuildQuietly(
        build.request.source, build.request.build, build.request.definitions,
        build.request.targets));
    KV_ASSIGN_OR_RETURN(
        std::vector<std::string> tests,
        ListTests(TestProgram{build.tests_program, {}}));
    if (build.HasProcessTests()) {
      KV_ASSIGN_OR_RETURN(
          const std::vector<std::string> more,
          ListTests(TestProgram{build.process_tests_program, {}}));
      tests.insert(tests.end(), more.begin(), more.end());
    }
    return tests;
  };
  environment->engine_library =
      [&context](const StageTree& tree) -> Result<std::filesystem::path> {
    const BuildRequest request = ReferenceRequest(context);
    const std::string target = "stage" + tree.number + "_engine";
    const BuildLock lock(request.build);
    KV_RETURN_IF_ERROR(BuildQuietly(
        request.source, request.build, request.definitions, {target}));
    return request.build / tree.folder / ("lib" + target + ".a");
  };
}

void RunCheck(Context& context, const CheckArguments& arguments) {
  if (arguments.list) {
    for (const Rule& rule : AllRules()) {
      fmt::print("{:<15} {}\n", rule.name, rule.promise);
    }
    return;
  }
  const Result<std::vector<const Rule*>> rules = Chosen(arguments);
  if (!rules.ok()) {
    context.Finish(rules.status());
    return;
  }
  Result<ProjectTree> project = LoadProjectTree(context.root());
  if (!project.ok()) {
    context.Finish(project.status());
    return;
  }
  Environment environment;
  environment.project = std::move(project).value();
  environment.all = arguments.all;
  environment.rotation = arguments.rotation >= 0
      ? static_cast<uint64_t>(arguments.rotation)
      : Rotation(context.root());
  environment.build = context.root() / "build";
  const BuildLock lock(environment.build / "check");
  UseReference(context, &environment);
  const bool strict = IsStrict();
  size_t failures = 0;
  size_t skips = 0;
  Json json = Json::array();
  if (!context.json()) {
    fmt::print(
        "{} stages, {} files; turn {}{}\n", environment.project.stages.size(),
        environment.project.files.size(), environment.rotation % 10,
        environment.all ? " (all)" : "");
  }
  for (const Rule* rule : *rules) {
    const auto begin = std::chrono::steady_clock::now();
    Report report;
    rule->run(environment, report);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
    const bool failed = report.Failed(strict);
    failures += failed ? 1u : 0u;
    skips += report.skips().size();
    if (context.json()) {
      json.push_back(RuleJson(*rule, report, failed, seconds));
    } else {
      PrintRule(context.terminal(), *rule, report, failed, seconds);
    }
  }
  if (context.json()) {
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print(
        "\n{} rules hold, {} fail, {} skipped for a missing tool\n",
        rules->size() - failures, failures, skips);
  }
  context.FinishWith(failures == 0 ? 0 : 1);
}

}  // namespace

void RegisterCheck(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = AddCommand(
      app, kGroupMaintain, "check",
      "Prove that stages, exercises and documents have not rotted", "wb check");
  command
      ->add_option(
          "--rule", arguments->rules, "Only this rule (may be repeated)")
      ->type_name("NAME");
  command->add_flag(
      "--all", arguments->all,
      "All mutants, exercises and stages instead of a rotating tenth");
  command->add_flag("--list", arguments->list, "Name the rules and stop");
  command
      ->add_option(
          "--rotation", arguments->rotation,
          "Which tenth (by default the number of commits)")
      ->type_name("N");
  command->callback([&context, arguments] { RunCheck(context, *arguments); });
}

}  // namespace kv::tool
