// Stage 04: a log that is dropped after a checkpoint, and keys in order.

#include <filesystem>

#include <fmt/format.h>

#include "common/tool/tour/guide.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRounds = 5;
constexpr size_t kPrefixBytes = 3;

std::string Prefix(const TourInput& input) {
  return input.frequent.text.substr(
      0, std::min(kPrefixBytes, input.frequent.text.size()));
}

Status CheckRange(const Range& range, const std::vector<std::string>& answers) {
  bool is_right = answers.size() == range.keys.size();
  for (size_t i = 0; is_right && i < answers.size(); ++i) {
    is_right = answers[i].starts_with(
        fmt::format("{}) {} ", i + 1, AnsweredKey(range.keys[i])));
  }
  return is_right ? Status::Ok()
                  : Status::Aborted(fmt::format(
                        "stage 04 did not answer '{}' with the words in order",
                        range.command));
}

// The length of all files that opening reads.
uint64_t BytesToOpen(const fs::path& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

Status ShowWhatIsMissing(
    Guide& guide, const fs::path& directory, const Range& range) {
  guide.Say(fmt::format(
      "First stage 03 again, with each word put {} times. A hash has no "
      "neighbours, so there is no way to ask for the words from one to "
      "another; and opening reads every record that was ever written:",
      kRounds));
  KV_RETURN_IF_ERROR(
      guide.Session("03", directory, {}, "", {range.command}).status());
  guide.ShowFiles(directory);
  return Status::Ok();
}

Status ShowCheckpoint(
    Guide& guide, const fs::path& directory,
    const std::vector<std::string>& puts) {
  guide.Say(
      "Now the log is no longer the database. A write goes to the log, and "
      "then into a sorted table in memory. The same words:");
  KV_ASSIGN_OR_RETURN(
      const auto before,
      guide.Session(
          "04", directory, puts,
          fmt::format(
              "({} puts: each word {} times over)", WithCommas(puts.size()),
              kRounds),
          {"wal-status"}));
  const uint64_t bytes_before = BytesToOpen(directory);
  guide.Say(
      "Opening still reads the whole log, as 'recovery' tells. But then a "
      "checkpoint writes what is current to one file, and drops the log:");
  KV_ASSIGN_OR_RETURN(
      const auto after,
      guide.Session(
          "04", directory, {}, "", {"recovery", "checkpoint", "wal-status"}));
  KV_ASSIGN_OR_RETURN(const uint64_t replayed, NumberIn(after, "batches"));
  KV_ASSIGN_OR_RETURN(const uint64_t log_before, NumberIn(before, "bytes"));
  KV_ASSIGN_OR_RETURN(const uint64_t log_after, NumberIn(after, "bytes"));
  if (replayed != puts.size() || log_after >= log_before) {
    return Status::Aborted(fmt::format(
        "stage 04 read {} of {} puts from its log, and the log had {} bytes "
        "before the checkpoint and {} after it",
        replayed, puts.size(), log_before, log_after));
  }
  guide.ShowFiles(directory);
  guide.Say(fmt::format(
      "To open it takes {} bytes instead of {}. What is put from now on is in "
      "the log again, and only that is read from it:",
      WithCommas(BytesToOpen(directory)), WithCommas(bytes_before)));
  KV_RETURN_IF_ERROR(guide
                         .Session(
                             "04", directory, {}, "",
                             {fmt::format(
                                 "put {} \"seen in the tour\"",
                                 ShellWord(guide.input().rare.text))})
                         .status());
  KV_ASSIGN_OR_RETURN(
      const auto opened,
      guide.Session(
          "04", directory, {}, "",
          {"recovery", "get " + ShellWord(guide.input().rare.text)}));
  KV_ASSIGN_OR_RETURN(const uint64_t since, NumberIn(opened, "batches"));
  if (since != 1 || opened.back() != "seen in the tour") {
    return Status::Aborted(
        "stage 04 did not find the write that followed its checkpoint");
  }
  return Status::Ok();
}

Status ShowOrder(
    Guide& guide, const fs::path& directory, const fs::path& hashed,
    const Range& range) {
  const std::string prefix = ShellWord(Prefix(guide.input()));
  guide.Say("And the words have an order to walk through:");
  KV_ASSIGN_OR_RETURN(
      const auto answers,
      guide.Session("04", directory, {}, "", {range.command}));
  KV_RETURN_IF_ERROR(CheckRange(range, answers));
  KV_RETURN_IF_ERROR(
      guide.Session("04", directory, {}, "", {"prefix " + prefix}).status());
  const std::vector<std::string> few(20, "keys " + prefix);
  const std::vector<std::string> many(2000, "keys " + prefix);
  KV_ASSIGN_OR_RETURN(const double slow, guide.Seconds("03", hashed, few));
  KV_ASSIGN_OR_RETURN(const double fast, guide.Seconds("04", directory, many));
  const double ratio = (slow / 20) / (fast / 2000);
  guide.Say(fmt::format(
      "Both can list the keys with a prefix. Stage 03 reads the whole log for "
      "it, which takes {} as here.",
      TimesAsLong(ratio)));
  return Status::Ok();
}

}  // namespace

Status TourStage04(Guide& guide) {
  guide.Heading("Stage 04: a write-ahead log and a checkpoint");
  std::vector<std::string> puts;
  for (size_t round = 0; round < kRounds; ++round) {
    puts.insert(
        puts.end(), guide.input().puts.begin(), guide.input().puts.end());
  }
  const Range range = SomeWords(guide.input());
  const fs::path hashed = guide.FreshDatabase("hashed");
  KV_RETURN_IF_ERROR(guide.Quietly("03", hashed, puts).status());
  KV_RETURN_IF_ERROR(ShowWhatIsMissing(guide, hashed, range));
  const fs::path directory = guide.FreshDatabase("words04");
  KV_RETURN_IF_ERROR(ShowCheckpoint(guide, directory, puts));
  KV_RETURN_IF_ERROR(ShowOrder(guide, directory, hashed, range));
  KV_RETURN_IF_ERROR(
      guide.Session("04", directory, {}, "", {"checkpoint"}).status());
  guide.ShowFiles(directory);
  guide.Say(
      "What it cannot do: hold more than fits into memory; and a checkpoint "
      "writes everything. One word had changed since the last one, and this "
      "one wrote all of them again.");
  return Status::Ok();
}

}  // namespace kv::tool
