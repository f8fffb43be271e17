#include "common/tool/commands/tour.h"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "common/tool/files.h"
#include "common/tool/run/build_lock.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/tour/guide.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// The tour shows databases, not how far they stretch.
constexpr size_t kWordsMax = 20000;

struct Step {
  const char* stage;
  std::function<Status(Guide&)> run;
};

const std::vector<Step>& Steps() {
  static const std::vector<Step> steps = {
      {"01", &TourStage01}, {"02", &TourStage02}, {"03", &TourStage03},
      {"04", &TourStage04}, {"05", &TourStage05},
  };
  return steps;
}

Result<std::vector<fs::path>> InputFiles(
    const Context& context, const std::string& file, std::string* name) {
  if (!file.empty()) {
    const fs::path path = context.FromCaller(file);
    *name = file;
    if (fs::is_directory(path)) {
      return Status::InvalidArgument(
          path.string() + " is a folder; the tour wants one text file");
    }
    if (!fs::exists(path)) {
      return Status::InvalidArgument(path.string() + " is not there");
    }
    return std::vector<fs::path>{path};
  }
  *name = "the project's own docs";
  std::vector<fs::path> files;
  for (const fs::path& found : FilesUnder(context.root() / "docs")) {
    if (found.extension() == ".md") {
      files.push_back(context.root() / "docs" / found);
    }
  }
  if (fs::exists(context.root() / "README.md")) {
    files.push_back(context.root() / "README.md");
  }
  return files;
}

bool IsPlain(const std::string& text) {
  return std::all_of(
      text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

Result<TourInput> ReadInput(const Context& context, const std::string& file) {
  TourInput input;
  KV_ASSIGN_OR_RETURN(const auto files, InputFiles(context, file, &input.name));
  KV_ASSIGN_OR_RETURN(
      input.words,
      CountWords(
          files, file.empty() ? context.root() : context.caller_dir(),
          kWordsMax));
  input.by_count = ByCount(input.words);
  // A word that says something about the text: the most frequent long one,
  // and a long one that stands there once.
  input.frequent = input.by_count.front();
  input.rare = input.by_count.back();
  for (const size_t length : {7u, 4u}) {
    const auto found = std::find_if(
        input.by_count.begin(), input.by_count.end(), [&](const Word& word) {
          return word.text.size() >= length && IsPlain(word.text);
        });
    if (found != input.by_count.end()) {
      input.frequent = *found;
      break;
    }
  }
  for (auto word = input.by_count.rbegin(); word != input.by_count.rend();
       ++word) {
    if (word->text.size() >= 9 && word->text.size() <= 16 &&
        IsPlain(word->text)) {
      input.rare = *word;
      break;
    }
  }
  for (const Word& word : input.words) {
    input.puts.push_back(fmt::format(
        "put {} {}", ShellWord(word.text), ShellWord(word.Describe())));
  }
  for (size_t i = 0; i < std::min<size_t>(5, input.by_count.size()); ++i) {
    input.puts.push_back(fmt::format(
        "put top:{} {}", i + 1,
        ShellWord(fmt::format(
            "{} ({} times)", input.by_count[i].text,
            input.by_count[i].count))));
  }
  return input;
}

Status Tour(
    Context& context, const std::string& file, const std::string& only) {
  KV_ASSIGN_OR_RETURN(auto stages, context.Stages());
  if (!only.empty()) {
    KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindPart(only));
    // Its own step compares with the stage before.
    std::erase_if(stages, [&](const Stage* stage) {
      return stage->number > ref.stage->number;
    });
  }
  KV_ASSIGN_OR_RETURN(TourInput input, ReadInput(context, file));
  fmt::print(
      "{} with {} different words.\n", input.name,
      WithCommas(input.words.size()));

  BuildRequest request = ReferenceRequest(context);
  request.build = context.root() / "build" / "apps";
  request.label = "the shells of all stages";
  request.definitions = {
      "CMAKE_BUILD_TYPE=Release", "KV_STAGES=all",     "KV_BUILD_TESTS=OFF",
      "KV_BUILD_BENCH=OFF",       "KV_BUILD_TOOL=OFF",
  };
  std::map<std::string, fs::path> shells;
  for (const Stage* stage : stages) {
    const std::string target = stage->Name() + "_kv_shell";
    request.targets.push_back(target);
    shells[stage->number] = request.build / stage->path.filename() / target;
  }
  const BuildLock lock(request.build);
  BuildError error;
  const Status built = Build(context.terminal(), request, &error);
  if (!built.ok()) {
    PrintBuildError(context.terminal(), error, context.root());
    return built;
  }
  const fs::path work = context.root() / "build" / "wb" / "tour";
  std::error_code ignored;
  fs::remove_all(work, ignored);
  fs::create_directories(work, ignored);
  Guide guide(context.terminal(), work, shells, std::move(input));
  const std::string wanted = only.empty() ? "" : stages.back()->number;
  for (const Step& step : Steps()) {
    if (!guide.HasStage(step.stage)) continue;
    if (!wanted.empty() && wanted != step.stage) continue;
    KV_RETURN_IF_ERROR(step.run(guide));
  }
  const std::string wb = context.CommandName();
  fmt::print(
      "\nThe databases of this tour are in {}.\n"
      "Next: '{} test' runs every test; '{} init' and '{} start 01' begin your "
      "own.\n",
      work.string(), wb, wb, wb);
  return Status::Ok();
}

}  // namespace

void RegisterTour(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "tour",
      "Watch the stages grow out of each other, on the words of a file",
      "wb tour novel.txt");
  auto file = std::make_shared<std::string>();
  auto stage = std::make_shared<std::string>();
  command->add_option(
      "FILE", *file, "A text file; without it, the project's own docs");
  command->add_option("--stage", *stage, "Only this stage, as 02")
      ->type_name("NN");
  // The launcher has dealt with it; here it is for --help.
  command->add_flag_function(
      "--no-install", [](int64_t) {}, "Install nothing; say what is missing");
  command->callback([&context, file, stage] {
    context.Finish(Tour(context, *file, *stage));
  });
}

}  // namespace kv::tool
