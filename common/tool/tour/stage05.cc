// Stage 05: more data than memory, in tables, and keys in both directions.

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "common/tool/tour/guide.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// A limit for memory that the words exceed this many times.
constexpr uint64_t kTimesMemory = 10;
constexpr uint64_t kMemoryBytesMin = 300;

struct Load {
  std::vector<std::string> puts;
  uint64_t bytes = 0;  // of keys and values, as often as they are put
  std::string memory_bytes;
};

// The words, so often over that they are ten times the limit.
Load MakeLoad(const TourInput& input) {
  uint64_t bytes = 0;
  for (const Word& word : input.words) {
    bytes += word.text.size() + word.Describe().size();
  }
  const uint64_t limit = std::max(kMemoryBytesMin, bytes / kTimesMemory);
  Load load;
  load.memory_bytes = std::to_string(limit);
  do {
    load.puts.insert(load.puts.end(), input.puts.begin(), input.puts.end());
    load.bytes += std::max<uint64_t>(bytes, 1);
  } while (load.bytes < kTimesMemory * limit);
  return load;
}

Status ShowWhatIsMissing(
    Guide& guide, const fs::path& directory, const Load& load) {
  const std::vector<std::string> options = {
      "--memory-bytes-max", load.memory_bytes};
  KV_ASSIGN_OR_RETURN(
      const auto answers, guide.Quietly("04", directory, load.puts, options));
  const auto refused =
      std::find_if(answers.begin(), answers.end(), [](const auto& answer) {
        return answer.starts_with("error: ResourceExhausted");
      });
  // A few words, put again and again, fit into any memory.
  if (refused == answers.end()) return Status::Ok();
  guide.Say(fmt::format(
      "First stage 04 again. It keeps every value in memory, so its data ends "
      "where memory ends. With {} bytes of memory it takes {} of the {} puts, "
      "and answers to the next one:",
      WithCommas(std::stoull(load.memory_bytes)),
      WithCommas(static_cast<uint64_t>(refused - answers.begin())),
      WithCommas(load.puts.size())));
  guide.Typed(fmt::format(
      "stage04_kv_shell --memory-bytes-max {} {} < words.txt",
      load.memory_bytes, directory.filename().string()));
  guide.Output(*refused);
  return Status::Ok();
}

Status ShowTables(Guide& guide, const fs::path& directory, const Load& load) {
  guide.Say(
      "Now memory holds only what was written last. A memtable that is full is "
      "written to a table, in one go and sorted, and a new one begins. The "
      "same words, with a memtable of the same size:");
  const std::string rare = "get " + ShellWord(guide.input().rare.text);
  KV_ASSIGN_OR_RETURN(
      const auto answers,
      guide.Session(
          "05", directory, load.puts,
          fmt::format(
              "({} puts, {} bytes of keys and values)",
              WithCommas(load.puts.size()), WithCommas(load.bytes)),
          {"stats", rare}, {"--memtable-bytes-max", load.memory_bytes}));
  KV_ASSIGN_OR_RETURN(const uint64_t memory, NumberIn(answers, "memory_bytes"));
  KV_ASSIGN_OR_RETURN(const uint64_t tables, NumberIn(answers, "tables"));
  // The greatest single write may exceed the limit by itself.
  if (memory > load.bytes / 2 || tables < 2) {
    return Status::Aborted(fmt::format(
        "stage 05 used {} bytes of memory and {} tables for {} bytes of data, "
        "with a memtable of {} bytes",
        memory, tables, load.bytes, load.memory_bytes));
  }
  if (answers.back() != AnsweredKey(guide.input().rare.Describe())) {
    return Status::Aborted(
        fmt::format("stage 05 answered '{}' to '{}'", answers.back(), rare));
  }
  guide.Say(fmt::format(
      "{} bytes of memory; the rest is in {} tables, and a read finds its way "
      "in them by binary search, the newest one first:",
      WithCommas(memory), WithCommas(tables)));
  guide.ShowFiles(directory);
  return Status::Ok();
}

Status ShowOpening(Guide& guide, const fs::path& directory, const Load& load) {
  guide.Say(
      "CURRENT names the manifest, and the manifest names the tables. Opening "
      "reads no value of a table; of the log it reads what was written since "
      "the last flush:");
  KV_ASSIGN_OR_RETURN(
      const auto opened,
      guide.Session("05", directory, {}, "", {"recovery", "flush"}));
  KV_ASSIGN_OR_RETURN(const uint64_t replayed, NumberIn(opened, "batches"));
  guide.Say("And right after a flush nothing:");
  KV_ASSIGN_OR_RETURN(
      const auto again, guide.Session("05", directory, {}, "", {"recovery"}));
  KV_ASSIGN_OR_RETURN(const uint64_t none, NumberIn(again, "batches"));
  if (replayed >= load.puts.size() / 2 || none != 0) {
    return Status::Aborted(fmt::format(
        "stage 05 read {} of {} puts from its log, and {} after a flush",
        replayed, load.puts.size(), none));
  }
  return Status::Ok();
}

Status CheckAnswers(
    const std::string& command, const std::vector<std::string>& keys,
    const std::vector<std::string>& answers) {
  bool is_right = answers.size() == keys.size();
  for (size_t i = 0; is_right && i < answers.size(); ++i) {
    is_right = answers[i].starts_with(
        fmt::format("{}) {} ", i + 1, AnsweredKey(keys[i])));
  }
  return is_right
      ? Status::Ok()
      : Status::Aborted(fmt::format(
            "stage 05 did not answer '{}' with the words in order", command));
}

Status ShowBothWays(Guide& guide, const fs::path& directory) {
  guide.Say(
      "A walk over the keys merges memtable and tables as it goes, and it "
      "goes both ways:");
  const Range range = SomeWords(guide.input());
  KV_ASSIGN_OR_RETURN(
      const auto forwards,
      guide.Session("05", directory, {}, "", {range.command}));
  KV_RETURN_IF_ERROR(CheckAnswers(range.command, range.keys, forwards));
  const std::string command = "r" + range.command;
  KV_ASSIGN_OR_RETURN(
      const auto backwards, guide.Session("05", directory, {}, "", {command}));
  return CheckAnswers(
      command, {range.keys.rbegin(), range.keys.rend()}, backwards);
}

}  // namespace

Status TourStage05(Guide& guide) {
  guide.Heading("Stage 05: a log-structured merge tree");
  const Load load = MakeLoad(guide.input());
  KV_RETURN_IF_ERROR(
      ShowWhatIsMissing(guide, guide.FreshDatabase("memory04"), load));
  const fs::path directory = guide.FreshDatabase("words05");
  KV_RETURN_IF_ERROR(ShowTables(guide, directory, load));
  KV_RETURN_IF_ERROR(ShowOpening(guide, directory, load));
  KV_RETURN_IF_ERROR(ShowBothWays(guide, directory));
  guide.Say(
      "What it cannot do: forget. A value that was replaced stays in its "
      "table, every flush adds one more, and a key that is nowhere is looked "
      "for in all of them.");
  return Status::Ok();
}

}  // namespace kv::tool
