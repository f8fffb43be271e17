#include "common/tool/check/markdown.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "common/tool/check/source_text.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {
namespace {

bool IsSlugByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || byte >= 0x80;
}

// The text of a heading without code ticks, emphasis and link targets.
std::string PlainText(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`' || text[i] == '*') {
      continue;
    }
    if (text[i] == '[') {
      continue;
    }
    if (text[i] == ']') {
      if (i + 1 < text.size() && text[i + 1] == '(') {
        const size_t end = text.find(')', i);
        i = end == std::string_view::npos ? text.size() : end;
      }
      continue;
    }
    plain += text[i];
  }
  return plain;
}

std::string AnchorOf(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') {
      anchor += '-';
    } else if (IsSlugByte(c) || c == '-' || c == '_') {
      // UTF-8 punctuation (dashes, ellipses, quotes) starts with 0xE2 and is
      // dropped below.
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  for (size_t at = anchor.find("\xE2\x80"); at != std::string::npos;
       at = anchor.find("\xE2\x80")) {
    anchor.erase(at, 3);
  }
  return anchor;
}

size_t CountWords(std::string_view line) {
  size_t words = 0;
  bool inside = false;
  bool in_tag = false;
  bool has_letter = false;
  for (const char c : line) {
    if (c == '<') {
      in_tag = true;
    }
    const bool part = !in_tag && c != ' ' && c != '\t' && c != '|';
    if (part) {
      has_letter = has_letter || IsSlugByte(c);
    } else if (inside && has_letter) {
      ++words;
    }
    if (!part) {
      has_letter = false;
    }
    inside = part;
    if (c == '>') {
      in_tag = false;
    }
  }
  return words + (inside && has_letter ? 1 : 0);
}

// Links of one line, outside `code`.
void FindLinks(const std::string& line, size_t number, MarkdownPage* page) {
  bool in_code = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '`') {
      in_code = !in_code;
    }
    if (in_code || line.compare(i, 2, "](") != 0) {
      continue;
    }
    const size_t begin = i + 2;
    size_t depth = 1;
    size_t end = begin;
    while (end < line.size() && depth > 0) {
      depth += line[end] == '(' ? 1u : 0u;
      depth -= line[end] == ')' ? 1u : 0u;
      ++end;
    }
    if (depth == 0) {
      std::string target = line.substr(begin, end - begin - 1);
      target = target.substr(0, target.find(' '));  // a title follows
      page->links.push_back({target, number});
    }
  }
  for (const std::string_view attribute : {"href=\"", "src=\""}) {
    for (size_t at = line.find(attribute); at != std::string::npos;
         at = line.find(attribute, at + 1)) {
      const size_t begin = at + attribute.size();
      page->links.push_back(
          {line.substr(begin, line.find('"', begin) - begin), number});
    }
  }
  for (const std::string_view attribute : {"id=\"", "name=\""}) {
    const size_t at = line.find(attribute);
    if (at != std::string::npos && line.find('<') < at) {
      const size_t begin = at + attribute.size();
      page->anchors.insert(line.substr(begin, line.find('"', begin) - begin));
    }
  }
}

std::vector<std::string> Cells(std::string_view line) {
  std::vector<std::string> cells;
  std::string cell;
  bool in_code = false;
  line = Trim(line);
  if (StartsWith(line, "|")) {
    line.remove_prefix(1);
  }
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '`') {
      in_code = !in_code;
    }
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += '|';
      ++i;
    } else if (line[i] == '|' && !in_code) {
      cells.emplace_back(Trim(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  if (!Trim(cell).empty()) {
    cells.emplace_back(Trim(cell));
  }
  return cells;
}

bool IsSeparatorRow(std::string_view line) {
  return line.find('-') != std::string_view::npos &&
      line.find_first_not_of("|:- \t") == std::string_view::npos;
}

// `<!-- NAME: VALUE -->`
void ReadMarker(std::string_view line, CodeBlock* block) {
  line = Trim(line);
  if (!StartsWith(line, "<!--") || line.size() < 7 ||
      line.substr(line.size() - 3) != "-->") {
    return;
  }
  const std::string_view inside = line.substr(4, line.size() - 7);
  const size_t colon = inside.find(':');
  if (colon == std::string_view::npos) {
    block->marker_name = Trim(inside);
    return;
  }
  block->marker_name = Trim(inside.substr(0, colon));
  block->marker_value = Trim(inside.substr(colon + 1));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lines_(SplitLines(text)) {}

  MarkdownPage Parse() {
    for (size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = Trim(lines_[i]);
      if (StartsWith(line, "```") || StartsWith(line, "~~~")) {
        i = ParseBlock(i);
        continue;
      }
      page_.prose.push_back(lines_[i]);
      ParseProse(i);
    }
    return std::move(page_);
  }

 private:
  // Returns the index of the closing fence.
  size_t ParseBlock(size_t begin) {
    const std::string_view opening = Trim(lines_[begin]);
    const size_t length = opening.find_first_not_of(opening[0]);
    const std::string fence(std::min(length, opening.size()), opening[0]);
    CodeBlock block;
    block.line = begin + 1;
    if (length != std::string_view::npos) {
      block.info = Trim(opening.substr(length));
    }
    if (begin > 0) {
      ReadMarker(lines_[begin - 1], &block);
    }
    page_.prose.emplace_back();
    size_t end = begin + 1;
    while (end < lines_.size() && Trim(lines_[end]) != fence) {
      block.lines.push_back(lines_[end]);
      page_.prose.emplace_back();
      ++end;
    }
    page_.prose.emplace_back();
    page_.blocks.push_back(std::move(block));
    return end;
  }

  void ParseProse(size_t index) {
    const std::string& line = lines_[index];
    const std::string_view trimmed = Trim(line);
    const size_t number = index + 1;
    if (StartsWith(line, "#")) {
      AddHeading(line, number);
    }
    FindLinks(line, number, &page_);
    if (StartsWith(trimmed, "|")) {
      const bool is_header =
          index + 1 < lines_.size() && IsSeparatorRow(lines_[index + 1]);
      if (!is_header && !IsSeparatorRow(trimmed)) {
        page_.rows.push_back({Cells(trimmed), section_, number});
      }
    }
    if (line.find("<details") != std::string::npos) {
      ++folded_;
    }
    if (folded_ == 0 && !IsSeparatorRow(trimmed) &&
        !StartsWith(trimmed, "<!--")) {
      page_.words += CountWords(trimmed);
    }
    if (line.find("</details>") != std::string::npos && folded_ > 0) {
      --folded_;
    }
  }

  void AddHeading(const std::string& line, size_t number) {
    const size_t level = line.find_first_not_of('#');
    if (level == std::string::npos || line[level] != ' ') {
      return;
    }
    Heading heading;
    heading.level = static_cast<int>(level);
    heading.text = PlainText(Trim(std::string_view(line).substr(level)));
    heading.line = number;
    heading.anchor = AnchorOf(heading.text);
    const size_t uses = anchor_uses_[heading.anchor]++;
    if (uses > 0) {
      heading.anchor += "-" + std::to_string(uses);
    }
    page_.anchors.insert(heading.anchor);
    section_ = heading.text;
    page_.headings.push_back(std::move(heading));
  }

  std::vector<std::string> lines_;
  MarkdownPage page_;
  std::string section_;
  std::map<std::string, size_t> anchor_uses_;
  size_t folded_ = 0;
};

}  // namespace

MarkdownPage ParseMarkdown(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace kv::tool
