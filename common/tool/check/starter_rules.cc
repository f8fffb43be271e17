// Rules that build: starters, mutants-apply.

#include <algorithm>
#include <functional>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "common/tool/check/overlay.h"
#include "common/tool/check/rule.h"
#include "common/tool/course/emptier.h"
#include "common/tool/course/manifest.h"
#include "common/tool/maintain/subprocess.h"
#include "common/tool/run/gtest_output.h"
#include "common/tool/run/mutants.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

OverlayBuild MakeOverlay(Environment& environment, const StageTree& stage) {
  return OverlayBuild(
      environment.project, stage, environment.build / "check" / stage.number);
}

// The tests of all programs that match; null matches all.
Result<std::vector<TestOutcome>> RunPrograms(
    const OverlayBuild& overlay, const std::vector<std::string>* patterns) {
  std::vector<TestOutcome> outcomes;
  for (const fs::path& path : overlay.Programs()) {
    const TestProgram program{path, {}};
    KV_ASSIGN_OR_RETURN(
        const std::vector<std::string> names, ListTests(program));
    std::vector<std::string> wanted;
    for (const std::string& name : names) {
      if (patterns == nullptr || MatchesAny(*patterns, name)) {
        wanted.push_back(name);
      }
    }
    if (wanted.empty()) {
      continue;
    }
    KV_ASSIGN_OR_RETURN(
        std::vector<TestOutcome> some,
        RunTests(program, wanted, kv::tool::RunOptions{}));
    std::move(some.begin(), some.end(), std::back_inserter(outcomes));
  }
  return outcomes;
}

std::set<std::string> IdsOf(const Manifest& manifest, const std::string& part) {
  std::set<std::string> ids;
  for (const Exercise* exercise : manifest.ExercisesOf(part)) {
    ids.insert(exercise->id);
  }
  return ids;
}

// Every test of the starter passes, or names an exercise of the part.
void CheckStarter(
    Environment& environment, const StageTree& stage, const Manifest& manifest,
    const std::string& part, Report& report) {
  const Result<SourceTree> sources = MakeStarter(manifest, stage.path, part);
  if (!sources.ok()) {
    report.Violate(stage.folder, 0, sources.status().ToString());
    return;
  }
  OverlayBuild overlay = MakeOverlay(environment, stage);
  const Status built = overlay.Build(*sources);
  if (!built.ok()) {
    report.Violate(
        stage.folder, 0,
        "the starter of part " + part + " does not build: " + built.ToString());
    return;
  }
  const auto outcomes = RunPrograms(overlay, nullptr);
  if (!outcomes.ok()) {
    report.Violate(stage.folder, 0, outcomes.status().ToString());
    return;
  }
  report.Looked(1, "starters");
  report.Looked(outcomes->size(), "tests of starters");
  const std::set<std::string> ids = IdsOf(manifest, part);
  size_t waiting = 0;
  for (const TestOutcome& outcome : *outcomes) {
    if (outcome.verdict == Verdict::kTodo) {
      ++waiting;
      if (ids.count(outcome.detail) == 0) {
        report.Violate(
            stage.folder, 0,
            fmt::format(
                "starter {}: {} names exercise {}, which is not of this part",
                part, outcome.name, outcome.detail));
      }
    } else if (outcome.Broken()) {
      report.Violate(
          stage.folder, 0,
          fmt::format(
              "starter {}: {} {} without naming an exercise{}{}", part,
              outcome.name, VerdictName(outcome.verdict),
              outcome.detail.empty() ? "" : ": ", outcome.detail));
    }
  }
  report.Note(fmt::format(
      "starter {}: {} tests wait for an exercise, {} pass", part, waiting,
      outcomes->size() - waiting));
  if (waiting == 0) {
    report.Violate(
        stage.folder, 0, "starter " + part + ": no test waits for an exercise");
  }
}

