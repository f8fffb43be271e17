// The rule exercises: exercises.json is sound, its functions and tests exist.

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"
#include "common/tool/course/emptier.h"
#include "common/tool/course/manifest.h"
#include "common/tool/maintain/line_diff.h"
#include "common/tool/run/gtest_output.h"
#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

std::string ManifestName(const StageTree& stage) {
  return stage.folder + "/exercises.json";
}

// Includes, namespaces and access labels: nobody would write them as an
// exercise, and nobody learns from them.
bool IsFrame(std::string_view line) {
  return line.substr(0, 1) == "#" || line.substr(0, 9) == "namespace" ||
      line == "public:" || line == "private:" || line == "protected:";
}

// Lines on which code stands, as flags.
std::vector<bool> CodeLines(const std::string& text) {
  std::vector<bool> is_code;
  for (const std::string& line : SplitComments(text).code) {
    const bool has_word = std::any_of(line.begin(), line.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
    is_code.push_back(has_word && !IsFrame(Trim(line)));
  }
  return is_code;
}

// Lines of code that the stage adds to the engine, by file. A line that was
// only moved, from one file of the engine to another, is not one of them.
std::map<std::string, std::set<size_t>> AddedCode(
    const StageTree* before, const StageTree& stage) {
  std::map<std::string, std::set<size_t>> added;
  std::map<std::string, std::vector<std::string>> files;
  // How often each line is gone from each file.
  std::map<std::string, std::map<std::string, size_t>> removed;
  for (const auto& [file, change] : CompareStages(before, stage)) {
    if (!IsEngineFile(file) || change == FileChange::kSame ||
        change == FileChange::kRetired) {
      continue;
    }
    const std::string text = ReadText(stage.path / file).value();
    const std::vector<bool> is_code = CodeLines(text);
    const std::vector<std::string>& now = files[file] = SplitLines(text);
    std::vector<std::string> old;
    if (change == FileChange::kChanged) {
      old = SplitLines(ReadText(before->path / file).value());
    }
    for (const Hunk& hunk : DiffLines(old, now)) {
      for (size_t i = hunk.new_begin; i < hunk.new_end; ++i) {
        if (i < is_code.size() && is_code[i]) {
          added[file].insert(i);
        }
      }
      for (size_t i = hunk.old_begin; i < hunk.old_end; ++i) {
        ++removed[std::string(Trim(old[i]))][file];
      }
    }
  }
  for (auto& [file, lines] : added) {
    for (auto line = lines.begin(); line != lines.end();) {
      auto& places = removed[std::string(Trim(files[file][*line]))];
      const auto from = std::find_if(
          places.begin(), places.end(), [&file = file](const auto& place) {
            return place.first != file && place.second > 0;
          });
      if (from == places.end()) {
        ++line;
        continue;
      }
      --from->second;
      line = lines.erase(line);
    }
  }
  return added;
}

struct Share {
  size_t in_exercises = 0;
  size_t added = 0;
};

// Reports functions that do not exist or may not be exercises, and counts the
// lines of those that do.
Share CheckFunctions(
    const StageTree* before, const StageTree& stage, const Manifest& manifest,
    Report& report) {
  Share share;
  auto added = AddedCode(before, stage);
  for (const auto& [file, lines] : added) {
    share.added += lines.size();
  }
  const Result<SourceTree> tree = ReadSources(stage.path);
  if (!tree.ok()) {
    report.Violate(stage.folder, 0, tree.status().ToString());
    return share;
  }
  for (const Exercise& exercise : manifest.exercises) {
    std::vector<std::string> specs = exercise.functions;
    specs.insert(specs.end(), exercise.helpers.begin(), exercise.helpers.end());
    for (const std::string& spec : specs) {
      report.Looked(1, "functions");
      const auto found = FindExerciseFunction(*tree, exercise, spec);
      if (!found.ok()) {
        report.Violate(
            ManifestName(stage), 0,
            "exercise " + exercise.id + ": " + found.status().ToString());
        continue;
      }
      const std::string& text = tree->at(found->file);
      const Status allowed = CheckMayBeExercise(found->function, text);
      if (!allowed.ok()) {
        report.Violate(
            stage.folder + "/" + found->file,
            LineOf(text, found->function.begin),
            "exercise " + exercise.id + ": " + allowed.ToString());
      }
      const size_t first = LineOf(text, found->function.begin) - 1;
      const size_t last = LineOf(text, found->function.end - 1) - 1;
      for (size_t line = first; line <= last; ++line) {
        share.in_exercises += added[found->file].erase(line);
      }
    }
  }
  return share;
}

void CheckParts(
    const StageTree& stage, const Manifest& manifest, Report& report) {
  for (const Part& part : manifest.parts) {
    const auto exercises = manifest.ExercisesOf(part.id);
    report.Looked(exercises.size(), "exercises");
    if (exercises.size() < 3 || exercises.size() > 6) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format(
              "part {} has {} exercises, and 3 to 6 are wanted", part.id,
              exercises.size()));
    }
    const Exercise* last_core = nullptr;
    double hours = 0;
    for (const Exercise* exercise : exercises) {
      if (exercise->core) {
        last_core = exercise;
        hours += exercise->hours;
      }
    }
    if (last_core == nullptr || last_core->kind != ExerciseKind::kTest) {
      report.Violate(
          ManifestName(stage), 0,
          "the last core exercise of part " + part.id +
              " is not to write a test");
    }
    if (hours < 4 || hours > 9) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format(
              "the core exercises of part {} take {} hours, and 4 to 9 are "
              "wanted",
              part.id, hours));
    }
  }
}

