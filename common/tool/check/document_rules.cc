// Rules over documents: links, quoted-code, chapters.

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "common/tool/check/markdown.h"
#include "common/tool/check/rule.h"
#include "common/tool/course/manifest.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

bool IsMarkdown(const std::string& file) {
  return file.size() > 3 && file.substr(file.size() - 3) == ".md";
}

// Pages by file, relative to the root.
using Pages = std::map<std::string, MarkdownPage>;

Pages LoadPages(const ProjectTree& project) {
  Pages pages;
  for (const std::string& file : project.files) {
    if (IsMarkdown(file)) {
      const Result<std::string> text = ReadText(project.root / file);
      pages[file] = ParseMarkdown(text.ok() ? *text : "");
    }
  }
  return pages;
}

bool IsExternal(const std::string& target) {
  return target.find("://") != std::string::npos ||
      target.rfind("mailto:", 0) == 0;
}

std::string UnescapeSpaces(std::string text) {
  for (size_t at = text.find("%20"); at != std::string::npos;
       at = text.find("%20")) {
    text.replace(at, 3, " ");
  }
  return text;
}

// Empty if the link resolves.
std::string WhyBroken(
    const ProjectTree& project, const Pages& pages, const std::string& page,
    const std::string& target) {
  const size_t hash = target.find('#');
  const std::string path = UnescapeSpaces(target.substr(0, hash));
  const std::string anchor =
      hash == std::string::npos ? "" : target.substr(hash + 1);
  std::string file = page;
  if (!path.empty()) {
    file = (fs::path(page).parent_path() / path)
               .lexically_normal()
               .generic_string();
    if (!file.empty() && file.back() == '/') {
      file.pop_back();
    }
    const bool known =
        std::binary_search(project.files.begin(), project.files.end(), file) ||
        (file.rfind("..", 0) != 0 && fs::is_directory(project.root / file));
    if (!known) {
      return "leads to " + file + ", which does not belong to the project";
    }
  }
  const auto linked = pages.find(file);
  if (anchor.empty() || linked == pages.end()) {
    return "";
  }
  return linked->second.anchors.count(anchor) > 0
      ? ""
      : file + " has no heading for #" + anchor;
}

// A quote: `<!-- quote: FILE -->` before the block, or ```cpp file=FILE.
std::string QuotedFile(const CodeBlock& block) {
  if (block.marker_name == "quote") {
    return block.marker_value;
  }
  const size_t at = block.info.find("file=");
  return at == std::string::npos ? "" : block.info.substr(at + 5);
}

// "01" for docs/stages/01_inmemory.md and for stage01_inmemory/README.md.
std::string StageOfPage(const std::string& page) {
  if (page.rfind("docs/stages/", 0) == 0) {
    return page.substr(12, 2);
  }
  return page.rfind("stage", 0) == 0 ? page.substr(5, 2) : "";
}

// Where the quoted file is: in the stage that the page is about, or named
// from the root.
fs::path FindQuoted(
    const ProjectTree& project, const std::string& page,
    const std::string& file) {
  if (std::binary_search(project.files.begin(), project.files.end(), file)) {
    return project.root / file;
  }
  for (const StageTree& stage : project.stages) {
    if (stage.number == StageOfPage(page) && stage.Has(file)) {
      return stage.path / file;
    }
  }
  return {};
}

bool IsEllipsis(std::string_view line) {
  line = Trim(line);
  return line == "..." || line == "// ..." || line == "…" || line == "// …";
}

// The lines without the indentation that they share, and without white space
// at their ends.
std::vector<std::string> Unindent(std::vector<std::string> lines) {
  size_t shared = std::string::npos;
  for (const std::string& line : lines) {
    const size_t indent = line.find_first_not_of(' ');
    if (indent != std::string::npos) {
      shared = std::min(shared, indent);
    }
  }
  for (std::string& line : lines) {
    line.erase(0, std::min(line.size(), shared));
    line.erase(line.find_last_not_of(" \t\r") + 1);
  }
  return lines;
}

bool StandsAt(
    const std::vector<std::string>& source, size_t at,
    const std::vector<std::string>& part) {
  if (at + part.size() > source.size()) {
    return false;
  }
  const std::vector<std::string> piece = Unindent(
      {source.begin() + static_cast<std::ptrdiff_t>(at),
       source.begin() + static_cast<std::ptrdiff_t>(at + part.size())});
  return piece == part;
}

// Each run of lines between ellipses stands in the source, in this order.
// Returns the first line of the run that does not, or nothing.
std::string MissingLine(
    const std::vector<std::string>& source,
    const std::vector<std::string>& quote) {
  size_t at = 0;
  std::vector<std::string> part;
  for (size_t i = 0; i <= quote.size(); ++i) {
    if (i < quote.size() && !IsEllipsis(quote[i])) {
      part.push_back(quote[i]);
      continue;
    }
    while (!part.empty() && Trim(part.front()).empty()) {
      part.erase(part.begin());
    }
    while (!part.empty() && Trim(part.back()).empty()) {
      part.pop_back();
    }
    if (part.empty()) {
      continue;
    }
    const std::vector<std::string> wanted = Unindent(part);
    while (at < source.size() && !StandsAt(source, at, wanted)) {
      ++at;
    }
    if (at >= source.size()) {
      return wanted.front();
    }
    at += wanted.size();
    part.clear();
  }
  return "";
}

