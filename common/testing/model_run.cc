#include "common/testing/model_run.h"

namespace kv::testing {
namespace {

using Kind = ModelStep::Kind;
using Outcome = ModelRun::Outcome;

std::string Show(const Result<std::string>& result) {
  return result.ok() ? QuoteBytes(*result) : result.status().ToString();
}

std::string Show(const std::vector<std::string>& keys) {
  std::string text = "{";
  for (const std::string& key : keys) {
    text += (text.size() > 1 ? ", " : "") + QuoteBytes(key);
    if (text.size() > 500) return text + ", ...}";
  }
  return text + "}";
}

std::string Count(size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

bool HasPrefix(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// Where two sorted lists that should be equal part, in words.
Outcome CompareKeys(
    const std::string& call, const std::vector<std::string>& expected,
    const std::vector<std::string>& actual) {
  if (expected == actual) return std::nullopt;
  size_t same = 0;
  while (same < expected.size() && same < actual.size() &&
         expected[same] == actual[same]) {
    ++same;
  }
  const std::string at = " (they part at position " + std::to_string(same) +
      ": expected " +
      (same < expected.size() ? QuoteBytes(expected[same]) : "the end") +
      ", got " + (same < actual.size() ? QuoteBytes(actual[same]) : "the end") +
      ")";
  return BrokenPromise{
      call +
          " gives exactly the keys that have a value, each once, sorted "
          "as unsigned bytes",
      Count(expected.size(), "key") + ": " + Show(expected),
      Count(actual.size(), "key") + ": " + Show(actual) + at,
  };
}

}  // namespace

ModelRun::ModelRun(const ModelTestOptions& options)
    : options_(options), random_(options.seed) {
  if (options.make_file_system) file_system_ = options.make_file_system();
}

Outcome ModelRun::Open() {
  SubjectOptions subject = options_.subject;
  if (file_system_ != nullptr) subject.file_system = file_system_.get();
  if (subject.random == nullptr) subject.random = &random_;
  Result<std::unique_ptr<Subject>> opened = options_.open(subject);
  if (!opened.ok()) {
    return BrokenPromise{
        "Open succeeds on a database that was closed well, or is not there",
        "Ok", opened.status().ToString()};
  }
  subject_ = std::move(*opened);
  return std::nullopt;
}

Outcome ModelRun::Take(const ModelStep& step) {
  switch (step.kind) {
    case Kind::kPut:
      return TakePut(step);
    case Kind::kDelete:
      return TakeDelete(step);
    case Kind::kWrite:
      return TakeWrite(step);
    case Kind::kRename:
      return TakeRename(step);
    case Kind::kGet:
      return TakeGet(step.first);
    case Kind::kExists:
      return TakeExists(step.first);
    case Kind::kMultiGet:
      return TakeMultiGet(step.keys);
    case Kind::kKeys:
      return TakeKeys(step.first);
    case Kind::kCount:
      return TakeCount();
    case Kind::kCheckAll:
      return TakeCheckAll();
    case Kind::kReopen:
      return TakeReopen();
    case Kind::kScan:
      return TakeScan(step);
    case Kind::kSync:
      return MustBeOk("Sync returns Ok", subject_->Sync());
    case Kind::kFlush:
      return MustBeOk("Flush returns Ok", subject_->Flush());
    case Kind::kCheckpoint:
      return MustBeOk("Checkpoint returns Ok", subject_->Checkpoint());
    case Kind::kCompact:
      return MustBeOk("Compact returns Ok", subject_->Compact());
  }
  return std::nullopt;
}

Outcome ModelRun::Close() {
  const Status status = subject_->Close();
  subject_.reset();
  return MustBeOk("Close returns Ok when nothing failed", status);
}

Outcome ModelRun::TakePut(const ModelStep& step) {
  const Status status = subject_->Put(step.first, step.second, step.mode);
  if (!Fits(step.first, step.second)) return MustBeRefused(status);
  model_[step.first] = step.second;
  return MustBeOk("Put of a key and value within the limits is Ok", status);
}

Outcome ModelRun::TakeDelete(const ModelStep& step) {
  const Status status = subject_->Delete(step.first, step.mode);
  if (!Fits(step.first, "")) return MustBeRefused(status);
  model_.erase(step.first);
  return MustBeOk("Delete is Ok, also of a key that is not there", status);
}

Outcome ModelRun::TakeWrite(const ModelStep& step) {
  const Status status = subject_->Write(step.batch, step.mode);
  for (const BatchOperation& operation : step.batch) {
    if (!Fits(operation.key, operation.value)) return MustBeRefused(status);
  }
  for (const BatchOperation& operation : step.batch) {
    if (operation.kind == BatchOperation::Kind::kPut) {
      model_[operation.key] = operation.value;
    } else {
      model_.erase(operation.key);
    }
  }
  return MustBeOk("Write of a batch within the limits is Ok", status);
}

Outcome ModelRun::TakeRename(const ModelStep& step) {
  const Status status = subject_->Rename(step.first, step.second, step.mode);
  const auto from = model_.find(step.first);
  if (!Fits(step.second, "")) {
    if (from == model_.end() && status.IsNotFound()) return std::nullopt;
    return MustBeRefused(status);
  }
  if (from == model_.end()) {
    if (status.IsNotFound()) return std::nullopt;
    return BrokenPromise{
        "Rename of a key that has no value is NotFound", "NotFound",
        status.ToString()};
  }
  const std::string value = from->second;
  model_.erase(from);
  model_[step.second] = value;
  return MustBeOk("Rename of a key that has a value is Ok", status);
}

Outcome ModelRun::TakeGet(const std::string& key) {
  return CompareGet("Get", key, subject_->Get(key));
}

Outcome ModelRun::TakeExists(const std::string& key) {
  const bool expected = model_.count(key) > 0;
  const Result<bool> actual = subject_->Exists(key);
  if (actual.ok() && *actual == expected) return std::nullopt;
  return BrokenPromise{
      "Exists says whether a key has a value", expected ? "true" : "false",
      actual.ok() ? (*actual ? "true" : "false") : actual.status().ToString()};
}

Outcome ModelRun::TakeMultiGet(const std::vector<std::string>& keys) {
  const std::vector<Result<std::string>> actual = subject_->MultiGet(keys);
  if (actual.size() != keys.size()) {
    return BrokenPromise{
        "MultiGet gives one result for each key", Count(keys.size(), "result"),
        Count(actual.size(), "result")};
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    Outcome outcome = CompareGet("MultiGet", keys[i], actual[i]);
    if (outcome) return outcome;
  }
  return std::nullopt;
}

Outcome ModelRun::TakeKeys(const std::string& prefix) {
  std::vector<std::string> expected;
  for (auto at = model_.lower_bound(prefix);
       at != model_.end() && HasPrefix(at->first, prefix); ++at) {
    expected.push_back(at->first);
  }
  const std::string call = "Keys(" + QuoteBytes(prefix) + ")";
  const Result<std::vector<std::string>> actual = subject_->Keys(prefix);
  if (!actual.ok()) {
    return BrokenPromise{
        call + " returns no error", Show(expected), actual.status().ToString()};
  }
  return CompareKeys(call, expected, *actual);
}

Outcome ModelRun::TakeCount() {
  const Result<uint64_t> actual = subject_->EstimatedKeys();
  if (actual.ok() && *actual == model_.size()) return std::nullopt;
  return BrokenPromise{
      "the statistics count exactly the keys that have a value",
      std::to_string(model_.size()),
      actual.ok() ? std::to_string(*actual) : actual.status().ToString()};
}

Outcome ModelRun::TakeCheckAll() {
  Outcome outcome = TakeKeys("");
  if (outcome) return outcome;
  for (const auto& [key, value] : model_) {
    outcome = TakeGet(key);
    if (outcome) return outcome;
  }
  return std::nullopt;
}

Outcome ModelRun::TakeReopen() {
  Outcome outcome = Close();
  if (outcome) return outcome;
  outcome = Open();
  if (outcome) return outcome;
  // What is private to the object ends with it.
  if (options_.subject.path.empty()) model_.clear();
  return CheckFiles();
}

Outcome ModelRun::CheckFiles() {
  const std::vector<std::string>& allowed = options_.capabilities.file_patterns;
  if (file_system_ == nullptr || allowed.empty()) return std::nullopt;
  const Result<std::vector<std::string>> names =
      file_system_->List(options_.subject.path);
  if (!names.ok()) return MustBeOk("the directory is there", names.status());
  for (const std::string& name : *names) {
    bool known = false;
    for (const std::string& pattern : allowed) {
      known = known || MatchesFilePattern(name, pattern);
    }
    if (!known) {
      return BrokenPromise{
          "Open leaves no file behind that is not the database's",
          Show(allowed), QuoteBytes(name)};
    }
  }
  return std::nullopt;
}

Outcome ModelRun::TakeScan(const ModelStep& step) {
  const std::string& start = step.first;
  const std::string& end = step.second;
  std::vector<std::string> expected;
  for (auto at = model_.lower_bound(start);
       at != model_.end() && (end.empty() || at->first < end); ++at) {
    expected.push_back(at->first);
  }
  const auto entries = subject_->Scan(start, end);
  const std::string call =
      "Scan(" + QuoteBytes(start) + ", " + QuoteBytes(end) + ")";
  if (!entries.ok()) {
    return BrokenPromise{
        call + " returns no error", Show(expected),
        entries.status().ToString()};
  }
  std::vector<std::string> actual;
  for (const auto& entry : *entries) actual.push_back(entry.first);
  Outcome outcome = CompareKeys(call, expected, actual);
  for (size_t i = 0; !outcome && i < entries->size(); ++i) {
    outcome = CompareGet("Scan", (*entries)[i].first, (*entries)[i].second);
  }
  return outcome;
}

Outcome ModelRun::CompareGet(
    const char* call, const std::string& key,
    const Result<std::string>& actual) {
  const auto found = model_.find(key);
  const std::string name = std::string(call) + "(" + QuoteBytes(key) + ")";
  if (found == model_.end()) {
    if (!actual.ok() && actual.status().IsNotFound()) return std::nullopt;
    return BrokenPromise{
        name + " of a key that has no value is NotFound", "NotFound",
        Show(actual)};
  }
  if (actual.ok() && *actual == found->second) return std::nullopt;
  return BrokenPromise{
      name + " returns the value that was last written to the key",
      QuoteBytes(found->second), Show(actual)};
}

Outcome ModelRun::MustBeOk(const char* promise, const Status& status) const {
  if (status.ok()) return std::nullopt;
  return BrokenPromise{promise, "Ok", status.ToString()};
}

Outcome ModelRun::MustBeRefused(const Status& status) const {
  if (status.code() == StatusCode::kInvalidArgument) return std::nullopt;
  return BrokenPromise{
      "a write with a key or value over its limit is refused as a whole",
      "InvalidArgument", status.ToString()};
}

bool ModelRun::Fits(const std::string& key, const std::string& value) const {
  return key.size() <= options_.subject.key_bytes_max &&
      value.size() <= options_.subject.value_bytes_max;
}

}  // namespace kv::testing
