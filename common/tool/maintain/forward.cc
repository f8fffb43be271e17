#include "common/tool/maintain/forward.h"

#include <stdlib.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "common/tool/maintain/line_diff.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

// A folder that is gone when this is.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name =
        (fs::temp_directory_path() / "wb-forward-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) {
      path_ = name;
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The file as the commit has it; nothing if it does not.
Result<std::optional<std::string>> ReadFromCommit(
    const fs::path& root, const std::string& commit, const std::string& file) {
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput known,
      RunProgram(
          {"git", "rev-parse", "--verify", "-q", commit + "^{commit}"}, root));
  if (known.exit_code != 0) {
    return Status::InvalidArgument(
        "git knows no commit '" + commit + "' in " + root.string());
  }
  const TemporaryFolder folder;
  if (folder.path().empty()) {
    return Status::IoError("no temporary folder can be made");
  }
  // Through a file, so that every byte of it is kept.
  const fs::path copy = folder.path() / "copy";
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput shown,
      RunProgram(
          {"sh", "-c", "git show \"$1\" >\"$2\"", "sh", commit + ":" + file,
           copy.string()},
          root));
  if (shown.exit_code != 0) {
    return std::optional<std::string>();
  }
  KV_ASSIGN_OR_RETURN(std::string text, ReadText(copy));
  return std::optional<std::string>(std::move(text));
}

bool HasLetter(const Lines& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return std::any_of(line.begin(), line.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
  });
}

// Whether the lines that the fix touches stand in an earlier stage as well.
bool HasTouchedLines(
    const Lines& base, const Lines& fixed, const Lines& earlier) {
  for (const Hunk& hunk : DiffLines(base, fixed)) {
    size_t begin = hunk.old_begin;
    size_t end = hunk.old_end;
    if (begin == end) {
      // An insertion is recognised by its neighbours.
      begin = begin == 0 ? 0 : begin - 1;
      end = std::min(base.size(), end + 1);
    }
    const Lines touched(
        base.begin() + static_cast<std::ptrdiff_t>(begin),
        base.begin() + static_cast<std::ptrdiff_t>(end));
    if (HasLetter(touched) &&
        std::search(
            earlier.begin(), earlier.end(), touched.begin(), touched.end()) !=
            earlier.end()) {
      return true;
    }
  }
  return false;
}

// The conflicts of a merged text, each with its line number.
std::string ShowConflicts(const std::string& merged) {
  std::string shown;
  bool inside = false;
  size_t number = 0;
  for (const std::string& line : SplitLines(merged)) {
    ++number;
    if (line.rfind("<<<<<<< ", 0) == 0) {
      inside = true;
      shown += fmt::format("at line {}:\n", number);
    }
    if (inside) {
      shown += "  " + line + "\n";
    }
    if (line.rfind(">>>>>>> ", 0) == 0) {
      inside = false;
    }
  }
  return shown;
}

Status Merge(
    const std::string& base, const std::string& fixed, const std::string& from,
    ForwardStep* step) {
  const TemporaryFolder folder;
  if (folder.path().empty()) {
    return Status::IoError("no temporary folder can be made");
  }
  KV_RETURN_IF_ERROR(WriteText(folder.path() / "ours", step->before));
  KV_RETURN_IF_ERROR(WriteText(folder.path() / "base", base));
  KV_RETURN_IF_ERROR(WriteText(folder.path() / "fixed", fixed));
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput output,
      RunProgram(
          {"git", "merge-file", "--diff3", "-L", "stage " + step->stage, "-L",
           "before the fix", "-L", "the fix in stage " + from, "ours", "base",
           "fixed"},
          folder.path()));
  if (output.exit_code >= 128) {
    return Status::IoError(
        step->path.string() + ": git merge-file failed; is it a text file?");
  }
  KV_ASSIGN_OR_RETURN(step->after, ReadText(folder.path() / "ours"));
  if (output.exit_code != 0) {
    step->outcome = ForwardStep::Outcome::kConflict;
    step->conflict = ShowConflicts(step->after);
  } else if (step->after == step->before) {
    step->outcome = ForwardStep::Outcome::kAlready;
  } else {
    step->outcome = ForwardStep::Outcome::kMerged;
  }
  return Status::Ok();
}

