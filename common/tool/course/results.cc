#include "common/tool/course/results.h"

#include <array>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base/checksum.h"
#include "common/tool/files.h"

namespace kv::tool {
namespace {

constexpr std::array kOutcomes = {
    Outcome::kPassed,  Outcome::kFailed,  Outcome::kTodo,
    Outcome::kCrashed, Outcome::kTimeout, Outcome::kNotBuilt,
};

// Adds one tree to a text of names and checksums.
Status Describe(
    const std::filesystem::path& folder, std::string_view label,
    std::string* description) {
  for (const std::filesystem::path& file : FilesUnder(folder)) {
    KV_ASSIGN_OR_RETURN(const std::string text, ReadText(folder / file));
    *description += fmt::format(
        "{}/{} {} {:016x}\n", label, file.generic_string(), text.size(),
        Checksum64(text));
  }
  return Status::Ok();
}

Result<TestResult> FromJson(const nlohmann::json& json) {
  TestResult result;
  try {
    result.id = json.at("exercise").get<std::string>();
    result.sources = json.at("sources").get<std::string>();
    result.time_seconds = json.at("time_seconds").get<int64_t>();
    result.tests_passed = json.at("tests_passed").get<int>();
    result.tests_total = json.at("tests_total").get<int>();
    const std::string name = json.at("outcome").get<std::string>();
    for (const Outcome outcome : kOutcomes) {
      if (OutcomeName(outcome) == name) {
        result.outcome = outcome;
        return result;
      }
    }
    return Status::Corruption("'" + name + "' is no outcome");
  } catch (const nlohmann::json::exception& error) {
    return Status::Corruption(error.what());
  }
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kTodo:
      return "todo";
    case Outcome::kCrashed:
      return "crashed";
    case Outcome::kTimeout:
      return "timeout";
    case Outcome::kNotBuilt:
      return "not built";
  }
  return "unknown";
}

Result<std::string> HashSources(
    const std::filesystem::path& engine_dir,
    const std::filesystem::path& tests_dir) {
  std::string description;
  KV_RETURN_IF_ERROR(Describe(engine_dir, "engine", &description));
  KV_RETURN_IF_ERROR(Describe(tests_dir, "tests", &description));
  return fmt::format("{:016x}", Checksum64(description));
}

Result<ResultStore> ResultStore::Load(const std::filesystem::path& notes_dir) {
  ResultStore store;
  store.path_ = notes_dir / "results.json";
  std::error_code error;
  if (!std::filesystem::exists(store.path_, error)) {
    return store;
  }
  KV_ASSIGN_OR_RETURN(const std::string text, ReadText(store.path_));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const std::string advice =
      "; remove the file to begin anew (only the record of past test runs "
      "is lost)";
  if (!json.is_object() || !json.contains("results") ||
      !json["results"].is_array()) {
    return Status::Corruption(
        store.path_.string() + " is not a list of results" + advice);
  }
  for (const nlohmann::json& item : json["results"]) {
    Result<TestResult> result = FromJson(item);
    if (!result.ok()) {
      return Status::Corruption(fmt::format(
          "{}: {}{}", store.path_.string(), result.status().message(), advice));
    }
    store.results_[result->id] = *result;
  }
  return store;
}

void ResultStore::Record(TestResult result) {
  if (result.time_seconds == 0) {
    result.time_seconds = static_cast<int64_t>(std::time(nullptr));
  }
  results_[result.id] = std::move(result);
}

const TestResult* ResultStore::Find(std::string_view id) const {
  const auto it = results_.find(id);
  return it == results_.end() ? nullptr : &it->second;
}

Status ResultStore::Save() const {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [id, result] : results_) {
    list.push_back({
        {"exercise", id},
        {"outcome", OutcomeName(result.outcome)},
        {"sources", result.sources},
        {"time_seconds", result.time_seconds},
        {"tests_passed", result.tests_passed},
        {"tests_total", result.tests_total},
    });
  }
  return WriteText(path_, nlohmann::json{{"results", list}}.dump(2) + "\n");
}

}  // namespace kv::tool
