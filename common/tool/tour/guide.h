#pragma once

// What a step of the tour can do: talk, run a stage's shell, look at files.
// Everything it does is shown as a person would have typed it.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/tool/terminal.h"
#include "common/tool/tour/words.h"

namespace kv::tool {

/// What the tour is about: the user's words.
struct TourInput {
  std::string name;  ///< "docs/*.md", "novel.txt"
  std::vector<Word> words;
  std::vector<Word> by_count;
  /// Plain words that make a good demonstration, from the input itself.
  Word frequent;
  Word rare;
  /// All words and the ranking as put commands.
  std::vector<std::string> puts;
};

class Guide {
 public:
  Guide(
      const Terminal& terminal, std::filesystem::path work,
      std::map<std::string, std::filesystem::path> shells, TourInput input)
      : terminal_(terminal),
        work_(std::move(work)),
        shells_(std::move(shells)),
        input_(std::move(input)) {}

  const TourInput& input() const { return input_; }
  bool HasStage(const std::string& number) const {
    return shells_.contains(number);
  }

  void Heading(std::string_view text);
  void Say(std::string_view text);
  /// "$ text", as typed.
  void Typed(std::string_view text);
  /// A line of output.
  void Output(std::string_view text);

  /// An empty folder for a database below the tour's own; `name` is what is
  /// shown.
  std::filesystem::path FreshDatabase(const std::string& name);

  /// Starts the stage's shell, gives it `silent` commands first (of which each
  /// must answer ok), then shows every one of `commands` with its answer. An
  /// empty directory means in memory. Returns the answers' lines.
  Result<std::vector<std::string>> Session(
      const std::string& stage, const std::filesystem::path& directory,
      const std::vector<std::string>& silent, std::string_view silent_note,
      const std::vector<std::string>& commands,
      const std::vector<std::string>& options = {});

  /// The same without showing anything.
  Result<std::vector<std::string>> Quietly(
      const std::string& stage, const std::filesystem::path& directory,
      const std::vector<std::string>& commands,
      const std::vector<std::string>& options = {});

  /// How long a session with these commands takes, less an empty one.
  Result<double> Seconds(
      const std::string& stage, const std::filesystem::path& directory,
      const std::vector<std::string>& commands);

  /// Starts a session with `commands` and kills it with SIGKILL when `answers`
  /// lines have come. Returns how many had been read by then.
  Result<size_t> KillAfter(
      const std::string& stage, const std::filesystem::path& directory,
      const std::vector<std::string>& commands, size_t answers);

  /// Shows the database's files with their sizes; returns the largest.
  std::filesystem::path ShowFiles(const std::filesystem::path& directory);

  const std::filesystem::path& shell(const std::string& stage) const {
    return shells_.at(stage);
  }

 private:
  std::string Shown(const std::filesystem::path& path) const;

  const Terminal& terminal_;
  const std::filesystem::path work_;
  const std::map<std::string, std::filesystem::path> shells_;
  const TourInput input_;
};

/// "1,234".
std::string WithCommas(uint64_t number);

/// "about as long", "3 times as long", for a ratio.
std::string TimesAsLong(double ratio);

/// The number of the line "name: number". Aborted if there is no such line.
Result<uint64_t> NumberIn(
    const std::vector<std::string>& lines, std::string_view name);

/// A scan of a few words, and the keys that it must answer.
struct Range {
  std::string command;
  std::vector<std::string> keys;
};

Range SomeWords(const TourInput& input);

/// The demonstrations, one a stage.
Status TourStage01(Guide& guide);
Status TourStage02(Guide& guide);
Status TourStage03(Guide& guide);
Status TourStage04(Guide& guide);
Status TourStage05(Guide& guide);

}  // namespace kv::tool
