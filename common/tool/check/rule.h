#pragma once

// What a rule of `wb check` is, and what it reports.
//
// Contract: a rule looks at the project of its Environment, counts in
//   Report::Looked everything that it examined, and reports what breaks its
//   promise. A rule that looked at nothing has failed: it proves nothing.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {

struct Violation {
  std::string file;  ///< relative to the root; may be empty
  size_t line = 0;  ///< counts from 1; 0: the whole file
  std::string text;
};

class Report {
 public:
  void Looked(size_t count, const std::string& what) { looked_[what] += count; }
  void Violate(std::string file, size_t line, std::string text) {
    violations_.push_back({std::move(file), line, std::move(text)});
  }
  /// An optional tool is absent: what could not be looked at for that.
  void Skip(std::string tool, std::string what) {
    skips_.push_back({std::move(tool), std::move(what)});
  }
  /// A figure worth printing.
  void Note(std::string text) { notes_.push_back(std::move(text)); }

  struct Skipped {
    std::string tool;
    std::string what;
  };

  const std::map<std::string, size_t>& looked() const { return looked_; }
  size_t LookedTotal() const;
  const std::vector<Violation>& violations() const { return violations_; }
  const std::vector<Skipped>& skips() const { return skips_; }
  const std::vector<std::string>& notes() const { return notes_; }

  /// What was promised does not hold, or nothing was looked at. A skip is a
  /// failure where every tool must be there (`strict`).
  bool Failed(bool strict) const;

 private:
  std::map<std::string, size_t> looked_;
  std::vector<Violation> violations_;
  std::vector<Skipped> skips_;
  std::vector<std::string> notes_;
};

/// What rules look at.
struct Environment {
  ProjectTree project;
  /// Everything instead of a rotating part.
  bool all = false;
  /// Chooses the rotating part: the same number, the same part.
  uint64_t rotation = 0;
  /// Where the project is built; rules that need programs build there.
  std::filesystem::path build;
  /// The tests of the stage's programs, by full name; builds them.
  std::function<Result<std::vector<std::string>>(const StageTree&)> list_tests;
  /// The stage's engine as a library; builds it.
  std::function<Result<std::filesystem::path>(const StageTree&)> engine_library;
  /// False leaves out what rules learn by running the stages' own tests.
  bool run_programs = true;

  /// The members of 0 … count-1 whose turn it is: a tenth, at least one; all
  /// with `all`.
  std::set<size_t> Turn(size_t count) const;
};

using RuleFunction = void (*)(Environment& environment, Report& report);

struct Rule {
  const char* name;
  const char* promise;
  RuleFunction run;
  /// Builds or runs programs, and so takes more than a second.
  bool slow = false;
};

// The files of check/ in which the rules are.
void CheckTopLevel(Environment& environment, Report& report);
void CheckWhatChanged(Environment& environment, Report& report);
void CheckFrozenTests(Environment& environment, Report& report);
void CheckRemovedLines(Environment& environment, Report& report);
void CheckNoise(Environment& environment, Report& report);
void CheckNoHistory(Environment& environment, Report& report);
void CheckForbiddenWords(Environment& environment, Report& report);
void CheckLayers(Environment& environment, Report& report);
void CheckLinks(Environment& environment, Report& report);
void CheckQuotedCode(Environment& environment, Report& report);
void CheckChapters(Environment& environment, Report& report);
void CheckFormat(Environment& environment, Report& report);
void CheckDoxygen(Environment& environment, Report& report);
void CheckCcache(Environment& environment, Report& report);
void CheckExercises(Environment& environment, Report& report);
void CheckStarters(Environment& environment, Report& report);
void CheckMutants(Environment& environment, Report& report);
void CheckSeams(Environment& environment, Report& report);
void CheckBrowser(Environment& environment, Report& report);
void CheckStandalone(Environment& environment, Report& report);

/// All rules, in the order in which they are checked.
const std::vector<Rule>& AllRules();

}  // namespace kv::tool
