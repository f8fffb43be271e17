// How a database begins and ends: options, directory, lock, recovery, close.

#include <algorithm>
#include <utility>

#include "common/fs/memory_file_system.h"
#include "db/database.h"
#include "kv/file_names.h"
#include "kv/kept_files.h"
#include "log/wal_recovery.h"
#include "table/table_reader.h"

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
  KV_RETURN_IF_ERROR(
      CheckLimit("wal_bytes_max", options.wal_bytes_max, UINT64_MAX));
  KV_RETURN_IF_ERROR(CheckLimit(
      "read_buffer_bytes", options.read_buffer_bytes, kBufferBytesMax));
  KV_RETURN_IF_ERROR(CheckLimit(
      "write_buffer_bytes", options.write_buffer_bytes, kBufferBytesMax));
  KV_RETURN_IF_ERROR(CheckChoice(
      "sync_policy", static_cast<int>(options.sync_policy),
      static_cast<int>(SyncPolicy::kEveryWrite)));
  return CheckChoice(
      "recovery_mode", static_cast<int>(options.recovery_mode),
      static_cast<int>(RecoveryMode::kSalvage));
}

bool IsPartOfDatabase(const std::string& name) {
  return name == BaseName(CheckpointName("")) ||
      WalSegmentNumber(name).has_value();
}

bool HoldsDatabase(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), IsPartOfDatabase);
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
  KV_RETURN_IF_ERROR(database->OpenDirectory());
  return database;
}

Database::Database(
    const Options& options, std::unique_ptr<FileSystem> private_fs)
    : options_(options),
      private_fs_(std::move(private_fs)),
      fs_(options.file_system),
      wal_(std::make_unique<Wal>(options)) {}

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
  // Looked at before the lock file is made: what is not a database stays as
  // it is.
  KV_ASSIGN_OR_RETURN(std::vector<std::string> names, fs_->List(path));
  KV_RETURN_IF_ERROR(CheckNoLaterForm(names));
  if (!HoldsDatabase(names)) {
    KV_RETURN_IF_ERROR(CheckNoForeignFiles(names));
    // Also if the directory was there: who made it may have died before this.
    KV_RETURN_IF_ERROR(fs_->SyncDirectory(ParentPath(path)));
  }
  KV_ASSIGN_OR_RETURN(lock_, fs_->Lock(LockName(path)));
  // Another process may have changed them while this one waited for nothing.
  KV_ASSIGN_OR_RETURN(names, fs_->List(path));
  for (const std::string& name : names) {
    if (IsUnfinishedFile(name)) {
      KV_RETURN_IF_ERROR(fs_->Remove(JoinPath(path, name)));
    }
  }
  return HoldsDatabase(names) ? Recover(names)
                              : wal_->Create(first_segment_, last_sequence_);
}

// It has a log with the same names: to go on with that would take the writes
// away from its tables.
Status Database::CheckNoLaterForm(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    if (IsFileOfLaterForm(name)) {
      return Status::NotSupported(
          "'" + options_.path + "': this database has a later form, with a " +
          name +
          ", and nothing was changed; open it with the program that wrote it, "
          "or take it over with that one: "
          "kv_shell --dump THAT | kv_shell --load NEW");
    }
  }
  return Status::Ok();
}

Status Database::CheckNoForeignFiles(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (IsFileOfEarlierForm(name)) {
      return Status::NotSupported(
          "'" + options_.path +
          "': this database has an earlier form, with a " + name +
          "; take it over with the program that wrote it: "
          "kv_shell --dump OLD | kv_shell --load NEW");
    }
  }
  if (!options_.create_if_missing) {
    return Status::InvalidArgument(
        "'" + options_.path +
        "': there is no database here; check the path, "
        "or set create_if_missing");
  }
  for (const std::string& name : names) {
    if (!IsDatabaseFile(name)) {
      return Status::InvalidArgument(
          "'" + options_.path + "': there is no database here, but there is '" +
          name +
          "', which is not of this kind of database; choose an empty "
          "directory, or open this one with the program that made it");
    }
  }
  return Status::Ok();
}

// Reads the checkpoint, then the log behind it. What a crash can have left at
// the end of the log is cut off; about other damage RecoveryMode decides.
Status Database::Recover(const std::vector<std::string>& names) {
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
  KV_ASSIGN_OR_RETURN(
      const bool checkpoint_exists, fs_->Exists(CheckpointName(options_.path)));
  if (checkpoint_exists) {
    KV_RETURN_IF_ERROR(LoadCheckpoint());
  }
  // Of these a checkpoint that a crash followed holds everything.
  const auto behind =
      std::lower_bound(segments.begin(), segments.end(), first_segment_);
  const std::vector<uint64_t> covered(segments.begin(), behind);
  segments.erase(segments.begin(), behind);

  WalRecovery recovery(
      options_, &recovery_,
      [this](uint64_t sequence, const WalRecovery::Operations& operations) {
        for (const WriteBatch::Operation& operation : operations) {
          memtable_->Add(
              sequence, operation.kind, operation.key, operation.value);
          last_sequence_ = sequence++;
        }
      },
      [this](uint64_t bytes) { ReportProgress(checkpoint_bytes_ + bytes); });
  KV_RETURN_IF_ERROR(
      recovery.Run(segments, first_segment_, last_sequence_ + 1));
  // What was found by its name must not be lost by it.
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(options_.path));
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
  return wal_->RemoveBefore(first_segment_);
}