// With the exercise and what it needs solved, and the rest empty, its tests
// pass.
void CheckSolvedAlone(
    Environment& environment, const StageTree& stage, const Manifest& manifest,
    const Exercise& exercise, Report& report) {
  std::set<std::string> empty = IdsOf(manifest, exercise.part);
  const std::function<void(const Exercise&)> solve =
      [&](const Exercise& solved) {
        empty.erase(solved.id);
        for (const std::string& need : solved.needs) {
          if (const Exercise* other = manifest.FindExercise(need)) {
            solve(*other);
          }
        }
      };
  solve(exercise);
  Result<SourceTree> sources = ReadSources(stage.path);
  if (sources.ok()) {
    sources = EmptyExercises(manifest, std::move(sources).value(), empty);
  }
  if (!sources.ok()) {
    report.Violate(stage.folder, 0, sources.status().ToString());
    return;
  }
  OverlayBuild overlay = MakeOverlay(environment, stage);
  const Status built = overlay.Build(*sources);
  if (!built.ok()) {
    report.Violate(
        stage.folder, 0,
        "exercise " + exercise.id +
            " solved alone does not build: " + built.ToString());
    return;
  }
  const auto outcomes = RunPrograms(overlay, &exercise.tests);
  if (!outcomes.ok()) {
    report.Violate(stage.folder, 0, outcomes.status().ToString());
    return;
  }
  report.Looked(1, "exercises solved alone");
  for (const TestOutcome& outcome : *outcomes) {
    if (outcome.Broken()) {
      report.Violate(
          stage.folder, 0,
          fmt::format(
              "exercise {} is solved, and what it needs; yet {} {}{}{}",
              exercise.id, outcome.name, VerdictName(outcome.verdict),
              outcome.detail.empty() ? "" : ": ", outcome.detail));
    }
  }
}

// The stage's sources with the patch applied, without fuzz.
Result<SourceTree> ApplyMutant(
    const StageTree& stage, const Mutant& mutant, const fs::path& folder) {
  KV_ASSIGN_OR_RETURN(SourceTree sources, ReadSources(stage.path));
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  const fs::path engine = folder / "engine";
  KV_RETURN_IF_ERROR(WriteSources(sources, engine));
  ProgramOptions options;
  // A repository around the folder would make git leave out paths.
  options.environment = {
      {"GIT_CEILING_DIRECTORIES", folder.string()},
      {"GIT_DIR", (folder / "none").string()}};
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput applied,
      RunProgram(
          {"git", "apply", "-p1", "--whitespace=nowarn", mutant.patch.string()},
          engine, options));
  if (applied.exit_code != 0) {
    return Status::Aborted(applied.text);
  }
  KV_ASSIGN_OR_RETURN(SourceTree mutated, ReadSources(engine));
  if (mutated == sources) {
    return Status::Aborted("the patch changes nothing");
  }
  return mutated;
}

void RunMutant(
    Environment& environment, const StageTree& stage, const Mutant& mutant,
    const SourceTree& sources, Report& report) {
  const std::string file = stage.folder + "/mutants/" + mutant.name + ".patch";
  OverlayBuild overlay = MakeOverlay(environment, stage);
  const Status built = overlay.Build(sources);
  if (!built.ok()) {
    report.Violate(file, 0, "does not build: " + built.ToString());
    return;
  }
  const auto outcomes = RunPrograms(overlay, &mutant.caught_by);
  if (!outcomes.ok()) {
    report.Violate(file, 0, outcomes.status().ToString());
    return;
  }
  report.Looked(1, "mutants run");
  const bool caught = std::any_of(
      outcomes->begin(), outcomes->end(), [](const TestOutcome& outcome) {
        return outcome.verdict == Verdict::kFailed;
      });
  if (!caught) {
    std::string how;
    for (const TestOutcome& outcome : *outcomes) {
      how += fmt::format(
          "{}{} {}", how.empty() ? "" : ", ", outcome.name,
          VerdictName(outcome.verdict));
    }
    report.Violate(
        file, 0,
        "no assertion of the tests that should catch it fails: " +
            (how.empty() ? "there is no such test" : how));
  }
}

