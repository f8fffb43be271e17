// Stage 02: everything in a log file, which outlives the program, and must be
// read from its beginning to find anything.

#include <filesystem>

#include <fmt/format.h>

#include "common/tool/tour/guide.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

Status ShowReopen(Guide& guide, const fs::path& directory) {
  const TourInput& input = guide.input();
  guide.Say(
      "Now every put is appended to a file before it is answered. The same "
      "words, then the program ends:");
  KV_RETURN_IF_ERROR(guide
                         .Session(
                             "02", directory, input.puts,
                             fmt::format(
                                 "({} put commands, each answered ok)",
                                 WithCommas(input.puts.size())),
                             {})
                         .status());
  guide.Say("A new one finds them again:");
  const std::string get = "get " + ShellWord(input.frequent.text);
  KV_ASSIGN_OR_RETURN(
      const auto answers,
      guide.Session(
          "02", directory, {}, "", {get, "get " + ShellWord(input.rare.text)}));
  if (answers.empty() || answers[0] != input.frequent.Describe()) {
    return Status::Aborted("stage 02 did not give back what was put");
  }
  return Status::Ok();
}

Result<size_t> CountKeys(Guide& guide, const fs::path& directory) {
  KV_ASSIGN_OR_RETURN(
      const auto lines, guide.Quietly("02", directory, {"keys again:"}));
  return lines.size() == 1 && lines[0] == "(no keys)" ? 0 : lines.size();
}

Status ShowKill(Guide& guide, const fs::path& directory) {
  // Enough puts that the kill comes in their middle, however short the text.
  constexpr size_t kPuts = 4000;
  const std::vector<Word>& words = guide.input().words;
  std::vector<std::string> puts;
  for (size_t i = 0; i < kPuts; ++i) {
    puts.push_back(fmt::format(
        "put {} {}",
        ShellWord(fmt::format("again:{}:{}", i, words[i % words.size()].text)),
        i));
  }
  guide.Say(
      "Even when the program is killed in the middle of its work, nothing that "
      "it had answered is lost:");
  guide.Typed(fmt::format(
      "stage02_kv_shell {} < again.txt &      # {} more puts",
      directory.filename().string(), WithCommas(kPuts)));
  KV_ASSIGN_OR_RETURN(
      const size_t answered, guide.KillAfter("02", directory, puts, kPuts / 2));
  guide.Typed("kill -9 %1");
  guide.Output(fmt::format(
      "killed when {} puts had been answered", WithCommas(answered)));
  KV_ASSIGN_OR_RETURN(const size_t there, CountKeys(guide, directory));
  guide.Typed(fmt::format(
      "echo 'keys again:' | stage02_kv_shell {} | wc -l",
      directory.filename().string()));
  guide.Output(WithCommas(there));
  if (there < answered) {
    return Status::Aborted("stage 02 lost a put that it had answered");
  }
  guide.Say(fmt::format(
      "All {} are there{}.", WithCommas(answered),
      there > answered
          ? fmt::format(
                ", and {} more that were written when the kill came",
                WithCommas(there - answered))
          : ""));

  guide.Say(
      "A power cut can even leave half a record at the end of the file. The "
      "last 32 bytes say that a shell has ended cleanly; cut them off, and "
      "five bytes of the record before them:");
  constexpr uint64_t kCut = 32 + 5;
  const fs::path log = guide.ShowFiles(directory);
  guide.Typed(fmt::format(
      "truncate -s -{} {}/{}", kCut, directory.filename().string(),
      log.filename().string()));
  std::error_code error;
  const uint64_t torn = fs::file_size(log, error) - kCut;
  fs::resize_file(log, torn, error);
  if (error) {
    return Status::IoError(
        "cannot cut " + log.string() + ": " + error.message());
  }
  guide.Typed(fmt::format(
      "echo 'keys again:' | stage02_kv_shell {} | wc -l",
      directory.filename().string()));
  KV_ASSIGN_OR_RETURN(const size_t left, CountKeys(guide, directory));
  guide.Output(WithCommas(left));
  if (left + 1 != there) {
    return Status::Aborted("stage 02 lost more than the torn record");
  }
  guide.Say(
      "The torn record is gone, and only that one: its checksum did not fit, "
      "so the database trimmed it away and goes on.");
  return Status::Ok();
}

Status ShowLinearRead(Guide& guide, const fs::path& directory) {
  const TourInput& input = guide.input();
  guide.Say(
      "What it cannot do: find anything without reading. Every get goes "
      "through "
      "the whole log, and changing a value makes the log longer. Here are all "
      "the words put four more times:");
  const fs::path small = guide.FreshDatabase("small");
  KV_RETURN_IF_ERROR(
      guide
          .Quietly(
              "02", small, {"put " + ShellWord(input.frequent.text) + " x"})
          .status());
  const std::vector<std::string> gets(
      30, "get " + ShellWord(input.frequent.text));
  KV_ASSIGN_OR_RETURN(
      const double before, guide.Seconds("02", directory, gets));
  std::vector<std::string> puts;
  for (int round = 0; round < 4; ++round) {
    puts.insert(puts.end(), input.puts.begin(), input.puts.end());
  }
  KV_RETURN_IF_ERROR(guide.Quietly("02", directory, puts).status());
  guide.ShowFiles(directory);
  KV_ASSIGN_OR_RETURN(const double after, guide.Seconds("02", directory, gets));
  KV_ASSIGN_OR_RETURN(const double tiny, guide.Seconds("02", small, gets));
  guide.Say(fmt::format(
      "Not one word more is stored, but a get now takes {} as before, and {} "
      "as in a database with one key.",
      TimesAsLong(after / before), TimesAsLong(after / tiny)));
  return Status::Ok();
}

}  // namespace

Status TourStage02(Guide& guide) {
  guide.Heading("Stage 02: an append-only log");
  const fs::path directory = guide.FreshDatabase("words02");
  KV_RETURN_IF_ERROR(ShowReopen(guide, directory));
  KV_RETURN_IF_ERROR(ShowKill(guide, directory));
  return ShowLinearRead(guide, directory);
}

}  // namespace kv::tool
