#include "common/tool/commands/bench.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/bench/chart.h"
#include "common/tool/files.h"
#include "common/tool/maintain/project_tree.h"
#include "common/tool/maintain/subprocess.h"
#include "common/tool/run/build.h"
#include "common/tool/run/build_lock.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct BenchArguments {
  std::string number;
  bool peers = false;
  std::string workloads;
  std::optional<uint64_t> keys;
  std::optional<uint64_t> runs;
};

class BenchRun {
 public:
  BenchRun(Context& context, const BenchArguments& arguments)
      : context_(context),
        arguments_(arguments),
        build_(context.root() / "build" / "bench") {}

  Status Run() {
    KV_ASSIGN_OR_RETURN(
        const ProjectTree project, LoadProjectTree(context_.root()));
    std::vector<const StageTree*> stages;
    std::string only;
    if (!arguments_.number.empty()) {
      KV_ASSIGN_OR_RETURN(
          const PartRef part, context_.FindPart(arguments_.number));
      only = part.stage->number;
    }
    for (const StageTree& stage : project.stages) {
      if (stage.Has("bench/database_bench.cc") &&
          (only.empty() || only == stage.number)) {
        stages.push_back(&stage);
      }
    }
    if (stages.empty()) {
      return Status::InvalidArgument(
          only.empty() ? "no stage has a benchmark"
                       : "stage " + only + " has no benchmark");
    }
    if (arguments_.keys == 0 || arguments_.runs == 0) {
      return Status::InvalidArgument("--keys and --runs begin at 1");
    }
    KV_RETURN_IF_ERROR(BuildBenches(stages, only));
    stores_ = stages.size();
    for (const StageTree* stage : stages) {
      KV_RETURN_IF_ERROR(RunStage(*stage, !only.empty()));
    }
    if (arguments_.peers) {
      KV_RETURN_IF_ERROR(RunPeers());
    }
    KV_RETURN_IF_ERROR(WriteCharts());
    if (context_.json()) {
      fmt::print("{}\n", results_.dump(2));
    } else {
      PrintComparison();
    }
    return Status::Ok();
  }

 private:
  void Say(const std::string& text) const {
    if (!context_.json()) {
      fmt::print("{}", text);
      std::fflush(stdout);
    }
  }

  Status BuildBenches(
      const std::vector<const StageTree*>& stages, const std::string& only) {
    std::vector<std::string> targets;
    for (const StageTree* stage : stages) {
      for (const std::string& bench : BenchesOf(*stage, !only.empty())) {
        targets.push_back("stage" + stage->number + "_" + bench);
      }
    }
    if (arguments_.peers) {
      targets.push_back("kv_peer_bench");
    }
    BuildRequest request;
    request.source = context_.root();
    request.build = build_;
    request.definitions = {
        "CMAKE_BUILD_TYPE=Release", "KV_STAGES=all",     "KV_BUILD_TESTS=OFF",
        "KV_BUILD_BENCH=ON",        "KV_BUILD_TOOL=OFF", "KV_BUILD_APPS=OFF",
    };
    request.targets = targets;
    request.label = fmt::format("the benchmarks in {}", build_.string());
    request.quiet = context_.json();
    lock_.emplace(build_);
    BuildError error;
    const Status status = Build(context_.terminal(), request, &error);
    if (!status.ok() && !context_.json()) {
      PrintBuildError(context_.terminal(), error, context_.root());
    }
    return status;
  }

  // A single stage shows all its benchmarks, all stages what they share.
  static std::vector<std::string> BenchesOf(const StageTree& stage, bool all) {
    std::vector<std::string> benches = {"database_bench"};
    for (const std::string& file : stage.files) {
      const fs::path path = file;
      if (all && path.parent_path() == "bench" && path.extension() == ".cc" &&
          path.stem() != "database_bench") {
        benches.push_back(path.stem().string());
      }
    }
    return benches;
  }

  std::vector<std::string> Options(const fs::path& json) const {
    std::vector<std::string> options = {"--json", json.string()};
    if (!arguments_.workloads.empty()) {
      options.insert(options.end(), {"--workloads", arguments_.workloads});
    }
    if (arguments_.keys.has_value()) {
      options.insert(
          options.end(), {"--keys", std::to_string(*arguments_.keys)});
    }
    if (arguments_.runs.has_value()) {
      options.insert(
          options.end(), {"--runs", std::to_string(*arguments_.runs)});
    }
    return options;
  }

  // Runs one program that measures a store, and keeps its results.
  Status Measure(std::vector<std::string> command, const std::string& name) {
    const fs::path json = build_ / (name + ".json");
    std::error_code ignored;
    fs::remove(json, ignored);
    const std::vector<std::string> options = Options(json);
    command.insert(command.end(), options.begin(), options.end());
    const Terminal silent = Terminal::Plain();
    ProgressBar bar(context_.json() ? silent : context_.terminal(), stores_);
    bar.Show(results_.size(), "measuring " + name);
    KV_ASSIGN_OR_RETURN(
        const ProgramOutput output, RunProgram(command, build_));
    bar.Clear();
    if (output.exit_code != 0) {
      // The first line says why; the rest is the program's own help.
      return Status::Aborted(fmt::format(
          "{} ended with exit code {}: {}", name, output.exit_code,
          output.text.substr(0, output.text.find('\n'))));
    }
    Say(fmt::format("\n{}", output.text));
    KV_ASSIGN_OR_RETURN(const std::string text, ReadText(json));
    const Json result = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (result.is_discarded()) {
      return Status::Corruption(json.string() + " is not JSON");
    }
    results_[name] = result;
    return Status::Ok();
  }

