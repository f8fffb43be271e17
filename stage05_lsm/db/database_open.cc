// How a database begins and ends: options, directory, lock, recovery, close.

#include <algorithm>
#include <utility>

#include "common/fs/memory_file_system.h"
#include "db/database.h"
#include "kv/file_names.h"
#include "kv/kept_files.h"
#include "log/wal_recovery.h"
#include "version/database_exists.h"

namespace kv {
namespace {

// The largest limit that can be chosen for a key or a value.
constexpr uint64_t kEntryBytesMax = 1024 * 1024 * 1024;

constexpr uint64_t kBufferBytesMax = 64 * 1024 * 1024;
constexpr uint64_t kIntervalMax = 24ull * 3600 * 1'000'000;  // a day

// Where a private file system has its one database.
constexpr char kPrivateDirectory[] = "/database";

Status CheckLimit(std::string_view name, uint64_t limit, uint64_t max) {
  if (limit == 0 || limit > max) {
    return Status::InvalidArgument(
        std::string(name) + " is " + std::to_string(limit) +
        "; choose from 1 to " + std::to_string(max));
  }
  return Status::Ok();
}

Status CheckChoice(std::string_view name, int choice, int last) {
  if (choice < 0 || choice > last) {
    return Status::InvalidArgument(
        std::string(name) + " is " + std::to_string(choice) +
        ", which is none of its values");
  }
  return Status::Ok();
}

Status CheckOptions(const Options& options) {
  KV_RETURN_IF_ERROR(
      CheckLimit("key_bytes_max", options.key_bytes_max, kEntryBytesMax));
  KV_RETURN_IF_ERROR(
      CheckLimit("value_bytes_max", options.value_bytes_max, kEntryBytesMax));
  KV_RETURN_IF_ERROR(
      CheckLimit("memory_bytes_max", options.memory_bytes_max, UINT64_MAX));
  KV_RETURN_IF_ERROR(CheckLimit(
      "sync_interval_micros", options.sync_interval_micros, kIntervalMax));
  KV_RETURN_IF_ERROR(CheckLimit(
      "wal_segment_bytes_max", options.wal_segment_bytes_max, UINT64_MAX));
  KV_RETURN_IF_ERROR(CheckLimit(
      "read_buffer_bytes", options.read_buffer_bytes, kBufferBytesMax));
  KV_RETURN_IF_ERROR(CheckLimit(
      "write_buffer_bytes", options.write_buffer_bytes, kBufferBytesMax));
  KV_RETURN_IF_ERROR(
      CheckLimit("memtable_bytes_max", options.memtable_bytes_max, UINT64_MAX));
  KV_RETURN_IF_ERROR(
      CheckLimit("manifest_bytes_max", options.manifest_bytes_max, UINT64_MAX));
  KV_RETURN_IF_ERROR(CheckChoice(
      "memtable_kind", static_cast<int>(options.memtable_kind),
      static_cast<int>(MemTableKind::kBPlusTree)));
  KV_RETURN_IF_ERROR(CheckChoice(
      "sync_policy", static_cast<int>(options.sync_policy),
      static_cast<int>(SyncPolicy::kEveryWrite)));
  return CheckChoice(
      "recovery_mode", static_cast<int>(options.recovery_mode),
      static_cast<int>(RecoveryMode::kSalvage));
}

bool IsPartOfDatabase(const std::string& name) {
  return name == BaseName(CurrentName("")) ||
      ManifestNumber(name).has_value() || TableNumber(name).has_value() ||
      WalSegmentNumber(name).has_value();
}

bool IsTableOf(const std::vector<uint64_t>& numbers, const std::string& name) {
  const auto number = TableNumber(name);
  return number.has_value() &&
      std::count(numbers.begin(), numbers.end(), *number) > 0;
}

// When this returns Ok, their names in `directory` are durable.
Status KeepFiles(
    FileSystem* fs, const std::vector<std::string>& paths,
    const std::string& directory) {
  KV_RETURN_IF_ERROR(fs->CreateDirectory(directory));
  for (const std::string& path : paths) {
    KV_RETURN_IF_ERROR(KeepFile(fs, path, directory));
  }
  return fs->SyncDirectory(directory);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(Options options) {
  KV_RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<FileSystem> private_fs;
  if (options.path.empty()) {
    private_fs =
        std::make_unique<MemoryFileSystem>(MemoryFileSystem::CrashModel::kNone);
    options.path = kPrivateDirectory;
    options.file_system = private_fs.get();
    options.create_if_missing = true;
    options.archive_wal = false;  // its end would be that of the database
  }
  if (options.file_system == nullptr) {
    options.file_system = FileSystem::Posix();
  }
  if (options.random == nullptr) {
    options.random = Random::System();
  }
  if (options.clock == nullptr) {
    options.clock = Clock::System();
  }
  std::unique_ptr<Database> database(
      new Database(options, std::move(private_fs)));
  const Status opened = database->OpenDirectory();
  if (!opened.ok()) {
    // Files that were refused must not be sealed as if they had been used.
    database->closed_ = true;
    return opened;
  }
  return database;
}

Database::Database(
    const Options& options, std::unique_ptr<FileSystem> private_fs)
    : options_(options),
      private_fs_(std::move(private_fs)),
      fs_(options.file_system),
      wal_(std::make_unique<Wal>(options)),
      versions_(std::make_unique<VersionSet>(options)) {
  view_.memtable = MemTable::Create(options_.memtable_kind, options_.random);
  view_.version = versions_->Current();
}

Database::~Database() {
  // A destructor has nobody to tell; a caller who wants the error calls Close.
  static_cast<void>(Close());
}

// Makes sure that the directory is there and is ours alone, and recovers or
// makes the database in it.
Status Database::OpenDirectory() {
  const std::string& path = options_.path;
  KV_ASSIGN_OR_RETURN(const bool directory_exists, fs_->Exists(path));
  if (!directory_exists) {
    if (!options_.create_if_missing) {
      return Status::InvalidArgument(
          "'" + path +
          "': there is no such directory; check the path, or set "
          "create_if_missing");
    }
    KV_ASSIGN_OR_RETURN(
        const bool parent_exists, fs_->Exists(ParentPath(path)));
    if (!parent_exists) {
      return Status::InvalidArgument(
          "'" + path + "': its parent directory does not exist; create '" +
          ParentPath(path) + "' first, or check the path");
    }
    KV_RETURN_IF_ERROR(fs_->CreateDirectory(path));
  }
  // Looked at before the lock file is made: what is not a database stays as it
  // is. Who has one open made that file first.
  KV_ASSIGN_OR_RETURN(std::vector<std::string> names, fs_->List(path));
  if (std::count(names.begin(), names.end(), BaseName(LockName(""))) == 0) {
    KV_ASSIGN_OR_RETURN(const bool is_copy, FindDatabase(names));
    if (is_copy) {
      KV_RETURN_IF_ERROR(VersionSet(options_).Recover());
    }
  }
  Result<std::unique_ptr<FileLock>> lock = fs_->Lock(LockName(path));
  if (lock.status().code() == StatusCode::kIoError) {
    return Status::IoError(
        std::string(lock.status().message()) +
        "; a database that cannot be written can be read from a copy of its "
        "directory");
  }
  KV_ASSIGN_OR_RETURN(lock_, std::move(lock));
  // Another process may have changed them while this one waited for nothing.
  KV_ASSIGN_OR_RETURN(names, fs_->List(path));
  KV_ASSIGN_OR_RETURN(const bool exists, FindDatabase(names));
  if (exists) {
    return Recover(names);
  }
  // Also if the directory was there: who made it may have died before this.
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(ParentPath(path)));
  return Create(names);
}

// Whether there is one; if not, one may be made.
Result<bool> Database::FindDatabase(
    const std::vector<std::string>& names) const {
  KV_ASSIGN_OR_RETURN(
      const bool exists, DatabaseExists(fs_, options_.path, names));
  if (!exists && !options_.create_if_missing) {
    return Status::InvalidArgument(
        "'" + options_.path +
        "': there is no database here; check the path, "
        "or set create_if_missing");
  }
  return exists;
}

// The log comes first, so that a manifest without one is damage. A crash leaves
// what DatabaseExists knows as no database yet.
Status Database::Create(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (IsPartOfDatabase(name) || IsUnfinishedFile(name)) {
      KV_RETURN_IF_ERROR(fs_->Remove(JoinPath(options_.path, name)));
    }
  }
  KV_RETURN_IF_ERROR(wal_->Create(versions_->FirstSegment(), last_sequence_));
  KV_RETURN_IF_ERROR(versions_->Create());
  view_.version = versions_->Current();
  return Status::Ok();
}

Status Database::Recover(const std::vector<std::string>& names) {
  KV_RETURN_IF_ERROR(versions_->Recover());
  view_.version = versions_->Current();
  last_sequence_ = versions_->LastSequence();
  for (const Version::Table& table : view_.version->tables) {
    recovery_.table_entries += table.metadata.entries;
  }
  recovery_.trimmed_bytes = versions_->TrimmedBytes();
  recovery_.skipped = versions_->Skipped();
  KV_RETURN_IF_ERROR(RecoverLog(names));
  return RemoveOrphans();
}

// What a crash can have left at the end of the log is cut off; about other
// damage RecoveryMode decides.
Status Database::RecoverLog(const std::vector<std::string>& names) {
  reported_nanos_ = options_.clock->MonotonicNanos();
  std::vector<uint64_t> segments;
  for (const std::string& name : names) {
    if (const auto number = WalSegmentNumber(name)) {
      KV_ASSIGN_OR_RETURN(
          const uint64_t bytes, fs_->FileSize(JoinPath(options_.path, name)));
      open_bytes_total_ += bytes;
      segments.push_back(*number);
    }
  }
  std::sort(segments.begin(), segments.end());
  // Of these a flush that a crash followed has put everything into tables.
  const auto behind = std::lower_bound(
      segments.begin(), segments.end(), versions_->FirstSegment());
  const std::vector<uint64_t> covered(segments.begin(), behind);
  segments.erase(segments.begin(), behind);

  WalRecovery recovery(
      options_, &recovery_,
      [this](uint64_t sequence, const WalRecovery::Operations& operations) {
        for (const WriteBatch::Operation& operation : operations) {
          view_.memtable->Add(
              {KeySpace::kUser, operation.key, sequence, operation.kind},
              operation.value);
          last_sequence_ = sequence++;
        }
      },
      [this](uint64_t bytes) { ReportProgress(bytes); });
  KV_RETURN_IF_ERROR(
      recovery.Run(segments, versions_->FirstSegment(), last_sequence_ + 1));
  // Log and manifest were accepted. The directory is synced too, so that what
  // was found by its name is not lost by it.
  KV_RETURN_IF_ERROR(versions_->Continue());
  if (!recovery_.skipped.empty()) {
    return ReplaceDamagedFiles(names);
  }
  std::vector<WalSegment> all;
  for (const uint64_t number : covered) {
    all.push_back({number, 0});
  }
  all.insert(all.end(), recovery.Segments().begin(), recovery.Segments().end());
  KV_RETURN_IF_ERROR(wal_->Continue(
      std::move(all), recovery.LastIdentity(), recovery.End(), last_sequence_));
  return wal_->RemoveBefore(versions_->FirstSegment());
}

// What recovery could read goes on as tables and an empty log behind them. A
// crash in between leaves the files as they were, perhaps with an empty segment
// behind them; or the new table, which covers them all. The empty segment
// changes nothing about what the files say, and the next try puts its own in
// that one's place: however often this crashes, no more is left.
Status Database::ReplaceDamagedFiles(const std::vector<std::string>& names) {
  KV_ASSIGN_OR_RETURN(const uint64_t next_segment, KeepDamagedFiles(names));
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(options_.path));
  KV_RETURN_IF_ERROR(wal_->Create(next_segment, last_sequence_));
  BeginMemTable();
  KV_RETURN_IF_ERROR(FlushImmutable());
  for (const std::string& name : names) {
    if (WalSegmentNumber(name).value_or(next_segment) < next_segment) {
      KV_RETURN_IF_ERROR(fs_->Remove(JoinPath(options_.path, name)));
    }
  }
  return Status::Ok();
}

