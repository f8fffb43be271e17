// Stage 01: everything in memory, and gone with the program.

#include <fmt/format.h>

#include "common/tool/tour/guide.h"

namespace kv::tool {

Status TourStage01(Guide& guide) {
  const TourInput& input = guide.input();
  guide.Heading("Stage 01: a hash table in memory");
  guide.Say(fmt::format(
      "Every word of {} becomes a key; its value says how often it occurs and "
      "where it stands first.",
      input.name));
  const std::string prefix = input.frequent.text.substr(
      0, std::min<size_t>(4, input.frequent.text.size()));
  std::string top = "mget";
  for (size_t i = 1; i <= std::min<size_t>(5, input.by_count.size()); ++i) {
    top += fmt::format(" top:{}", i);
  }
  const std::string note = fmt::format(
      "(words.txt: {} put commands, each answered ok)",
      WithCommas(input.puts.size()));
  KV_RETURN_IF_ERROR(guide
                         .Session(
                             "01", "", input.puts, note,
                             {
                                 "get " + ShellWord(input.frequent.text),
                                 "get " + ShellWord(input.rare.text),
                                 "keys " + ShellWord(prefix),
                                 top,
                                 "get nosuchword",
                             })
                         .status());
  guide.Say(
      "A lookup hashes the key and goes straight to its place. But the data "
      "lives as long as the program. The shell has ended; a new one knows "
      "nothing:");
  KV_ASSIGN_OR_RETURN(
      const auto answers,
      guide.Session(
          "01", "", {}, "", {"get " + ShellWord(input.frequent.text)}));
  if (answers.size() != 1 || answers[0] != "(not found)") {
    return Status::Aborted("stage 01 should have forgotten everything");
  }
  return Status::Ok();
}

}  // namespace kv::tool