// Who a test belongs to, by the stage's own entries.
std::vector<std::string> OwnersOf(
    const Manifest& manifest, const std::string& test) {
  std::vector<std::string> owners;
  for (const Exercise& exercise : manifest.exercises) {
    if (MatchesAny(exercise.tests, test)) {
      owners.push_back("exercise " + exercise.id);
    }
  }
  for (const TestGroup& group : manifest.groups) {
    if (MatchesAny(group.tests, test)) {
      owners.push_back("group " + group.id);
    }
  }
  return owners;
}

void CheckPatterns(
    const StageTree& stage, const std::string& owner,
    const std::vector<std::string>& patterns,
    const std::vector<std::string>& tests, Report& report) {
  for (const std::string& pattern : patterns) {
    const bool found = std::any_of(
        tests.begin(), tests.end(),
        [&](const std::string& test) { return MatchesPattern(pattern, test); });
    if (!found) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format("{}: no test matches {}", owner, pattern));
    }
  }
}

void CheckTests(
    const StageTree& stage, const Manifest& manifest,
    const std::vector<std::string>& tests,
    const std::set<std::string>& inherited, Report& report) {
  for (const std::string& test : tests) {
    report.Looked(1, "tests");
    const std::vector<std::string> owners = OwnersOf(manifest, test);
    if (owners.size() > 1) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format(
              "test {} belongs to {}: one owner is wanted", test,
              fmt::join(owners, " and to ")));
    } else if (owners.empty() && inherited.count(test) == 0) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format(
              "test {} is new and belongs to no exercise or group", test));
    }
  }
  for (const Exercise& exercise : manifest.exercises) {
    CheckPatterns(
        stage, "exercise " + exercise.id, exercise.tests, tests, report);
  }
  for (const TestGroup& group : manifest.groups) {
    CheckPatterns(stage, "group " + group.id, group.tests, tests, report);
  }
}

}  // namespace

void CheckExercises(Environment& environment, Report& report) {
  std::set<std::string> inherited;
  for (const StageTree& stage : environment.project.stages) {
    const Result<Manifest> manifest = LoadManifest(stage.path);
    if (!manifest.ok()) {
      report.Violate(ManifestName(stage), 0, manifest.status().ToString());
      continue;
    }
    CheckParts(stage, *manifest, report);
    const Share share = CheckFunctions(
        environment.project.Before(stage), stage, *manifest, report);
    const size_t percent =
        share.added == 0 ? 0 : share.in_exercises * 100 / share.added;
    report.Note(fmt::format(
        "stage {}: {} of {} lines of code that it adds to the engine are in "
        "exercises ({} %)",
        stage.number, share.in_exercises, share.added, percent));
    if (percent < 40) {
      report.Violate(
          ManifestName(stage), 0,
          fmt::format(
              "{} % of the engine's new lines are in exercises, and at least "
              "40 % are wanted",
              percent));
    }
    const Result<std::vector<std::string>> tests =
        environment.list_tests(stage);
    if (!tests.ok()) {
      report.Violate(stage.folder, 0, tests.status().ToString());
      continue;
    }
    CheckTests(stage, *manifest, *tests, inherited, report);
    inherited.insert(tests->begin(), tests->end());
  }
}

}  // namespace kv::tool
