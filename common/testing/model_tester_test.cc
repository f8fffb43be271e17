// Goal: the model tester is quiet about a right database, and finds mistakes
// that people make, in few operations. Method: planted faults, each a small
// change of MapSubject; the shrunk list must be short and the text must name
// the promise.

#include "common/testing/model_tester.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/testing/map_subject.h"

namespace kv::testing {
namespace {

ModelTestOptions PersistentOptions() {
  ModelTestOptions options;
  options.capabilities.persistent = true;
  options.capabilities.sync = true;
  options.capabilities.scan = true;
  options.capabilities.exact_counts = true;
  options.subject.path = "db";
  options.subject.value_bytes_max = 70000;
  return options;
}

// A file system is where a run's MapDisk lives; nothing calls it.
template <typename T>
void UseFresh(ModelTestOptions* options) {
  auto disk = std::make_shared<std::shared_ptr<MapDisk>>();
  options->make_file_system = [disk] {
    *disk = std::make_shared<MapDisk>();
    return nullptr;
  };
  options->open = [disk](const SubjectOptions& subject) {
    return Result<std::unique_ptr<Subject>>(
        std::make_unique<T>(subject, *disk));
  };
}

// The first failure within some seeds.
template <typename T>
ModelFailure FindFailure() {
  ModelTestOptions options = PersistentOptions();
  UseFresh<T>(&options);
  for (options.seed = 1; options.seed <= 40; ++options.seed) {
    ModelTestResult result = RunModelTest(options);
    if (result.failure) return *result.failure;
  }
  ADD_FAILURE() << "the planted fault was not found";
  return {};
}

struct Expectation {
  size_t steps_max;
  std::string promise;  // a part of it
};

template <typename T>
void ExpectFound(const Expectation& expected) {
  const ModelFailure failure = FindFailure<T>();
  EXPECT_LE(failure.steps.size(), expected.steps_max) << failure.Text();
  EXPECT_NE(failure.promise.find(expected.promise), std::string::npos)
      << failure.Text();
}

TEST(ModelTester, IsQuietAboutARightDatabase) {
  ModelTestOptions options = PersistentOptions();
  UseFresh<MapSubject>(&options);
  std::map<ModelStep::Kind, uint64_t> steps;
  for (options.seed = 1; options.seed <= 50; ++options.seed) {
    const ModelTestResult result = RunModelTest(options);
    ASSERT_FALSE(result.failure) << result.failure->Text();
    for (const auto& [kind, count] : result.steps_by_kind) {
      steps[kind] += count;
    }
  }
  // Put … Scan: every kind that this database can do was taken.
  EXPECT_EQ(steps.size(), static_cast<size_t>(ModelStep::Kind::kScan) + 1);
}

TEST(ModelTester, ClearsTheModelWhenAPrivateDatabaseIsReopened) {
  ModelTestOptions options;
  options.open = [](const SubjectOptions& subject) {
    return Result<std::unique_ptr<Subject>>(
        std::make_unique<MapSubject>(subject, nullptr));
  };
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    const ModelTestResult result = RunModelTest(options);
    ASSERT_FALSE(result.failure) << result.failure->Text();
    EXPECT_GT(result.steps_by_kind.at(ModelStep::Kind::kReopen), 0u);
  }
}

class ForgetsDelete : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Delete(std::string_view key, WriteMode mode) override {
    if (key.size() > 3) return Status::Ok();
    return MapSubject::Delete(key, mode);
  }
};
TEST(ModelTester, FindsAForgottenDelete) {
  ExpectFound<ForgetsDelete>({3, "of a key that has no value is NotFound"});
}

class DeleteOfAbsentKeyIsAnError : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Delete(std::string_view key, WriteMode mode) override {
    KV_RETURN_IF_ERROR(Get(key).status());
    return MapSubject::Delete(key, mode);
  }
};
TEST(ModelTester, FindsADeleteThatMissesWithAnError) {
  ExpectFound<DeleteOfAbsentKeyIsAnError>({1, "Delete is Ok"});
}