constexpr std::array kSections = {
    "Learning goals",
    "What you need to know first",
    "What the last stage cannot do",
    "What you will have",
    "Invariants",
    "Ideas",
    "Bytes on disk",
    "Predict first",
    "A tour of the diff",
    "Exercises",
    "Checkpoint",
    "Measure it",
    "Break it",
    "Questions",
    "What real systems do instead",
    "Bonus",
    "You can now",
    "Further reading",
};

void CheckSections(
    const std::string& file, const MarkdownPage& page, Report& report) {
  size_t next = 0;  // the section that may come next
  std::set<size_t> seen;
  for (const Heading& heading : page.headings) {
    for (size_t i = 0; i < kSections.size(); ++i) {
      if (heading.level != 2 || heading.text.rfind(kSections[i], 0) != 0) {
        continue;
      }
      report.Looked(1, "sections");
      if (i < next) {
        report.Violate(
            file, heading.line,
            fmt::format(
                "section \"{}\" comes after \"{}\"", kSections[i],
                kSections[next - 1]));
      }
      next = std::max(next, i + 1);
      seen.insert(i);
      break;
    }
  }
  for (size_t i = 0; i < kSections.size(); ++i) {
    if (seen.count(i) == 0) {
      report.Violate(
          file, 0, fmt::format("has no section \"{}\"", kSections[i]));
    }
  }
}

// Hints stand under "### Exercise N.M".
void CheckHints(
    const std::string& file, const MarkdownPage& page, const Manifest& manifest,
    const Part& part, Report& report) {
  std::map<std::string, size_t> hints;
  std::string exercise;
  size_t heading = 0;
  for (size_t i = 0; i < page.prose.size(); ++i) {
    while (heading < page.headings.size() &&
           page.headings[heading].line <= i + 1) {
      const std::string& text = page.headings[heading].text;
      if (page.headings[heading].level <= 3) {
        exercise.clear();
      }
      if (text.rfind("Exercise ", 0) == 0) {
        exercise = text.substr(9, text.find_first_of(": ", 9) - 9);
        hints.emplace(exercise, 0);
      }
      ++heading;
    }
    if (!exercise.empty() &&
        page.prose[i].find("<summary>Hint") != std::string::npos) {
      ++hints[exercise];
      report.Looked(1, "hints");
    }
  }
  for (const Exercise* wanted : manifest.ExercisesOf(part.id)) {
    const auto it = hints.find(wanted->id);
    if (it == hints.end()) {
      report.Violate(
          file, 0,
          "has no section \"Exercise " + wanted->id +
              "\", which "
              "exercises.json has");
    } else if (it->second != 3) {
      report.Violate(
          file, 0,
          fmt::format(
              "exercise {} has {} hints, and three are wanted", wanted->id,
              it->second));
    }
  }
}

}  // namespace

void CheckLinks(Environment& environment, Report& report) {
  const Pages pages = LoadPages(environment.project);
  for (const auto& [file, page] : pages) {
    report.Looked(1, "pages");
    for (const Link& link : page.links) {
      if (IsExternal(link.target) || link.target.empty()) {
        continue;
      }
      report.Looked(1, "links");
      const std::string why =
          WhyBroken(environment.project, pages, file, link.target);
      if (!why.empty()) {
        report.Violate(file, link.line, "link " + link.target + " " + why);
      }
    }
  }
}

void CheckQuotedCode(Environment& environment, Report& report) {
  size_t unmarked = 0;
  for (const auto& [file, page] : LoadPages(environment.project)) {
    for (const CodeBlock& block : page.blocks) {
      const std::string quoted = QuotedFile(block);
      if (quoted.empty()) {
        unmarked += block.info.rfind("cpp", 0) == 0 ? 1u : 0u;
        continue;
      }
      report.Looked(1, "quotes");
      const fs::path path = FindQuoted(environment.project, file, quoted);
      const Result<std::string> source =
          path.empty() ? Status::NotFound() : ReadText(path);
      if (!source.ok()) {
        report.Violate(
            file, block.line,
            "quotes " + quoted +
                ", which is "
                "not there");
        continue;
      }
      const std::string missing =
          MissingLine(Unindent(SplitLines(*source)), block.lines);
      if (!missing.empty()) {
        report.Violate(
            file, block.line,
            fmt::format(
                "quotes {}, where these lines do not stand (from: {})", quoted,
                missing));
      }
    }
  }
  report.Note(
      fmt::format("{} blocks of C++ are not marked as quotes", unmarked));
}

void CheckChapters(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    const Result<Manifest> manifest = LoadManifest(stage.path);
    if (!manifest.ok()) {
      report.Violate(
          stage.folder + "/exercises.json", 0, manifest.status().ToString());
      continue;
    }
    for (const Part& part : manifest->parts) {
      const Result<std::string> text =
          ReadText(environment.project.root / part.chapter);
      if (!text.ok()) {
        report.Violate(
            part.chapter, 0, "the chapter of part " + part.id + " is missing");
        continue;
      }
      report.Looked(1, "chapters");
      const MarkdownPage page = ParseMarkdown(*text);
      CheckSections(part.chapter, page, report);
      CheckHints(part.chapter, page, *manifest, part, report);
      report.Note(fmt::format("{}: {} words", part.chapter, page.words));
      if (page.words < 1500 || page.words > 3000) {
        report.Violate(
            part.chapter, 0,
            fmt::format(
                "has {} words without hints and answers, and 1500 to 3000 "
                "are wanted",
                page.words));
      }
    }
  }
}

}  // namespace kv::tool