Result<ForwardStep> PlanStep(
    const StageTree& stage, const std::string& file,
    const std::optional<std::string>& base, const std::string& fixed,
    const std::string& from) {
  ForwardStep step;
  step.stage = stage.number;
  step.file = file;
  step.path = stage.path / file;
  if (!stage.Has(file)) {
    step.outcome = base.has_value() ? ForwardStep::Outcome::kRetired
                                    : ForwardStep::Outcome::kCreated;
    step.after = fixed;
    return step;
  }
  KV_ASSIGN_OR_RETURN(step.before, ReadText(step.path));
  if (step.before == fixed) {
    step.after = fixed;
    return step;
  }
  KV_RETURN_IF_ERROR(Merge(base.value_or(""), fixed, from, &step));
  return step;
}

}  // namespace

bool ForwardPlan::HasConflict() const {
  return std::any_of(steps.begin(), steps.end(), [](const ForwardStep& step) {
    return step.outcome == ForwardStep::Outcome::kConflict;
  });
}

Result<ForwardPlan> PlanForward(
    const ProjectTree& project, const std::vector<std::string>& files,
    const ForwardOptions& options) {
  const auto source = std::find_if(
      project.stages.begin(), project.stages.end(),
      [&](const StageTree& stage) { return stage.number == options.from; });
  if (source == project.stages.end()) {
    return Status::InvalidArgument("there is no stage " + options.from);
  }
  ForwardPlan plan;
  for (const std::string& file : files) {
    if (!source->Has(file)) {
      return Status::InvalidArgument(
          source->folder + "/" + file + " does not exist");
    }
    KV_ASSIGN_OR_RETURN(
        const std::optional<std::string> base,
        ReadFromCommit(
            project.root, options.base, source->folder + "/" + file));
    KV_ASSIGN_OR_RETURN(const std::string fixed, ReadText(source->path / file));
    if (base.has_value() && *base == fixed) {
      return Status::InvalidArgument(fmt::format(
          "{}/{} is as in {}: there is nothing to carry. If the fix is "
          "committed, name the commit before it with --base.",
          source->folder, file, options.base));
    }
    for (const StageTree& stage : project.stages) {
      if (stage.number < options.from && base.has_value() && !options.anyway &&
          stage.Has(file)) {
        KV_ASSIGN_OR_RETURN(
            const std::string earlier, ReadText(stage.path / file));
        if (HasTouchedLines(
                SplitLines(*base), SplitLines(fixed), SplitLines(earlier))) {
          return Status::InvalidArgument(fmt::format(
              "{}/{} has the lines that were changed: fix it there, and "
              "forward with --from {}. If it is right as it is there, say "
              "--anyway.",
              stage.folder, file, stage.number));
        }
      }
      if (stage.number <= options.from ||
          (!options.until.empty() && stage.number > options.until)) {
        continue;
      }
      KV_ASSIGN_OR_RETURN(
          ForwardStep step, PlanStep(stage, file, base, fixed, options.from));
      plan.steps.push_back(std::move(step));
    }
  }
  return plan;
}

Status ApplyForward(const ForwardPlan& plan) {
  KV_CHECK(!plan.HasConflict(), "a plan with a conflict is not applied");
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const ForwardStep& step = plan.steps[i];
    Status status;
    if (step.outcome == ForwardStep::Outcome::kMerged) {
      status = WriteText(step.path, step.after);
    } else if (step.outcome == ForwardStep::Outcome::kCreated) {
      std::error_code error;
      fs::create_directories(step.path.parent_path(), error);
      status = WriteText(step.path, step.after);
    }
    if (status.ok()) {
      continue;
    }
    // Back to where it began.
    for (size_t j = 0; j < i; ++j) {
      const ForwardStep& done = plan.steps[j];
      std::error_code ignored;
      if (done.outcome == ForwardStep::Outcome::kCreated) {
        fs::remove(done.path, ignored);
      } else if (done.outcome == ForwardStep::Outcome::kMerged) {
        KV_RETURN_IF_ERROR(WriteText(done.path, done.before));
      }
    }
    return status;
  }
  return Status::Ok();
}

}  // namespace kv::tool