class SplitsBatch : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Write(const std::vector<BatchOperation>& batch, WriteMode) override {
    for (const BatchOperation& operation : batch) {
      KV_RETURN_IF_ERROR(Check(operation));
      Apply(operation);
    }
    return Status::Ok();
  }
};
TEST(ModelTester, FindsARefusedBatchThatLeftItsBeginning) {
  ExpectFound<SplitsBatch>({2, "of a key that has no value is NotFound"});
}

class FirstOfABatchWins : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Write(
      const std::vector<BatchOperation>& batch, WriteMode mode) override {
    std::vector<BatchOperation> reversed(batch.rbegin(), batch.rend());
    return MapSubject::Write(reversed, mode);
  }
};
TEST(ModelTester, FindsABatchAppliedInTheWrongOrder) {
  ExpectFound<FirstOfABatchWins>({2, ""});
}

// A read cache that a batch forgets to invalidate.
class StaleCache : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Put(
      std::string_view key, std::string_view value, WriteMode mode) override {
    cache_.erase(std::string(key));
    return MapSubject::Put(key, value, mode);
  }
  Result<std::string> Get(std::string_view key) override {
    const auto cached = cache_.find(std::string(key));
    if (cached != cache_.end()) return cached->second;
    KV_ASSIGN_OR_RETURN(const std::string value, MapSubject::Get(key));
    cache_[std::string(key)] = value;
    return value;
  }

 private:
  MapDisk cache_;
};
TEST(ModelTester, FindsAStaleValue) {
  ExpectFound<StaleCache>({4, "Get("});
}

class SortsSigned : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Result<std::vector<std::string>> Keys(std::string_view prefix) override {
    KV_ASSIGN_OR_RETURN(
        std::vector<std::string> keys, MapSubject::Keys(prefix));
    std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      return std::lexicographical_compare(
          a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
            return static_cast<signed char>(x) < static_cast<signed char>(y);
          });
    });
    return keys;
  }
};
TEST(ModelTester, FindsKeysSortedAsSignedBytes) {
  ExpectFound<SortsSigned>({3, "sorted as unsigned bytes"});
}

class EndsKeysAtZero : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Put(
      std::string_view key, std::string_view value, WriteMode mode) override {
    return MapSubject::Put(key.substr(0, key.find('\0')), value, mode);
  }
};
TEST(ModelTester, FindsKeysCutAtAZeroByte) {
  ExpectFound<EndsKeysAtZero>({2, ""});
}

class EmptyValueIsNone : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Result<std::string> Get(std::string_view key) override {
    KV_ASSIGN_OR_RETURN(const std::string value, MapSubject::Get(key));
    if (value.empty()) return Status::NotFound();
    return value;
  }
};
TEST(ModelTester, FindsAnEmptyValueTakenForNone) {
  ExpectFound<EmptyValueIsNone>({2, "value that was last written"});
}

class RenameToItselfRemoves : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) override {
    KV_ASSIGN_OR_RETURN(const std::string value, Get(from));
    KV_RETURN_IF_ERROR(Put(to, value, mode));
    return Delete(from, mode);
  }
};
TEST(ModelTester, FindsARenameToItselfThatRemovesTheKey) {
  ExpectFound<RenameToItselfRemoves>({3, ""});
}

class RenameOfMissingRemovesTarget : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) override {
    const bool missing = map().count(std::string(from)) == 0;
    const Status status = MapSubject::Rename(from, to, mode);
    if (missing && from != to) map().erase(std::string(to));
    return status;
  }
};
TEST(ModelTester, FindsARenameOfNothingThatRemovesItsTarget) {
  ExpectFound<RenameOfMissingRemovesTarget>({3, ""});
}

class PrefixEndOverflows : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Result<std::vector<std::string>> Keys(std::string_view prefix) override {
    if (prefix.empty()) return MapSubject::Keys(prefix);
    std::string end(prefix);
    ++end.back();
    KV_ASSIGN_OR_RETURN(const auto entries, Scan(prefix, end));
    std::vector<std::string> keys;
    for (const auto& entry : entries) keys.push_back(entry.first);
    return keys;
  }
};
TEST(ModelTester, FindsAPrefixWhoseEndOverflows) {
  ExpectFound<PrefixEndOverflows>({2, "exactly the keys"});
}

