#include "common/testing/crash_text.h"

#include "common/testing/crash_run.h"

namespace kv::testing::internal {

std::string DescribeContent(const ModelMap& content) {
  constexpr size_t kShownBytes = 24;
  if (content.empty()) {
    return "{}";
  }
  std::string text = "{";
  for (const auto& [key, value] : content) {
    if (text.size() > 1) text += ", ";
    text += QuoteBytes(key) + ": ";
    text += value.size() <= kShownBytes ? QuoteBytes(value)
                                        : QuoteBytes(value.substr(0, 8)) +
            "… (" + std::to_string(value.size()) + " bytes)";
  }
  return text + "}";
}

std::string DescribeFiles(FileSystem* fs) {
  std::string text;
  const std::string directory(kCrashDirectory);
  const auto names = fs->List(directory);
  if (!names.ok()) {
    return "no directory " + directory;
  }
  for (const std::string& name : *names) {
    const auto size = fs->FileSize(JoinPath(directory, name));
    text += text.empty() ? "" : ", ";
    text += name;
    if (size.ok()) {
      text += " (" + std::to_string(*size) + " bytes)";
    }
  }
  return text.empty() ? "an empty directory" : text;
}

std::string StepText(const ModelStep& step) {
  std::string line = StepLine(step);
  if (!line.empty() && line.back() == ';') {
    line.pop_back();
  }
  return line;
}

}  // namespace kv::testing::internal
