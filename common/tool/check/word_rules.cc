// Rules over words: no-history, forbidden-words.

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <regex>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"

namespace kv::tool {
namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// What tells history, in comments.
constexpr std::array kHistoryPhrases = {
    "for now",
    "previously",
    "was changed",
    "was added",
    "was moved",
    "used to be",
    "no longer needed",
    "formerly",
    "earlier stage",
    "previous stage",
    "last stage",
    "next stage",
    "later stage",
    "this stage",
    "in a later part",
    "earlier version of this code",
    "new in",
    "todo",
    "fixme",
    "xxx",
    "hack",
};

// The phrase that stands in the comment as whole words.
std::optional<std::string> HistoryPhrase(std::string_view comment) {
  const std::string text = Lower(comment);
  for (const std::string_view phrase : kHistoryPhrases) {
    for (size_t at = text.find(phrase); at != std::string::npos;
         at = text.find(phrase, at + 1)) {
      const size_t end = at + phrase.size();
      if ((at == 0 || !IsWordByte(text[at - 1])) &&
          (end == text.size() || !IsWordByte(text[end]))) {
        return std::string(phrase);
      }
    }
  }
  return std::nullopt;
}

// "stage 03", "stage03", "Stage_3", "kStage3".
std::optional<std::string> StageName(std::string_view line) {
  const std::string text = Lower(line);
  for (size_t at = text.find("stage"); at != std::string::npos;
       at = text.find("stage", at + 1)) {
    size_t end = at + 5;
    if (end < text.size() && text[end] == 's') {
      ++end;
    }
    while (end < text.size() &&
           (text[end] == ' ' || text[end] == '_' || text[end] == '-')) {
      ++end;
    }
    if (end < text.size() &&
        std::isdigit(static_cast<unsigned char>(text[end])) != 0) {
      while (end < text.size() && IsWordByte(text[end])) {
        ++end;
      }
      return std::string(line.substr(at, end - at));
    }
  }
  return std::nullopt;
}

void CheckHistoryInFile(
    const std::string& file, const std::string& text, Report& report) {
  const SourceText source = SplitComments(text);
  for (size_t i = 0; i < source.code.size(); ++i) {
    for (const std::string* line : {&source.code[i], &source.comments[i]}) {
      if (line->find("ExerciseTodo") != std::string::npos) {
        continue;
      }
      if (const auto name = StageName(*line)) {
        report.Violate(file, i + 1, "names a stage: \"" + *name + "\"");
      }
    }
    if (const auto phrase = HistoryPhrase(source.comments[i])) {
      report.Violate(file, i + 1, "tells its history: \"" + *phrase + "\"");
    }
  }
  report.Looked(source.code.size(), "lines");
}

// What must not stand in any file. A line is looked at closely only if it has
// one of the hints. Written so that this file does not break its own rule.
struct ForbiddenPattern {
  const char* what;
  std::vector<const char*> hints;
  std::regex pattern;
};

const std::vector<ForbiddenPattern>& ForbiddenPatterns() {
  static const std::vector<ForbiddenPattern> kPatterns = {
      {"a machine's path",
       {"/root/"},
       std::regex("(^|[^A-Za-z0-9_.}-])/root/[A-Za-z.]")},
      {"a machine's path",
       {"/home/"},
       std::regex("/home/(?!user/|you/|me/|alice/)[a-z]+/")},
      {"a host inside a private network",
       {"://"},
       std::regex(
           "https?://[A-Za-z0-9-]+([.](internal|local|lan|corp|intra))?"
           "(:[0-9]+)?/(simple|debian|npm|artifactory|repository|packages)")},
      {"an address of a private network",
       {"10.", "192.168.", "172."},
       std::regex(
           "(^|[^0-9.])(10[.][0-9]+|192[.]168|172[.](1[6-9]|2[0-9]|3[01]))"
           "[.][0-9]+[.][0-9]+([^0-9.]|$)")},
  };
  return kPatterns;
}

bool HasHint(const std::string& line, const std::vector<const char*>& hints) {
  return std::any_of(hints.begin(), hints.end(), [&line](const char* hint) {
    return line.find(hint) != std::string::npos;
  });
}

bool IsText(std::string_view text) {
  return text.substr(0, 8000).find('\0') == std::string_view::npos;
}

}  // namespace

void CheckNoHistory(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    for (const std::string& file : stage.files) {
      if (!IsLineageFile(file) || !IsSource(file)) {
        continue;
      }
      const Result<std::string> text = ReadText(stage.path / file);
      if (text.ok()) {
        report.Looked(1, "files");
        CheckHistoryInFile(stage.folder + "/" + file, *text, report);
      }
    }
  }
  // What stages share is read in every stage. The tool and the benchmarks
  // speak about stages: that is their subject.
  for (const std::string& file : environment.project.files) {
    const bool shared = StartsWith(file, "common/") &&
        !StartsWith(file, "common/tool/") && !StartsWith(file, "common/bench/");
    if (!shared || !IsSource(file) || EndsWith(file, "_test.cc")) {
      continue;
    }
    const Result<std::string> text = ReadText(environment.project.root / file);
    if (text.ok()) {
      report.Looked(1, "files");
      CheckHistoryInFile(file, *text, report);
    }
  }
}

void CheckForbiddenWords(Environment& environment, Report& report) {
  for (const std::string& file : environment.project.files) {
    const Result<std::string> text = ReadText(environment.project.root / file);
    if (!text.ok() || !IsText(*text)) {
      continue;
    }
    report.Looked(1, "files");
    // The rule's own words and planted violations.
    if (file == "common/tool/check/word_rules.cc" ||
        file == "common/tool/tests/check_words_test.cc") {
      continue;
    }
    const std::vector<std::string> lines = SplitLines(*text);
    for (size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].size() > 4000) {
        continue;  // generated: a picture or data
      }
      for (const ForbiddenPattern& forbidden : ForbiddenPatterns()) {
        std::smatch match;
        if (HasHint(lines[i], forbidden.hints) &&
            std::regex_search(lines[i], match, forbidden.pattern)) {
          report.Violate(
              file, i + 1,
              fmt::format("{}: \"{}\"", forbidden.what, match.str()));
        }
      }
    }
  }
}

}  // namespace kv::tool
