// Goal: an option that makes no sense, and a device that takes no writes, are
// refused with an error that says which and what to do, before anything is
// made or changed; the least and the greatest values work.
// Method: boundary tables; a file system all of whose changing calls fail.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/recovery_verbs.h"

namespace kv {
namespace {

struct BadOption {
  std::string name;
  std::function<void(Options*)> set;
};

std::vector<BadOption> BadOptions() {
  constexpr uint64_t kMost = UINT64_MAX;
  constexpr uint64_t kMiB = 1024 * 1024;
  return {
      {"key_bytes_max", [](Options* o) { o->key_bytes_max = kMost; }},
      {"value_bytes_max", [](Options* o) { o->value_bytes_max = kMost; }},
      {"sync_interval_micros", [](Options* o) { o->sync_interval_micros = 0; }},
      {"sync_interval_micros",
       [](Options* o) { o->sync_interval_micros = kMost; }},
      {"wal_segment_bytes_max",
       [](Options* o) { o->wal_segment_bytes_max = 0; }},
      {"memtable_bytes_max", [](Options* o) { o->memtable_bytes_max = 0; }},
      {"manifest_bytes_max", [](Options* o) { o->manifest_bytes_max = 0; }},
      {"memtable_kind",
       [](Options* o) { o->memtable_kind = static_cast<MemTableKind>(2); }},
      {"read_buffer_bytes", [](Options* o) { o->read_buffer_bytes = 0; }},
      {"read_buffer_bytes",
       [](Options* o) { o->read_buffer_bytes = 64 * kMiB + 1; }},
      {"write_buffer_bytes", [](Options* o) { o->write_buffer_bytes = 0; }},
      {"write_buffer_bytes",
       [](Options* o) { o->write_buffer_bytes = 64 * kMiB + 1; }},
      {"sync_policy",
       [](Options* o) { o->sync_policy = static_cast<SyncPolicy>(3); }},
      {"sync_policy",
       [](Options* o) { o->sync_policy = static_cast<SyncPolicy>(-1); }},
      {"recovery_mode",
       [](Options* o) { o->recovery_mode = static_cast<RecoveryMode>(4); }},
      {"recovery_mode",
       [](Options* o) { o->recovery_mode = static_cast<RecoveryMode>(-1); }},
  };
}

TEST(OptionsTest, AValueOutOfRangeIsRefusedByNameBeforeAnythingIsMade) {
  for (const BadOption& bad : BadOptions()) {
    Disk disk;
    Options options;
    bad.set(&options);
    EXPECT_TRUE(Fails(
        disk.TryOpen(options).status(), StatusCode::kInvalidArgument,
        {bad.name + " is "}));
    EXPECT_FALSE(disk.memory().Exists(disk.path()).value()) << bad.name;
  }
}

TEST(OptionsTest, AValueOutOfRangeLeavesADatabaseAsItIs) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->Close(), "Close");
  const FilesByPath before = AllFiles(disk);
  for (const BadOption& bad : BadOptions()) {
    Options options;
    bad.set(&options);
    EXPECT_FALSE(disk.TryOpen(options).ok()) << bad.name;
    EXPECT_TRUE(AllFiles(disk) == before) << bad.name;
  }
}

// Writes, checkpoints, loses the power and reads under `options`.
void ExpectWorks(const Options& options, const std::string& what) {
  Disk disk;
  auto db = disk.Open(options);
  ContentsByKey expected;
  for (int i = 0; i < 40; ++i) {
    const std::string key = "key " + std::to_string(i % 10);
    expected[key] = "value " + std::to_string(i);
    Put(*db, key, expected[key]);
    if (i == 20) MustBeOk(db->Checkpoint(), "Checkpoint");
  }
  MustBeOk(db->Sync(), "Sync");
  disk.LosePower();
  db = disk.Open(options);
  EXPECT_EQ(Contents(*db), expected) << what;
}

TEST(OptionsTest, TheLeastValuesWork) {
  Options options;
  options.read_buffer_bytes = 1;
  ExpectWorks(options, "read_buffer_bytes");
  options = Options();
  options.write_buffer_bytes = 1;
  ExpectWorks(options, "write_buffer_bytes");
  options = Options();
  options.wal_segment_bytes_max = 1;
  ExpectWorks(options, "wal_segment_bytes_max");
  options = Options();
  options.memtable_bytes_max = 1;
  ExpectWorks(options, "memtable_bytes_max");
  options = Options();
  options.manifest_bytes_max = 1;
  ExpectWorks(options, "manifest_bytes_max");
  options = Options();
  options.sync_policy = SyncPolicy::kInterval;
  options.sync_interval_micros = 1;
  ExpectWorks(options, "sync_interval_micros");
  options.memtable_bytes_max = 1;
  options.manifest_bytes_max = 1;
  options.wal_segment_bytes_max = 1;
  options.read_buffer_bytes = 1;
  options.write_buffer_bytes = 1;
  ExpectWorks(options, "all of them");
}

