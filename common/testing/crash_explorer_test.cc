// The crash explorer is proved on a small store that is right, and on twelve
// that have one fault each: a checker that has never found anything proves
// nothing.
//
// The store: CURRENT names a manifest, the manifest names a table (all keys
// at the last flush) and a log (the writes since). A flush writes a new
// table, log and manifest, then switches CURRENT by a rename.

#include "common/testing/crash_explorer.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "common/base/checksum.h"
#include "common/testing/test_size.h"

namespace kv::testing {
namespace {

enum class Plant {
  kNone,
  kFileNotSynced,
  kDirectoryNotSyncedAfterCreate,
  kDirectoryNotSyncedAfterRename,
  kDirectoryNotSyncedBeforeDelete,
  kTailNotTrimmed,
  kTrimNotSynced,
  kAppendAfterGarbage,
  kCurrentBeforeManifestIsSynced,
  kLogRemovedEarly,
  kAcknowledgedBeforeSync,
  kBatchSplit,
  kLengthTrusted,
  kRecoveredNotSynced,
  kOrphanLeft,
};

std::string Number(uint32_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

bool TakeNumber(std::string_view* bytes, uint32_t* number) {
  if (bytes->size() < sizeof(*number)) return false;
  std::memcpy(number, bytes->data(), sizeof(*number));
  bytes->remove_prefix(sizeof(*number));
  return true;
}

bool TakeString(std::string_view* bytes, std::string* text) {
  uint32_t length = 0;
  if (!TakeNumber(bytes, &length) || bytes->size() < length) return false;
  text->assign(bytes->substr(0, length));
  bytes->remove_prefix(length);
  return true;
}

std::string Encode(const std::vector<BatchOperation>& batch) {
  std::string payload;
  for (const BatchOperation& operation : batch) {
    payload += operation.kind == BatchOperation::Kind::kPut ? 'P' : 'D';
    payload += Number(static_cast<uint32_t>(operation.key.size()));
    payload += operation.key;
    payload += Number(static_cast<uint32_t>(operation.value.size()));
    payload += operation.value;
  }
  return payload;
}

// Length, checksum of length and payload tied to the place, payload.
std::string Frame(const std::string& payload, uint64_t offset) {
  const std::string length = Number(static_cast<uint32_t>(payload.size()));
  return length + Number(Checksum32(length + payload, offset + 1)) + payload;
}

class ToyStore : public Subject {
 public:
  static Result<std::unique_ptr<Subject>> Open(
      Plant plant, const SubjectOptions& options) {
    auto store = std::unique_ptr<ToyStore>(
        new ToyStore(plant, options.file_system, options.path));
    KV_RETURN_IF_ERROR(store->Recover());
    return std::unique_ptr<Subject>(std::move(store));
  }

  Status Put(
      std::string_view key, std::string_view value, WriteMode mode) override {
    return Write(
        {{BatchOperation::Kind::kPut, std::string(key), std::string(value)}},
        mode);
  }
  Status Delete(std::string_view key, WriteMode mode) override {
    return Write({{BatchOperation::Kind::kDelete, std::string(key), ""}}, mode);
  }
  Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) override {
    if (from == to) return Status::Ok();
    KV_ASSIGN_OR_RETURN(std::string value, Get(from));
    return Write(
        {{BatchOperation::Kind::kDelete, std::string(from), ""},
         {BatchOperation::Kind::kPut, std::string(to), std::move(value)}},
        mode);
  }

  Status Write(
      const std::vector<BatchOperation>& batch, WriteMode mode) override {
    if (plant_ == Plant::kBatchSplit) {
      for (const BatchOperation& operation : batch) {
        KV_RETURN_IF_ERROR(
            log_->Append(Frame(Encode({operation}), log_->Size())));
      }
    } else {
      KV_RETURN_IF_ERROR(log_->Append(Frame(Encode(batch), log_->Size())));
    }
    if (mode == WriteMode::kSynced) KV_RETURN_IF_ERROR(Sync());
    Apply(batch);
    return Status::Ok();
  }

  Status Sync() override {
    return plant_ == Plant::kAcknowledgedBeforeSync ? Status::Ok()
                                                    : log_->Sync();
  }

  Result<std::string> Get(std::string_view key) override {
    const auto found = content_.find(std::string(key));
    if (found == content_.end()) return Status::NotFound();
    return found->second;
  }
  Result<std::vector<std::string>> Keys(std::string_view) override {
    std::vector<std::string> keys;
    for (const auto& [key, value] : content_) keys.push_back(key);
    return keys;
  }
  Result<bool> Exists(std::string_view key) override {
    return content_.count(std::string(key)) > 0;
  }
  std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string>& keys) override {
    std::vector<Result<std::string>> values;
    for (const std::string& key : keys) values.push_back(Get(key));
    return values;
  }
  Result<uint64_t> EstimatedKeys() override { return content_.size(); }