  Status RunStage(const StageTree& stage, bool all) {
    const std::string name = "stage" + stage.number;
    const fs::path folder = build_ / stage.folder;
    KV_RETURN_IF_ERROR(
        Measure({(folder / (name + "_database_bench")).string()}, name));
    if (context_.json()) {
      return Status::Ok();
    }
    for (const std::string& bench : BenchesOf(stage, all)) {
      if (bench == "database_bench") {
        continue;
      }
      Say(fmt::format("\n{}\n", bench));
      KV_ASSIGN_OR_RETURN(
          const ProgramOutput output,
          RunProgram({(folder / (name + "_" + bench)).string()}, build_));
      Say(output.text);
      if (output.exit_code != 0) {
        return Status::Aborted(bench + " failed; see above");
      }
    }
    return Status::Ok();
  }

  // "NAME  what it is" a line; those that are absent are named by the program.
  Status RunPeers() {
    const fs::path program = build_ / "common" / "bench" / "kv_peer_bench";
    KV_ASSIGN_OR_RETURN(
        const ProgramOutput listed,
        RunProgram({program.string(), "--peers"}, build_));
    std::vector<std::string> names;
    for (const std::string& line : SplitLines(listed.text)) {
      if (line.find("absent") == std::string::npos) {
        const std::string_view text = Trim(line);
        if (!text.empty()) names.emplace_back(text.substr(0, text.find(' ')));
      } else if (line.substr(0, 2) != "0 ") {
        Say(line + "\n");
      }
    }
    stores_ += names.size();
    for (const std::string& name : names) {
      KV_RETURN_IF_ERROR(Measure({program.string(), name}, name));
    }
    return Status::Ok();
  }

  struct WorkloadBars {
    std::string workload;
    std::vector<bench::Bar> bars;  // operations a second of each store
  };

  // In the order measured.
  std::vector<WorkloadBars> ByWorkload() const {
    std::vector<WorkloadBars> table;
    for (const auto& [name, result] : results_.items()) {
      for (const Json& row : result.value("results", Json::array())) {
        const std::string workload = row.value("workload", "");
        auto found = std::find_if(
            table.begin(), table.end(), [&](const WorkloadBars& other) {
              return other.workload == workload;
            });
        if (found == table.end()) {
          found = table.insert(table.end(), {workload, {}});
        }
        found->bars.push_back({name, row.value("ops_per_second", 0.0)});
      }
    }
    return table;
  }

  Status WriteCharts() {
    for (const auto& [workload, bars] : ByWorkload()) {
      bench::Chart chart;
      chart.title = workload + ": operations a second";
      chart.unit = "/s";
      chart.bars = bars;
      const auto [low, high] = std::minmax_element(
          bars.begin(), bars.end(),
          [](const bench::Bar& a, const bench::Bar& b) {
            return a.value < b.value;
          });
      chart.logarithmic = low->value > 0 && high->value > 100 * low->value;
      KV_RETURN_IF_ERROR(
          WriteText(build_ / (workload + ".svg"), bench::ToSvg(chart)));
    }
    return Status::Ok();
  }

  void PrintComparison() const {
    const auto table = ByWorkload();
    std::vector<std::string> stores;
    for (const auto& [name, result] : results_.items()) {
      stores.push_back(name);
    }
    fmt::print("\noperations a second\n{:<11}", "workload");
    for (const std::string& store : stores) {
      fmt::print(" {:>9}", store);
    }
    fmt::print("\n");
    for (const auto& [workload, bars] : table) {
      fmt::print("{:<11}", workload);
      for (const std::string& store : stores) {
        const auto bar = std::find_if(
            bars.begin(), bars.end(),
            [&](const bench::Bar& other) { return other.label == store; });
        fmt::print(
            " {:>9}", bar == bars.end() ? "-" : bench::ShortNumber(bar->value));
      }
      fmt::print("\n");
    }
    fmt::print("\nResults and charts: {}/*.json, *.svg\n", build_.string());
  }

  Context& context_;
  const BenchArguments& arguments_;
  const fs::path build_;
  std::optional<BuildLock> lock_;  // of it, from the build on
  Json results_ = Json::object();
  size_t stores_ = 0;  // to be measured, as far as known
};

}  // namespace

void RegisterBench(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = AddCommand(
      app, kGroupCompare, "bench",
      "Measure the same work on every stage, as table, JSON and charts",
      "wb bench 01");
  command->add_option("NN", arguments->number, "Only this stage");
  command->add_flag(
      "--peers", arguments->peers, "Other stores too, as far as installed");
  command
      ->add_option(
          "--workloads", arguments->workloads, "Only these: readrandom,fillseq")
      ->type_name("A,B");
  command->add_option("--keys", arguments->keys, "Size of the data set")
      ->type_name("N");
  command
      ->add_option(
          "--runs", arguments->runs, "Runs of each workload; the median counts")
      ->type_name("N");
  command->callback([&context, arguments] {
    context.Finish(BenchRun(context, *arguments).Run());
  });
}

}  // namespace kv::tool