TEST(OptionsTest, TheGreatestValuesWork) {
  Options options;
  options.read_buffer_bytes = 64 * 1024 * 1024;
  options.write_buffer_bytes = 64 * 1024 * 1024;
  options.wal_segment_bytes_max = UINT64_MAX;
  options.memtable_bytes_max = UINT64_MAX;
  options.manifest_bytes_max = UINT64_MAX;
  options.sync_interval_micros = 24ull * 3600 * 1'000'000;
  options.sync_policy = SyncPolicy::kInterval;
  ExpectWorks(options, "all of them");
}

// Nobody could read it, and it would fill the memory.
TEST(OptionsTest, WithoutADirectoryNothingIsArchived) {
  Options options;
  options.archive_wal = true;
  auto db = OpenEmpty(options);
  for (const char* key : {"a", "b", "c"}) {
    Put(*db, key, "value");
    MustBeOk(db->RotateWal(), "RotateWal");
    MustBeOk(db->Checkpoint(), "Checkpoint");
    EXPECT_EQ(WalStatusOf(*db).archived_segments, 0u);
  }
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
}

// As a device that was mounted for reading only.
class ReadOnlyFileSystem : public FileSystem {
 public:
  explicit ReadOnlyFileSystem(FileSystem* base) : base_(base) {}

  Result<std::unique_ptr<AppendFile>> OpenForAppend(
      const std::string& path, AppendMode) override {
    return Refuse(path);
  }
  Result<std::unique_ptr<RandomFile>> OpenForRandomRead(
      const std::string& path) override {
    return base_->OpenForRandomRead(path);
  }
  Result<std::unique_ptr<SequentialFile>> OpenForSequentialRead(
      const std::string& path) override {
    return base_->OpenForSequentialRead(path);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return base_->List(path);
  }
  Result<uint64_t> FileSize(const std::string& path) override {
    return base_->FileSize(path);
  }
  Result<bool> Exists(const std::string& path) override {
    return base_->Exists(path);
  }
  Status CreateDirectory(const std::string& path) override {
    return Refuse(path);
  }
  Status RemoveDirectory(const std::string& path) override {
    return Refuse(path);
  }
  Status SyncDirectory(const std::string& path) override {
    return Refuse(path);
  }
  Status Rename(const std::string& from, const std::string&) override {
    return Refuse(from);
  }
  Status Remove(const std::string& path) override { return Refuse(path); }
  Status HardLink(const std::string& from, const std::string&) override {
    return Refuse(from);
  }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return Refuse(path);
  }

 private:
  static Status Refuse(const std::string& path) {
    return Status::IoError(path + ": Read-only file system");
  }

  FileSystem* const base_;
};

TEST(OptionsTest, AReadOnlyDeviceIsAnErrorThatNamesThePathAndLosesNothing) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->Checkpoint(), "Checkpoint");
  Put(*db, "b", "value");
  disk.KillProcess();
  const FilesByPath before = AllFiles(disk);
  ReadOnlyFileSystem device(&disk.memory());
  for (const RecoveryMode mode :
       {RecoveryMode::kAutomatic, RecoveryMode::kStrict,
        RecoveryMode::kPointInTime, RecoveryMode::kSalvage}) {
    Options options = WithMode(mode);
    options.path = disk.path();
    options.file_system = &device;
    EXPECT_TRUE(Fails(
        Database::Open(options).status(), StatusCode::kIoError,
        {disk.path(), "Read-only file system"}));
  }
  EXPECT_TRUE(AllFiles(disk) == before);
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b"}));
}

TEST(OptionsTest, NoDatabaseIsMadeOnAReadOnlyDevice) {
  Disk disk;
  ReadOnlyFileSystem device(&disk.memory());
  Options options;
  options.path = disk.path();
  options.file_system = &device;
  EXPECT_TRUE(Fails(
      Database::Open(options).status(), StatusCode::kIoError,
      {disk.path(), "Read-only file system"}));
  EXPECT_FALSE(disk.memory().Exists(disk.path()).value());
}

}  // namespace
}  // namespace kv