void CheckMutantsPerExercise(
    const StageTree& stage, const std::map<std::string, size_t>& count,
    Report& report) {
  const Result<Manifest> manifest = LoadManifest(stage.path);
  if (!manifest.ok()) {
    report.Violate(
        stage.folder + "/exercises.json", 0, manifest.status().ToString());
    return;
  }
  for (const auto& [exercise, mutants] : count) {
    if (manifest->FindExercise(exercise) == nullptr) {
      report.Violate(
          stage.folder + "/mutants", 0,
          "mutants of " + exercise + ", which is not an exercise");
    }
  }
  for (const Exercise& exercise : manifest->exercises) {
    const auto it = count.find(exercise.id);
    const size_t mutants = it == count.end() ? 0 : it->second;
    if (exercise.kind == ExerciseKind::kCode && mutants < 3) {
      report.Violate(
          stage.folder + "/mutants", 0,
          fmt::format(
              "exercise {} has {} mutants, and at least three are wanted",
              exercise.id, mutants));
    }
    for (const std::string& name : exercise.mutants) {
      if (!stage.Has("mutants/" + name + ".patch")) {
        report.Violate(
            stage.folder + "/exercises.json", 0,
            "exercise " + exercise.id + " names mutant " + name +
                ", which is not there");
      }
    }
  }
}

}  // namespace

void CheckStarters(Environment& environment, Report& report) {
  struct Single {
    const StageTree* stage;
    Manifest manifest;
    std::string exercise;
  };
  std::vector<Single> singles;
  for (const StageTree& stage : environment.project.stages) {
    const Result<Manifest> manifest = LoadManifest(stage.path);
    if (!manifest.ok()) {
      report.Violate(
          stage.folder + "/exercises.json", 0, manifest.status().ToString());
      continue;
    }
    for (const Part& part : manifest->parts) {
      CheckStarter(environment, stage, *manifest, part.id, report);
    }
    for (const Exercise& exercise : manifest->exercises) {
      singles.push_back({&stage, *manifest, exercise.id});
    }
  }
  for (const size_t index : environment.Turn(singles.size())) {
    const Single& single = singles[index];
    CheckSolvedAlone(
        environment, *single.stage, single.manifest,
        *single.manifest.FindExercise(single.exercise), report);
  }
}

void CheckMutants(Environment& environment, Report& report) {
  struct Applied {
    const StageTree* stage;
    Mutant mutant;
    SourceTree sources;
  };
  std::vector<Applied> applied;
  for (const StageTree& stage : environment.project.stages) {
    std::map<std::string, size_t> count;
    for (const std::string& file : stage.files) {
      if (file.rfind("mutants/", 0) != 0 ||
          fs::path(file).extension() != ".patch") {
        continue;
      }
      report.Looked(1, "mutants");
      const std::string stem = fs::path(file).stem().string();
      ++count[stem.substr(0, stem.find('-'))];
      const std::string name = stage.folder + "/" + file;
      const Result<std::string> text = ReadText(stage.path / file);
      const Result<Mutant> mutant = text.ok()
          ? ParseMutant(stage.path / file, *text)
          : Result<Mutant>(text.status());
      if (!mutant.ok()) {
        report.Violate(name, 0, mutant.status().ToString());
        continue;
      }
      Result<SourceTree> sources =
          ApplyMutant(stage, *mutant, environment.build / "check" / "mutant");
      if (!sources.ok()) {
        report.Violate(
            name, 0, "does not apply: " + sources.status().ToString());
        continue;
      }
      applied.push_back({&stage, *mutant, std::move(sources).value()});
    }
    CheckMutantsPerExercise(stage, count, report);
  }
  if (!environment.run_programs) {
    return;
  }
  for (const size_t index : environment.Turn(applied.size())) {
    RunMutant(
        environment, *applied[index].stage, applied[index].mutant,
        applied[index].sources, report);
  }
}

}  // namespace kv::tool