class CountsOverwrites : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Result<uint64_t> EstimatedKeys() override { return count_; }

 protected:
  void Apply(const BatchOperation& operation) override {
    MapSubject::Apply(operation);
    count_ += operation.kind == BatchOperation::Kind::kPut ? 1u : 0u;
  }

 private:
  uint64_t count_ = 0;
};
TEST(ModelTester, FindsAWrongCount) {
  ExpectFound<CountsOverwrites>({3, "the statistics count"});
}

class MultiGetDropsRepeatedKeys : public MapSubject {
 public:
  using MapSubject::MapSubject;
  std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string>& keys) override {
    std::vector<std::string> once = keys;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    return MapSubject::MultiGet(once);
  }
};
TEST(ModelTester, FindsAMultiGetThatDropsRepeatedKeys) {
  ExpectFound<MultiGetDropsRepeatedKeys>({2, "MultiGet"});
}

class CutsValueLengthTo16Bits : public MapSubject {
 public:
  using MapSubject::MapSubject;

 protected:
  void Apply(const BatchOperation& operation) override {
    BatchOperation cut = operation;
    cut.value.resize(cut.value.size() % 65536);
    MapSubject::Apply(cut);
  }
};
TEST(ModelTester, FindsALengthOf16BitsAndTheSmallestValueThatShowsIt) {
  const ModelFailure failure = FindFailure<CutsValueLengthTo16Bits>();
  ASSERT_LE(failure.steps.size(), 2u) << failure.Text();
  EXPECT_NE(failure.expected.find("std::string(65536, '"), std::string::npos)
      << failure.Text();
}

class LosesTheLastWriteAtClose : public MapSubject {
 public:
  using MapSubject::MapSubject;
  Status Close() override {
    map().erase(last_);
    return Status::Ok();
  }

 protected:
  void Apply(const BatchOperation& operation) override {
    MapSubject::Apply(operation);
    last_ = operation.key;
  }

 private:
  std::string last_ = "nothing yet";
};
TEST(ModelTester, FindsAWriteLostByReopening) {
  ExpectFound<LosesTheLastWriteAtClose>({3, ""});
}

class LosesAKeyWhenItGrows : public MapSubject {
 public:
  using MapSubject::MapSubject;

 protected:
  void Apply(const BatchOperation& operation) override {
    MapSubject::Apply(operation);
    if (map().size() == 17) map().erase(map().begin());
  }
};
TEST(ModelTester, FindsAKeyLostByGrowth) {
  // Seventeen keys are needed. No operation can be left out of the list that
  // is found, though a shorter one exists.
  ExpectFound<LosesAKeyWhenItGrows>({20, ""});
}

TEST(ModelTester, PrintsStepsPromiseAndReplayCommand) {
  const ModelFailure failure = FindFailure<ForgetsDelete>();
  const std::string text = failure.Text();
  for (const char* part :
       {"A promise was broken: ", "\n  expected: NotFound\n",
        "\n  actual:   ", "\n  db->Put(\"", "\n  db->Delete(\"", "  // here\n",
        "\nReplay: KV_SEED="}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

TEST(StepLine, IsCodeThatCanBeCopied) {
  ModelStep put;
  put.kind = ModelStep::Kind::kPut;
  put.first = std::string("a\0b", 3);
  put.second = std::string(300, 'x');
  EXPECT_EQ(StepLine(put), "db->Put(\"a\\000b\"s, std::string(300, 'x'));");
}

TEST(StepGenerator, GivesTheSameStepsForTheSameSeed) {
  const ModelTestOptions options = PersistentOptions();
  StepGenerator a(7, options.capabilities, options.subject);
  StepGenerator b(7, options.capabilities, options.subject);
  StepGenerator c(8, options.capabilities, options.subject);
  int different = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string line = StepLine(a.Next());
    EXPECT_EQ(line, StepLine(b.Next()));
    if (line != StepLine(c.Next())) ++different;
  }
  EXPECT_GT(different, 100);
}

}  // namespace
}  // namespace kv::testing