// In a directory of its own: the log, the tables that were left out, and what
// no manifest names, which is the data if the manifest is an old copy. That
// goes first: where others are kept already, an orphan was kept before too, or
// is the new table of a try that crashed. Returns the number of the segment
// that goes on.
Result<uint64_t> Database::KeepDamagedFiles(
    const std::vector<std::string>& names) const {
  uint64_t last_segment = versions_->FirstSegment();
  for (const std::string& name : names) {
    last_segment = std::max(last_segment, WalSegmentNumber(name).value_or(0));
  }
  uint64_t next_segment = last_segment;
  std::vector<std::string> orphans;
  std::vector<std::string> others;
  for (const std::string& name : names) {
    const std::string path = JoinPath(options_.path, name);
    if (IsTableOf(versions_->SkippedTables(), name)) {
      others.push_back(path);
    } else if (versions_->IsOrphan(name)) {
      orphans.push_back(path);
    } else if (const auto number = WalSegmentNumber(name)) {
      KV_ASSIGN_OR_RETURN(const uint64_t bytes, fs_->FileSize(path));
      // No more than a header and a close frame.
      const bool is_empty = bytes <= kLogHeaderBytes + LogWriter::FrameBytes(0);
      if (*number == last_segment && is_empty) {
        continue;
      }
      next_segment = std::max(next_segment, *number + 1);
      others.push_back(path);
    }
  }
  const std::string damaged = DamagedName(options_.path);
  bool kept_before = false;
  for (const std::string& path : others) {
    KV_ASSIGN_OR_RETURN(const bool is_kept, IsKept(fs_, path, damaged));
    kept_before = kept_before || is_kept;
  }
  if (!kept_before) {
    KV_RETURN_IF_ERROR(KeepFiles(fs_, orphans, damaged));
  }
  KV_RETURN_IF_ERROR(KeepFiles(fs_, others, damaged));
  return next_segment;
}

