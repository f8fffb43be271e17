// Stage 03: the same log with an index in memory: a get is one read.

#include <filesystem>

#include <fmt/format.h>

#include "common/tool/run/process.h"
#include "common/tool/tour/guide.h"

namespace kv::tool {

namespace fs = std::filesystem;

Status TourStage03(Guide& guide) {
  const TourInput& input = guide.input();
  guide.Heading("Stage 03: an index of the log, in memory");
  const fs::path directory = guide.FreshDatabase("words03");
  guide.Say(
      "A hash table from each key to the place of its newest record. Opening "
      "the database reads the log once, to build it; after that, a get is one "
      "read from the right place.");
  std::vector<std::string> puts;
  for (int round = 0; round < 5; ++round) {
    puts.insert(puts.end(), input.puts.begin(), input.puts.end());
  }
  KV_RETURN_IF_ERROR(guide
                         .Session(
                             "03", directory, puts,
                             fmt::format(
                                 "({} puts: each word five times over)",
                                 WithCommas(puts.size())),
                             {})
                         .status());
  const std::string get = "get " + ShellWord(input.frequent.text);
  KV_ASSIGN_OR_RETURN(
      const auto answers,
      guide.Session(
          "03", directory, {}, "", {get, "get " + ShellWord(input.rare.text)}));
  if (answers.empty() || answers[0] != input.frequent.Describe()) {
    return Status::Aborted("stage 03 did not give back what was put");
  }
  if (guide.HasStage("02")) {
    // The same records in a log of stage 02, and the same questions.
    const fs::path linear = guide.FreshDatabase("linear");
    KV_RETURN_IF_ERROR(guide.Quietly("02", linear, puts).status());
    const std::vector<std::string> few(30, get);
    const std::vector<std::string> many(3000, get);
    KV_ASSIGN_OR_RETURN(const double slow, guide.Seconds("02", linear, few));
    KV_ASSIGN_OR_RETURN(
        const double fast, guide.Seconds("03", directory, many));
    guide.Say(fmt::format(
        "With the same records, a get in stage 02 takes {} as here.",
        TimesAsLong((slow / 30) / (fast / 3000))));
  }
  guide.Say(
      "What it cannot do: give space back. Four of five records are dead, and "
      "stay in the file; all keys must fit into memory; and the words have no "
      "order in which to walk through them.");
  KV_RETURN_IF_ERROR(
      guide.Session("03", directory, {}, "", {"stats"}).status());
  guide.ShowFiles(directory);
  return Status::Ok();
}

}  // namespace kv::tool