Status Database::LoadCheckpoint() {
  const std::string name = CheckpointName(options_.path);
  KV_ASSIGN_OR_RETURN(checkpoint_bytes_, fs_->FileSize(name));
  open_bytes_total_ += checkpoint_bytes_;
  const uint64_t read_bytes = options_.read_buffer_bytes;
  auto opened = TableReader::Open(fs_, name, read_bytes);
  if (!opened.ok()) {
    KV_RETURN_IF_ERROR(PassOverInCheckpoint(opened.status()));
    opened = TableReader::OpenWithoutIndex(fs_, name, read_bytes);
    // Without a header not even the entries can be checked.
    if (opened.status().code() == StatusCode::kCorruption) {
      recovery_.skipped_bytes += checkpoint_bytes_;
      return Status::Ok();
    }
    KV_RETURN_IF_ERROR(opened.status());
    recovery_.skipped_bytes +=
        checkpoint_bytes_ - (*opened)->Header().index_offset;
  }
  TableReader* const table = opened->get();
  uint64_t bytes_done = 0;
  for (;;) {
    TableEntry entry;
    const uint64_t offset = table->Offset();
    Result<bool> more = table->Next(&entry);
    if (more.ok() && *more && entry.sequence > table->Header().last_sequence) {
      more = Status::Corruption(
          name + " at offset " + std::to_string(offset) +
          ": the entry's sequence number is above the table's last");
    }
    if (!more.ok()) {
      KV_RETURN_IF_ERROR(PassOverInCheckpoint(more.status()));
      recovery_.skipped_bytes += table->Offset() - offset;
      continue;
    }
    if (!*more) {
      break;
    }
    memtable_->Add(entry.sequence, entry.kind, entry.key, entry.value);
    ++recovery_.table_entries;
    bytes_done += TableEntryBytes(entry);
    ReportProgress(bytes_done);
  }
  first_segment_ = table->Header().number;
  last_sequence_ = table->Header().last_sequence;
  return Status::Ok();
}

// Refuses the damage, or notes that it is passed over. A checkpoint has only
// the last value of each key, so there is no earlier state in it to go back to.
Status Database::PassOverInCheckpoint(const Status& damage) {
  if (damage.code() != StatusCode::kCorruption) {
    return damage;
  }
  const std::string message(damage.message());
  if (options_.recovery_mode != RecoveryMode::kSalvage) {
    return Status::Corruption(
        message +
        "; restore a backup, or open with RecoveryMode::kSalvage to go on "
        "without what is damaged");
  }
  recovery_.skipped.push_back(message);
  return Status::Ok();
}

// What recovery has passed over is kept in a directory of its own, and the
// rest goes on as a checkpoint and an empty log behind it. A crash in between
// leaves the files as they were, perhaps with an empty segment behind them; or
// the new checkpoint, which covers them all. The empty segment changes nothing
// about what the files say, and the next try puts its own in that one's place:
// however often this crashes, no more is left.
Status Database::ReplaceDamagedFiles(const std::vector<std::string>& names) {
  const std::string damaged = DamagedName(options_.path);
  KV_RETURN_IF_ERROR(fs_->CreateDirectory(damaged));
  uint64_t last_segment = first_segment_;
  for (const std::string& name : names) {
    last_segment = std::max(last_segment, WalSegmentNumber(name).value_or(0));
  }
  uint64_t next_segment = last_segment;
  for (const std::string& name : names) {
    if (!IsPartOfDatabase(name)) {
      continue;
    }
    const std::string path = JoinPath(options_.path, name);
    if (const auto number = WalSegmentNumber(name)) {
      KV_ASSIGN_OR_RETURN(const uint64_t bytes, fs_->FileSize(path));
      // No more than a header and a close frame.
      const bool is_empty = bytes <= kLogHeaderBytes + LogWriter::FrameBytes(0);
      if (*number == last_segment && is_empty) {
        continue;
      }
      next_segment = std::max(next_segment, *number + 1);
    }
    KV_RETURN_IF_ERROR(KeepFile(fs_, path, damaged));
  }
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(damaged));
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(options_.path));
  KV_RETURN_IF_ERROR(wal_->Create(next_segment, last_sequence_));
  KV_RETURN_IF_ERROR(WriteCheckpoint());
  for (const std::string& name : names) {
    if (WalSegmentNumber(name).value_or(first_segment_) < first_segment_) {
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
  const Status status = wal_->Close();
  wal_.reset();
  lock_.reset();
  return status;
}

}  // namespace kv
