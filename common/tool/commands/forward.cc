#include "common/tool/commands/forward.h"

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/tool/maintain/forward.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct ForwardArguments {
  std::vector<std::string> files;
  ForwardOptions options;
  bool dry_run = false;
};

std::string TwoDigits(const std::string& number) {
  return number.size() == 1 ? "0" + number : number;
}

// "log/wal.cc", "stage04_wal/log/wal.cc" or a path from where the caller
// stands, as relative to its stage.
std::string RelativeToStage(Context& context, const std::string& file) {
  const fs::path from_root =
      context.FromCaller(file).lexically_relative(context.root());
  const std::string path = from_root.generic_string();
  const size_t slash = path.find('/');
  if (path.rfind("stage", 0) == 0 && slash != std::string::npos) {
    return path.substr(slash + 1);
  }
  if (file.rfind("stage", 0) == 0 && file.find('/') != std::string::npos) {
    return file.substr(file.find('/') + 1);
  }
  return file;
}

std::string_view OutcomeText(ForwardStep::Outcome outcome, bool dry_run) {
  switch (outcome) {
    case ForwardStep::Outcome::kMerged:
      return dry_run ? "would merge" : "merged";
    case ForwardStep::Outcome::kCreated:
      return dry_run ? "would be added" : "added";
    case ForwardStep::Outcome::kAlready:
      return "has it already";
    case ForwardStep::Outcome::kRetired:
      return "does not have this file";
    case ForwardStep::Outcome::kConflict:
      return "CONFLICT";
  }
  return "";
}

void RunForward(Context& context, const ForwardArguments& arguments) {
  const Result<ProjectTree> project = LoadProjectTree(context.root());
  if (!project.ok()) {
    context.Finish(project.status());
    return;
  }
  std::vector<std::string> files;
  for (const std::string& file : arguments.files) {
    files.push_back(RelativeToStage(context, file));
  }
  ForwardOptions options = arguments.options;
  options.from = TwoDigits(options.from);
  options.until = TwoDigits(options.until);
  const Result<ForwardPlan> plan = PlanForward(*project, files, options);
  if (!plan.ok()) {
    context.Finish(plan.status());
    return;
  }
  if (!plan->HasConflict() && !arguments.dry_run) {
    const Status status = ApplyForward(*plan);
    if (!status.ok()) {
      context.Finish(status);
      return;
    }
  }
  const bool tentative = arguments.dry_run || plan->HasConflict();
  for (const ForwardStep& step : plan->steps) {
    fmt::print(
        "stage {}  {:<36}  {}\n", step.stage, step.file,
        OutcomeText(step.outcome, tentative));
  }
  for (const ForwardStep& step : plan->steps) {
    if (step.outcome == ForwardStep::Outcome::kConflict) {
      fmt::print("\n{}:\n{}", step.path.string(), step.conflict);
    }
  }
  if (plan->HasConflict()) {
    context.Finish(Status::Conflict(
        "nothing was written. Carry the fix to the stages before the conflict "
        "with --until, make the change by hand in the stage that conflicts, "
        "and go on with --from that stage."));
  } else if (arguments.dry_run) {
    fmt::print("\nNothing was written (--dry-run).\n");
  } else if (plan->steps.empty()) {
    fmt::print("There is no later stage.\n");
  } else {
    fmt::print("\nNext: wb test, and wb check --rule mutants-apply\n");
  }
}

}  // namespace

void RegisterForward(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<ForwardArguments>();
  CLI::App* command = AddCommand(
      app, kGroupMaintain, "forward",
      "Carry a fix from one stage into all later ones",
      "wb forward log/log_reader.cc --from 02");
  command
      ->add_option(
          "FILE", arguments->files, "Files that were fixed, in the stage")
      ->required();
  command
      ->add_option(
          "--from", arguments->options.from,
          "The earliest stage that has the line; the fix is there")
      ->required()
      ->type_name("NN");
  command
      ->add_option(
          "--until", arguments->options.until, "The last stage to carry it to")
      ->type_name("NN");
  command
      ->add_option(
          "--base", arguments->options.base,
          "The commit before the fix (HEAD: the fix is not committed yet)")
      ->type_name("COMMIT");
  command->add_flag(
      "--anyway", arguments->options.anyway,
      "Though an earlier stage has the changed lines too");
  command->add_flag(
      "--dry-run", arguments->dry_run, "Say what would be done, write nothing");
  command->callback([&context, arguments] { RunForward(context, *arguments); });
}

}  // namespace kv::tool
