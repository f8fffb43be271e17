#pragma once

// A database and its model side by side, taken through steps.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/testing/model_step.h"
#include "common/testing/model_tester.h"
#include "common/testing/subject.h"

namespace kv::testing {

/// What a database did against its promise.
struct BrokenPromise {
  std::string promise;
  std::string expected;
  std::string actual;
};

class ModelRun {
 public:
  using Outcome = std::optional<BrokenPromise>;

  explicit ModelRun(const ModelTestOptions& options);

  /// Before the first step.
  Outcome Open();
  Outcome Take(const ModelStep& step);
  /// Closes the database; no step may follow.
  Outcome Close();

 private:
  Outcome TakePut(const ModelStep& step);
  Outcome TakeDelete(const ModelStep& step);
  Outcome TakeWrite(const ModelStep& step);
  Outcome TakeRename(const ModelStep& step);
  Outcome TakeGet(const std::string& key);
  Outcome TakeExists(const std::string& key);
  Outcome TakeMultiGet(const std::vector<std::string>& keys);
  Outcome TakeKeys(const std::string& prefix);
  Outcome TakeCount();
  Outcome TakeCheckAll();
  Outcome TakeReopen();
  Outcome TakeScan(const ModelStep& step);
  Outcome CheckFiles();

  Outcome CompareGet(
      const char* call, const std::string& key,
      const Result<std::string>& actual);
  Outcome MustBeOk(const char* promise, const Status& status) const;
  Outcome MustBeRefused(const Status& status) const;
  bool Fits(const std::string& key, const std::string& value) const;

  const ModelTestOptions& options_;
  SeededRandom random_;
  std::shared_ptr<FileSystem> file_system_;
  std::unique_ptr<Subject> subject_;
  std::map<std::string, std::string> model_;
};

}  // namespace kv::testing