// What a crash has left of a flush, of a manifest that was to be or was the
// current one, and of files that were being created. What is refused is left as
// it was, so this comes last.
Status Database::RemoveOrphans() {
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> names, fs_->List(options_.path));
  for (const std::string& name : names) {
    if (versions_->IsOrphan(name) || IsUnfinishedFile(name)) {
      KV_RETURN_IF_ERROR(fs_->Remove(JoinPath(options_.path, name)));
    }
  }
  return Status::Ok();
}

void Database::ReportProgress(uint64_t bytes_done) {
  // Asking for the time at every record would be a good part of the work.
  constexpr uint64_t kRecordsBetweenLooks = 4096;
  constexpr uint64_t kNanosBetweenReports = 1'000'000'000;
  if (!options_.on_open_progress ||
      ++records_read_ % kRecordsBetweenLooks != 0) {
    return;
  }
  const uint64_t now = options_.clock->MonotonicNanos();
  if (now - reported_nanos_ >= kNanosBetweenReports) {
    reported_nanos_ = now;
    options_.on_open_progress({bytes_done, open_bytes_total_});
  }
}

Status Database::Close() {
  const Call call(this);
  if (closed_) {
    return Status::Ok();
  }
  closed_ = true;
  const Status log_closed = wal_->Close();
  const Status versions_closed = versions_->Close();
  wal_.reset();
  lock_.reset();
  return log_closed.ok() ? versions_closed : log_closed;
}

}  // namespace kv
