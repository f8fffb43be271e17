#include "common/tool/maintain/diff_page.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "common/tool/maintain/project_tree.h"

namespace kv::tool {
namespace {

// Longer new and retired files begin folded: they are read as files, not as
// differences.
constexpr int kOpenLinesMax = 300;

constexpr const char* kHead = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root {
  --page: #ffffff; --text: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --bar: #f6f8fa; --link: #0550ae;
  --added: #dafbe1; --added-text: #116329;
  --removed: #ffebe9; --removed-text: #a40e26;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #3d444d;
    --bar: #151b23; --link: #79c0ff;
    --added: #12361f; --added-text: #7ee787;
    --removed: #4a1a1c; --removed-text: #ffa198;
  }
}
body {
  margin: 0 auto; max-width: 75rem; padding: 1rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
a { color: var(--link); }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
.files td, .files th {
  border-bottom: 1px solid var(--line); padding: .2rem .8rem .2rem 0;
  text-align: left; overflow-wrap: anywhere;
}
.files .count { text-align: right; font-variant-numeric: tabular-nums; }
.plus { color: var(--added-text); }
.minus { color: var(--removed-text); }
details { border: 1px solid var(--line); border-radius: .4rem;
  margin: 1rem 0; }
summary { background: var(--bar); padding: .4rem .8rem; cursor: pointer;
  overflow-wrap: anywhere; border-radius: .4rem; }
.scroll { overflow-x: auto; }
.lines { width: 100%; }
.lines td { font: .8rem/1.45 ui-monospace, Menlo, Consolas, monospace;
  padding: 0 .5rem; white-space: pre; tab-size: 2; }
.lines .number, .lines .sign { color: var(--soft); text-align: right;
  user-select: none; width: 1%; }
.lines .code { width: 97%; }
.lines .hunk td { background: var(--bar); color: var(--soft);
  padding: .2rem .5rem; }
tr.added { background: var(--added); }
tr.removed { background: var(--removed); }
.note { color: var(--soft); font-style: italic; }
</style>
)";

std::string Counts(const FileDiff& file) {
  return fmt::format(
      R"(<span class="plus">+{}</span> <span class="minus">-{}</span>)",
      file.added, file.removed);
}

std::string FilesTable(const DiffPage& page) {
  std::string html =
      "<table class=\"files\">\n<thead><tr><th>File</th><th></th>"
      "<th class=\"count\">Added</th><th class=\"count\">Removed</th></tr>"
      "</thead>\n<tbody>\n";
  for (const FileDiff& file : page.files) {
    const std::string path = EscapeHtml(file.path);
    const std::string name = page.with_lines
        ? fmt::format(R"(<a href="#{0}"><code>{0}</code></a>)", path)
        : fmt::format("<code>{}</code>", path);
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"count plus\">+{}</td>"
        "<td class=\"count minus\">-{}</td></tr>\n",
        name, file.state, file.added, file.removed);
  }
  return html + "</tbody>\n</table>\n";
}

// "@@ -10,7 +12,9 @@ void Class::Method(" as where it stands in both files.
struct HunkHead {
  int old_line = 0;
  int new_line = 0;
  std::string section;
};

HunkHead ReadHunkHead(const std::string& line) {
  HunkHead head;
  int old_count = 0;
  if (std::sscanf(
          line.c_str(), "@@ -%d,%d +%d", &head.old_line, &old_count,
          &head.new_line) != 3) {
    std::sscanf(line.c_str(), "@@ -%d +%d", &head.old_line, &head.new_line);
  }
  const size_t end = line.find("@@", 2);
  if (end != std::string::npos) {
    head.section = std::string(Trim(line.substr(end + 2)));
  }
  return head;
}

std::string HunkRow(const HunkHead& head, bool is_first) {
  // Where all of a file is shown there is nothing to say.
  if (is_first && head.old_line <= 1 && head.new_line <= 1) return "";
  return fmt::format(
      "<tr class=\"hunk\"><td colspan=\"4\">line {}{}{}</td></tr>\n",
      std::max(head.new_line, 1), head.section.empty() ? "" : ": ",
      EscapeHtml(head.section));
}

std::string LineRow(
    const char* row_class, int old_line, int new_line, char sign,
    const std::string& code) {
  const auto number = [](int line) {
    return line == 0 ? std::string() : std::to_string(line);
  };
  return fmt::format(
      "<tr{}><td class=\"number\">{}</td><td class=\"number\">{}</td>"
      "<td class=\"sign\">{}</td><td class=\"code\">{}</td></tr>\n",
      row_class, number(old_line), number(new_line), sign, EscapeHtml(code));
}

std::string LinesTable(const FileDiff& file) {
  std::string rows;
  HunkHead at;
  bool in_hunks = false;
  for (const std::string& line : SplitLines(file.text)) {
    if (line.starts_with("@@")) {
      at = ReadHunkHead(line);
      rows += HunkRow(at, !in_hunks);
      in_hunks = true;
      continue;
    }
    if (!in_hunks) continue;
    const std::string code = line.empty() ? "" : line.substr(1);
    switch (line.empty() ? ' ' : line[0]) {
      case '+':
        rows += LineRow(" class=\"added\"", 0, at.new_line++, '+', code);
        break;
      case '-':
        rows += LineRow(" class=\"removed\"", at.old_line++, 0, '-', code);
        break;
      case '\\':
        rows += fmt::format(
            "<tr class=\"note\"><td></td><td></td><td></td>"
            "<td class=\"code\">{}</td></tr>\n",
            EscapeHtml(Trim(code)));
        break;
      default:
        rows += LineRow("", at.old_line++, at.new_line++, ' ', code);
        break;
    }
  }
  if (rows.empty()) {
    return "<p class=\"note\">No lines to show: empty, or not text.</p>\n";
  }
  return "<div class=\"scroll\"><table class=\"lines\">\n<tbody>\n" + rows +
      "</tbody>\n</table></div>\n";
}

std::string FileSection(const FileDiff& file) {
  const bool open =
      file.state == "changed" || file.added + file.removed <= kOpenLinesMax;
  const std::string path = EscapeHtml(file.path);
  return fmt::format(
      "<details id=\"{0}\"{1}>\n<summary><code>{0}</code> {2} {3}</summary>\n"
      "{4}</details>\n",
      path, open ? " open" : "", file.state, Counts(file), LinesTable(file));
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        // HTML has no control characters but these.
        html += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n'
            ? "\xEF\xBF\xBD"
            : std::string(1, c);
        break;
    }
  }
  return html;
}

std::string DiffTotals(const std::vector<FileDiff>& files) {
  int added = 0;
  int removed = 0;
  for (const FileDiff& file : files) {
    added += file.added;
    removed += file.removed;
  }
  const auto count = [&](std::string_view state) {
    return std::count_if(files.begin(), files.end(), [&](const FileDiff& file) {
      return file.state == state;
    });
  };
  return fmt::format(
      "{} {}: {} new, {} changed, {} retired; {} lines added, {} removed",
      files.size(), files.size() == 1 ? "file" : "files", count("new"),
      count("changed"), count("retired"), added, removed);
}

std::string ToHtml(const DiffPage& page) {
  const std::string title =
      EscapeHtml(fmt::format("{} to {}", page.from, page.to));
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n{}<title>{}</title>\n"
      "</head>\n<body>\n<h1>{}</h1>\n<p>{}.</p>\n",
      kHead, title, title, DiffTotals(page.files));
  if (!page.files.empty()) html += FilesTable(page);
  if (page.with_lines) {
    for (const FileDiff& file : page.files) html += FileSection(file);
  }
  return html + "</body>\n</html>\n";
}

}  // namespace kv::tool