  Status Flush() override { return Switch(number_ + 1); }

  Status Close() override { return log_->Close(); }

 private:
  ToyStore(Plant plant, FileSystem* fs, std::string path)
      : plant_(plant), fs_(fs), path_(std::move(path)) {}

  std::string Path(const std::string& name) { return JoinPath(path_, name); }
  std::string Path(uint32_t number, const char* ending) {
    return Path(std::to_string(number) + ending);
  }

  void Apply(const std::vector<BatchOperation>& batch) {
    ModelStep step;
    step.kind = ModelStep::Kind::kWrite;
    step.batch = batch;
    ApplyToModel(step, &content_);
  }

  Status WriteNew(
      const std::string& path, const std::string& content, bool sync) {
    KV_ASSIGN_OR_RETURN(
        auto file, fs_->OpenForAppend(path, AppendMode::kCreate));
    KV_RETURN_IF_ERROR(file->Append(content));
    return sync ? file->Sync() : Status::Ok();
  }

  // Writes table, log and manifest of that number, makes them current, and
  // removes the old ones.
  Status Switch(uint32_t number) {
    std::vector<BatchOperation> all;
    for (const auto& [key, value] : content_) {
      all.push_back({BatchOperation::Kind::kPut, key, value});
    }
    const bool fresh = number == 1;
    KV_RETURN_IF_ERROR(WriteNew(
        Path(number, ".tab"), Frame(Encode(all), 0),
        plant_ != Plant::kFileNotSynced));
    KV_ASSIGN_OR_RETURN(
        log_, fs_->OpenForAppend(Path(number, ".log"), AppendMode::kCreate));
    if (plant_ == Plant::kLogRemovedEarly && !fresh) {
      KV_RETURN_IF_ERROR(fs_->Remove(Path(number_, ".log")));
    }
    KV_RETURN_IF_ERROR(WriteNew(
        Path(number, ".man"), Frame(Number(number), 0),
        plant_ != Plant::kCurrentBeforeManifestIsSynced));
    if (plant_ != Plant::kDirectoryNotSyncedAfterCreate) {
      KV_RETURN_IF_ERROR(fs_->SyncDirectory(path_));
    }
    KV_RETURN_IF_ERROR(
        WriteFile(fs_, Path("CURRENT.tmp"), Frame(Number(number), 0)));
    KV_RETURN_IF_ERROR(fs_->Rename(Path("CURRENT.tmp"), Path("CURRENT")));
    const bool skips_sync =
        (plant_ == Plant::kDirectoryNotSyncedAfterRename && fresh) ||
        (plant_ == Plant::kDirectoryNotSyncedBeforeDelete && !fresh);
    if (!skips_sync) KV_RETURN_IF_ERROR(fs_->SyncDirectory(path_));
    number_ = number;
    return RemoveOthers();
  }

