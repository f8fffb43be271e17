#include "common/tool/check/rule.h"

#include <algorithm>
#include <array>

namespace kv::tool {

size_t Report::LookedTotal() const {
  size_t total = 0;
  for (const auto& [what, count] : looked_) {
    total += count;
  }
  return total;
}

bool Report::Failed(bool strict) const {
  if (!violations_.empty()) {
    return true;
  }
  if (!skips_.empty()) {
    return strict;
  }
  return LookedTotal() == 0;
}

std::set<size_t> Environment::Turn(size_t count) const {
  std::set<size_t> turn;
  constexpr size_t kTurns = 10;
  for (size_t i = 0; i < count; ++i) {
    if (all || i % kTurns == rotation % kTurns) {
      turn.insert(i);
    }
  }
  if (turn.empty() && count > 0) {
    turn.insert(static_cast<size_t>(rotation) % count);
  }
  return turn;
}

const std::vector<Rule>& AllRules() {
  static const std::vector<Rule> kRules = {
      {"top-level", "Nothing but what belongs there stands at the top",
       CheckTopLevel},
      {"what-changed",
       "\"What changed\" in each README equals the real difference",
       CheckWhatChanged},
      {"frozen-tests", "Tests stay as they were born", CheckFrozenTests},
      {"removed-lines", "A stage adds to the one before, and hardly removes",
       CheckRemovedLines},
      {"noise", "No hunk changes only white space or comments", CheckNoise},
      {"no-history", "Code names neither its stage nor its history",
       CheckNoHistory},
      {"forbidden-words", "No machine's paths or names", CheckForbiddenWords},
      {"layers", "Includes point downwards only", CheckLayers},
      {"links", "Links in documents resolve", CheckLinks},
      {"quoted-code", "Code quoted in chapters stands in the source",
       CheckQuotedCode},
      {"chapters", "Chapters have their sections, hints and length",
       CheckChapters},
      {"format", "Sources are formatted by clang-format 14", CheckFormat,
       /*slow=*/true},
      {"doxygen", "Doxygen has no warnings", CheckDoxygen, /*slow=*/true},
      {"exercises",
       "exercises.json is sound, and each new test belongs to one exercise",
       CheckExercises, /*slow=*/true},
      {"seams", "Engines reach the machine only through the seams", CheckSeams,
       /*slow=*/true},
      {"browser", "Engines compile for a browser, from stage 05 on",
       CheckBrowser, /*slow=*/true},
      {"mutants-apply", "Mutants apply without fuzz and are caught",
       CheckMutants, /*slow=*/true},
      {"starters", "In a starter every test passes or fails naming an exercise",
       CheckStarters, /*slow=*/true},
      {"standalone", "A stage builds and passes with only common/ beside it",
       CheckStandalone, /*slow=*/true},
      {"ccache", "A file that two stages share is compiled once", CheckCcache},
  };
  return kRules;
}

}  // namespace kv::tool
