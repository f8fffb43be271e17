// Goal: the page of a difference shows every line at its place, as text, and
// needs nothing but itself. Method: small differences as git prints them; a
// reader of tags that wants each closed.

#include "common/tool/maintain/diff_page.h"

#include <gtest/gtest.h>

namespace kv::tool {
namespace {

constexpr const char* kChanged =
    "diff --git a/kv/a.h b/kv/a.h\n"
    "--- a/kv/a.h\n"
    "+++ b/kv/a.h\n"
    "@@ -10,3 +12,4 @@ std::vector<int> Sorted(\n"
    " same & same\n"
    "-std::vector<int> old;\n"
    "+std::vector<long> x = {'a', \"b\"};\n"
    "+second\n"
    " last\n"
    "\\ No newline at end of file\n";

constexpr const char* kNew =
    "diff --git a/kv/new.cc b/kv/new.cc\n"
    "new file mode 100644\n"
    "--- /dev/null\n"
    "+++ b/kv/new.cc\n"
    "@@ -0,0 +1 @@\n"
    "+</table><script>alert(1)</script>\n";

DiffPage SmallPage() {
  DiffPage page;
  page.from = "stage01_a";
  page.to = "stage02_b";
  page.files = {
      {"kv/a.h", "changed", 2, 1, kChanged},
      {"kv/new.cc", "new", 1, 0, kNew},
  };
  return page;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Names of elements that are opened and not closed in their order; empty if
// all is well.
std::string Unclosed(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos;
       at = html.find('<', at + 1)) {
    const bool closes = html[at + 1] == '/';
    const size_t begin = at + (closes ? 2 : 1);
    const std::string name =
        html.substr(begin, html.find_first_of(" >", begin) - begin);
    if (name == "meta" || name == "!DOCTYPE") continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + ">";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST(DiffPageTest, LinesStandWithTheirNumbersInBothFiles) {
  const std::string html = ToHtml(SmallPage());
  EXPECT_TRUE(Contains(
      html,
      "<tr><td class=\"number\">10</td><td class=\"number\">12</td>"
      "<td class=\"sign\"> </td><td class=\"code\">same &amp; same</td></tr>"));
  EXPECT_TRUE(Contains(
      html,
      "<tr class=\"removed\"><td class=\"number\">11</td>"
      "<td class=\"number\"></td><td class=\"sign\">-</td>"
      "<td class=\"code\">std::vector&lt;int&gt; old;</td></tr>"));
  EXPECT_TRUE(Contains(
      html,
      "<tr class=\"added\"><td class=\"number\"></td>"
      "<td class=\"number\">14</td><td class=\"sign\">+</td>"
      "<td class=\"code\">second</td></tr>"));
  EXPECT_TRUE(Contains(
      html,
      "<tr><td class=\"number\">12</td><td class=\"number\">15</td>"
      "<td class=\"sign\"> </td><td class=\"code\">last</td></tr>"));
  EXPECT_TRUE(Contains(html, "line 12: std::vector&lt;int&gt; Sorted("));
  EXPECT_TRUE(Contains(html, "No newline at end of file"));
}

TEST(DiffPageTest, FilesAreListedWithStateAndCounts) {
  const std::string html = ToHtml(SmallPage());
  EXPECT_TRUE(Contains(
      html, "2 files: 1 new, 1 changed, 0 retired; 3 lines added, 1 removed."));
  EXPECT_TRUE(Contains(
      html,
      "<tr><td><a href=\"#kv/a.h\"><code>kv/a.h</code></a></td>"
      "<td>changed</td><td class=\"count plus\">+2</td>"
      "<td class=\"count minus\">-1</td></tr>"));
  EXPECT_TRUE(Contains(html, "<details id=\"kv/a.h\" open>"));
}

TEST(DiffPageTest, CodeIsTextWhateverItHolds) {
  const std::string html = ToHtml(SmallPage());
  EXPECT_FALSE(Contains(html, "<script"));
  EXPECT_TRUE(
      Contains(html, "&lt;/table&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_EQ(
      EscapeHtml("a<b>&\"'\x01\t"), "a&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD\t");
}

TEST(DiffPageTest, PageIsWholeAndNeedsNothingElse) {
  DiffPage page = SmallPage();
  page.files.push_back({"kv/empty.cc", "new", 0, 0, "diff --git a b\n"});
  const std::string html = ToHtml(page);
  EXPECT_EQ(Unclosed(html), "");
  for (const char* outside : {"http", "src=", "@import", "url("}) {
    EXPECT_FALSE(Contains(html, outside)) << outside;
  }
  EXPECT_TRUE(Contains(html, "prefers-color-scheme: dark"));
  EXPECT_TRUE(Contains(html, "No lines to show"));
  EXPECT_EQ(html, ToHtml(page));
}

TEST(DiffPageTest, LongNewFilesBeginFolded) {
  DiffPage page = SmallPage();
  page.files[1].added = 5000;
  EXPECT_TRUE(Contains(ToHtml(page), "<details id=\"kv/new.cc\">"));
}

TEST(DiffPageTest, TableAloneHasNoLines) {
  DiffPage page = SmallPage();
  page.with_lines = false;
  const std::string html = ToHtml(page);
  EXPECT_FALSE(Contains(html, "<details"));
  EXPECT_FALSE(Contains(html, "href="));
  EXPECT_TRUE(Contains(html, "<code>kv/a.h</code>"));
}

}  // namespace
}  // namespace kv::tool