  Status RemoveOthers() {
    KV_ASSIGN_OR_RETURN(const auto names, fs_->List(path_));
    const std::string prefix = std::to_string(number_) + ".";
    for (const std::string& name : names) {
      if (name == "CURRENT" || name.compare(0, prefix.size(), prefix) == 0) {
        continue;
      }
      if (plant_ == Plant::kOrphanLeft && name == "CURRENT.tmp") continue;
      KV_RETURN_IF_ERROR(fs_->Remove(Path(name)));
    }
    return Status::Ok();
  }

  Status Recover() {
    KV_RETURN_IF_ERROR(fs_->CreateDirectory(path_));
    KV_RETURN_IF_ERROR(fs_->SyncDirectory(ParentPath(path_)));
    KV_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(Path("CURRENT")));
    if (!exists) {
      KV_RETURN_IF_ERROR(RemoveOthers());
      return Switch(1);
    }
    KV_RETURN_IF_ERROR(ReadNumber("CURRENT"));
    KV_RETURN_IF_ERROR(ReadNumber(std::to_string(number_) + ".man"));
    KV_ASSIGN_OR_RETURN(
        const std::string table, ReadFile(fs_, Path(number_, ".tab")));
    if (Replay(table) != table.size() || table.empty()) {
      return Status::Corruption("the table is damaged");
    }
    KV_ASSIGN_OR_RETURN(
        const std::string log, ReadFile(fs_, Path(number_, ".log")));
    KV_RETURN_IF_ERROR(TrimTail(log, Replay(log)));
    if (plant_ != Plant::kDirectoryNotSyncedAfterRename) {
      KV_RETURN_IF_ERROR(fs_->SyncDirectory(path_));
    }
    return RemoveOthers();
  }

  Status ReadNumber(const std::string& name) {
    auto file = ReadFile(fs_, Path(name));
    if (!file.ok()) {
      return Status::Corruption(name + ": " + file.status().ToString());
    }
    if (*file != Frame(file->substr(file->size() < 8 ? file->size() : 8), 0) ||
        file->size() != 12) {
      return Status::Corruption(name + " is damaged");
    }
    std::string_view rest = std::string_view(*file).substr(8);
    static_cast<void>(TakeNumber(&rest, &number_));
    return Status::Ok();
  }

  // Applies frames up to the first bad one; returns where that is.
  size_t Replay(const std::string& file) {
    std::string_view rest = file;
    while (true) {
      const size_t offset = file.size() - rest.size();
      uint32_t length = 0;
      uint32_t checksum = 0;
      std::string_view frame = rest;
      if (!TakeNumber(&frame, &length) || !TakeNumber(&frame, &checksum) ||
          frame.size() < length) {
        return offset;
      }
      const std::string payload(frame.substr(0, length));
      if (Frame(payload, offset) != rest.substr(0, 8 + length) &&
          (plant_ != Plant::kLengthTrusted || length == 0)) {
        return offset;
      }
      std::vector<BatchOperation> batch;
      std::string_view body = payload;
      while (!body.empty()) {
        BatchOperation operation;
        operation.kind = body[0] == 'P' ? BatchOperation::Kind::kPut
                                        : BatchOperation::Kind::kDelete;
        body.remove_prefix(1);
        if (!TakeString(&body, &operation.key) ||
            !TakeString(&body, &operation.value)) {
          break;
        }
        batch.push_back(std::move(operation));
      }
      Apply(batch);
      rest.remove_prefix(8 + length);
    }
  }

  Status TrimTail(const std::string& log, size_t good) {
    KV_ASSIGN_OR_RETURN(
        log_, fs_->OpenForAppend(Path(number_, ".log"), AppendMode::kExisting));
    // A frame of full length with a bad checksum, left where it is.
    uint32_t length = 0;
    std::string_view tail = std::string_view(log).substr(good);
    const bool is_whole = TakeNumber(&tail, &length) && tail.size() >= 4 &&
        tail.size() - 4 >= length && length > 0;
    const bool keeps = plant_ == Plant::kTailNotTrimmed ||
        (plant_ == Plant::kAppendAfterGarbage && is_whole);
    if (good < log.size() && !keeps) {
      KV_RETURN_IF_ERROR(log_->Truncate(good));
      if (plant_ == Plant::kTrimNotSynced) return Status::Ok();
    }
    return plant_ == Plant::kRecoveredNotSynced ? Status::Ok() : log_->Sync();
  }

  const Plant plant_;
  FileSystem* const fs_;
  const std::string path_;
  uint32_t number_ = 0;
  std::unique_ptr<AppendFile> log_;
  ModelMap content_;
};

CrashOptions ToyOptions(Plant plant, uint64_t states_max) {
  CrashOptions options;
  options.open = [plant](const SubjectOptions& subject) {
    return ToyStore::Open(plant, subject);
  };
  options.capabilities.persistent = true;
  options.capabilities.sync = true;
  options.capabilities.flush = true;
  options.capabilities.file_patterns = {"CURRENT", "#.tab", "#.log", "#.man"};
  // The toy syncs a log that it has cut at once.
  options.capabilities.crash_kinds_never = {CrashKind::kTruncateLost};
  options.seed = TestSeed();
  options.states_max = states_max;
  return options;
}

TEST(CrashExplorerTest, ARightStoreKeepsItsPromises) {
  CrashOptions options =
      ToyOptions(Plant::kNone, Pick<uint64_t>(10'000, 150'000, 2'000'000));
  options.threads = Pick<unsigned>(1, 2, 2);
  RunCrashExploration(options);
}

TEST(CrashExplorerTest, EveryKindHasStatesWhereThereAreRenames) {
  const CrashReport report = ExploreCrashes(ToyOptions(Plant::kNone, 10'000));
  ASSERT_FALSE(report.failure.has_value()) << report.failure->Text();
  EXPECT_GE(report.AllStates(), 10'000u);
  for (size_t i = 0; i < kCrashKinds; ++i) {
    const auto kind = static_cast<CrashKind>(i);
    // The toy syncs a log that it has cut at once.
    if (kind == CrashKind::kTruncateLost) continue;
    EXPECT_GT(report.built[i], 0u) << CrashKindName(kind);
    // It syncs a file before it gets its final name: most of these disks are
    // the same as others.
    if (kind == CrashKind::kRenameWithoutData ||
        kind == CrashKind::kDataWithoutRename) {
      continue;
    }
    EXPECT_GT(report.StatesOf(kind), 0u) << CrashKindName(kind);
  }
  EXPECT_EQ(report.states.size(), 5u) << report.Text();
  EXPECT_GE(report.StatesOf(CrashKind::kNested) * 4, report.AllStates());
}

// As many states as were asked for, of every kind.
CrashReport FullReport() {
  CrashReport report;
  report.built.fill(5);
  report.states["a group"].fill(2);
  return report;
}

TEST(CrashReportTest, AKindWithoutStatesIsAGap) {
  CrashOptions options;
  options.states_max = 2 * kCrashKinds;
  EXPECT_EQ(FullReport().Gaps(options), std::vector<std::string>{});
  options.states_max = 2 * kCrashKinds - 2;
  for (size_t i = 0; i < kCrashKinds; ++i) {
    const auto kind = static_cast<CrashKind>(i);
    const std::string name(CrashKindName(kind));
    CrashReport report = FullReport();
    report.states["a group"][i] = 0;
    const bool may_be_known = kind == CrashKind::kNamesApart ||
        kind == CrashKind::kTruncateLost ||
        kind == CrashKind::kRenameWithoutData ||
        kind == CrashKind::kDataWithoutRename;
    EXPECT_EQ(report.Gaps(options).size(), may_be_known ? 0u : 1u) << name;
    report.built[i] = 0;
    ASSERT_EQ(report.Gaps(options).size(), 1u) << name;
    EXPECT_NE(report.Gaps(options)[0].find(name), std::string::npos);
    options.capabilities.crash_kinds_never = {kind};
    EXPECT_EQ(report.Gaps(options), std::vector<std::string>{}) << name;
    options.capabilities.crash_kinds_never = {};
  }
}

TEST(CrashReportTest, AKindThatIsSaidToBeImpossibleAndIsNotIsAGap) {
  CrashOptions options;
  options.states_max = 1;
  options.capabilities.crash_kinds_never = {CrashKind::kFilesApart};
  const auto gaps = FullReport().Gaps(options);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_NE(gaps[0].find("files kept or dropped apart"), std::string::npos);
  EXPECT_NE(gaps[0].find("impossible"), std::string::npos);
}

TEST(CrashReportTest, FewerStatesThanWereAskedForAreAGap) {
  CrashOptions options;
  options.states_max = 2 * kCrashKinds + 1;
  const auto gaps = FullReport().Gaps(options);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_NE(gaps[0].find("ended after 24 states"), std::string::npos)
      << gaps[0];
}

TEST(CrashExplorerTest, TheSameSeedExploresTheSameStates) {
  const CrashReport one = ExploreCrashes(ToyOptions(Plant::kNone, 3'000));
  const CrashReport two = ExploreCrashes(ToyOptions(Plant::kNone, 3'000));
  EXPECT_EQ(one.Text(), two.Text());
}

struct PlantedFault {
  const char* name;
  Plant plant;
  int contract;  // the promise that breaks; 0: one or another
};

class CrashExplorerFinds : public ::testing::TestWithParam<PlantedFault> {};

TEST_P(CrashExplorerFinds, ThePlantedFault) {
  const CrashReport report =
      ExploreCrashes(ToyOptions(GetParam().plant, 20'000));
  ASSERT_TRUE(report.failure.has_value()) << report.Text();
  if (std::getenv("KV_SHOW_FAILURES") != nullptr) {
    std::printf("%s", report.failure->Text().c_str());
  }
  if (GetParam().contract != 0) {
    EXPECT_EQ(report.failure->contract, GetParam().contract)
        << report.failure->Text();
  }
  EXPECT_LE(report.failure->steps.size(), 20u) << report.failure->Text();
  EXPECT_NE(report.failure->Text().find("KV_SEED="), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Planted, CrashExplorerFinds,
    ::testing::Values(
        PlantedFault{"FileNotSynced", Plant::kFileNotSynced, 1},
        PlantedFault{
            "DirectoryNotSyncedAfterCreate",
            Plant::kDirectoryNotSyncedAfterCreate, 3},
        PlantedFault{
            "DirectoryNotSyncedAfterRename",
            Plant::kDirectoryNotSyncedAfterRename, 1},
        PlantedFault{
            "DirectoryNotSyncedBeforeDelete",
            Plant::kDirectoryNotSyncedBeforeDelete, 3},
        PlantedFault{"TailNotTrimmed", Plant::kTailNotTrimmed, 1},
        PlantedFault{"TrimNotSynced", Plant::kTrimNotSynced, 8},
        PlantedFault{"AppendAfterGarbage", Plant::kAppendAfterGarbage, 1},
        PlantedFault{
            "CurrentBeforeManifestIsSynced",
            Plant::kCurrentBeforeManifestIsSynced, 1},
        PlantedFault{"LogRemovedEarly", Plant::kLogRemovedEarly, 3},
        PlantedFault{
            "AcknowledgedBeforeSync", Plant::kAcknowledgedBeforeSync, 1},
        PlantedFault{"BatchSplit", Plant::kBatchSplit, 0},
        PlantedFault{"LengthTrusted", Plant::kLengthTrusted, 0},
        PlantedFault{"RecoveredNotSynced", Plant::kRecoveredNotSynced, 8},
        PlantedFault{"OrphanLeft", Plant::kOrphanLeft, 7}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace kv::testing
