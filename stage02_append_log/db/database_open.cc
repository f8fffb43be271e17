// How a database begins and ends: options, directory, lock, recovery, close.

#include <utility>

#include "common/fs/memory_file_system.h"
#include "db/database.h"
#include "kv/file_names.h"
#include "log/log_reader.h"

namespace kv {
namespace {

// The largest limit that can be chosen for a key or a value.
constexpr uint64_t kEntryBytesMax = 1024 * 1024 * 1024;

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

Status CheckOptions(const Options& options) {
  KV_RETURN_IF_ERROR(
      CheckLimit("key_bytes_max", options.key_bytes_max, kEntryBytesMax));
  KV_RETURN_IF_ERROR(
      CheckLimit("value_bytes_max", options.value_bytes_max, kEntryBytesMax));
  return CheckLimit("memory_bytes_max", options.memory_bytes_max, UINT64_MAX);
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
  }
  if (options.file_system == nullptr) {
    options.file_system = FileSystem::Posix();
  }
  if (options.random == nullptr) {
    options.random = Random::System();
  }
  std::unique_ptr<Database> database(
      new Database(options, std::move(private_fs)));
  KV_RETURN_IF_ERROR(database->OpenDirectory());
  KV_RETURN_IF_ERROR(database->Recover());
  return database;
}

Database::Database(
    const Options& options, std::unique_ptr<FileSystem> private_fs)
    : options_(options),
      private_fs_(std::move(private_fs)),
      fs_(options.file_system),
      log_name_(DataLogName(options.path)) {}

Database::~Database() {
  // A destructor has nobody to tell; a caller who wants the error calls Close.
  static_cast<void>(Close());
}

// Makes sure that the directory is there and is ours alone, with a data log in
// it whose name is durable.
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
  KV_ASSIGN_OR_RETURN(const bool log_exists, fs_->Exists(log_name_));
  if (!log_exists) {
    KV_RETURN_IF_ERROR(CheckNoForeignFiles());
    // Also if the directory was there: who made it may have died before this.
    KV_RETURN_IF_ERROR(fs_->SyncDirectory(ParentPath(path)));
  }
  KV_ASSIGN_OR_RETURN(lock_, fs_->Lock(LockName(path)));
  // Another process may have made the log while this one waited for nothing.
  KV_ASSIGN_OR_RETURN(const bool log_exists_now, fs_->Exists(log_name_));
  if (!log_exists_now) {
    return CreateDataLog();
  }
  KV_ASSIGN_OR_RETURN(const bool unfinished, fs_->Exists(NewDataLogName(path)));
  return unfinished ? fs_->Remove(NewDataLogName(path)) : Status::Ok();
}

Status Database::CheckNoForeignFiles() {
  if (!options_.create_if_missing) {
    return Status::InvalidArgument(
        "'" + options_.path +
        "': there is no database here; check the path, "
        "or set create_if_missing");
  }
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> names, fs_->List(options_.path));
  for (const std::string& name : names) {
    if (!IsDatabaseFile(name)) {
      return Status::InvalidArgument(
          "'" + options_.path + "': there is no data.log here, but there is '" +
          name +
          "', which is not of this kind of database; choose an empty "
          "directory, or open this one with the program that made it");
    }
  }
  return Status::Ok();
}

// A new log gets its name only when it is whole and durable: so a data.log
// without an intact header is damage, or the file of another program.
Status Database::CreateDataLog() {
  const std::string new_name = NewDataLogName(options_.path);
  const LogIdentity identity{1, options_.random->Next()};
  KV_RETURN_IF_ERROR(CreateLog(fs_, new_name, identity));
  KV_RETURN_IF_ERROR(fs_->Rename(new_name, log_name_));
  return fs_->SyncDirectory(options_.path);
}

// Reads the whole log. What a crash can have left at its end is cut off; any
// other damage is an error, and nothing is changed.
Status Database::Recover() {
  KV_ASSIGN_OR_RETURN(file_, fs_->OpenForRandomRead(log_name_));
  KV_ASSIGN_OR_RETURN(identity_, ReadLogHeader(*file_, log_name_));
  KV_ASSIGN_OR_RETURN(const uint64_t file_bytes, file_->Size());
  KV_ASSIGN_OR_RETURN(const LogEnd end, FindLogEnd(file_bytes));
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(log_name_, AppendMode::kExisting));
  const uint64_t kept =
      end.offset + (end.closed ? LogWriter::FrameBytes(0) : 0);
  if (kept < file_bytes) {
    KV_RETURN_IF_ERROR(file->Truncate(kept));
  }
  // What readers are about to see must not be lost in a power failure, though
  // its writer may have died before it synced.
  KV_RETURN_IF_ERROR(file->Sync());
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(options_.path));
  log_ =
      std::make_unique<LogWriter>(std::move(file), log_name_, identity_, end);
  return Status::Ok();
}

Result<LogEnd> Database::FindLogEnd(uint64_t file_bytes) {
  LogReader reader(
      file_.get(), log_name_, identity_, file_bytes, &read_buffer_);
  LogEnd end;
  for (;;) {
    Frame frame;
    const Result<bool> more = reader.Next(&frame);
    if (!more.ok()) {
      if (more.status().code() != StatusCode::kCorruption) {
        return more.status();
      }
      KV_RETURN_IF_ERROR(CheckTornTail(&reader, end, more.status()));
      return end;
    }
    if (!*more) {
      return end;
    }
    if (end.closed) {
      return Status::Corruption(
          log_name_ + " at offset " + std::to_string(frame.offset) +
          ": a frame stands behind the one that closed the log");
    }
    end.closed = frame.type == FrameType::kClose;
    end.offset = end.closed ? frame.offset : frame.End();
  }
}

// Ok if the bytes from the reader's offset on can be what a crash left of
// writes that were never synced; Corruption if they cannot.
Status Database::CheckTornTail(
    LogReader* reader, const LogEnd& end, const Status& damage) {
  if (end.closed) {
    return Status::Corruption(
        std::string(damage.message()) +
        "; the log was closed cleanly before these bytes");
  }
  KV_ASSIGN_OR_RETURN(const uint64_t durable, reader->DurableBytesAfter());
  if (durable > reader->Offset()) {
    return Status::Corruption(
        std::string(damage.message()) + "; a later frame says that " +
        std::to_string(durable) +
        " bytes had been synced, so no crash did this: restore a backup");
  }
  return Status::Ok();
}

Status Database::Close() {
  const Call call(this);
  if (closed_) {
    return Status::Ok();
  }
  closed_ = true;
  // A database whose Open failed has no log.
  const Status status = log_ == nullptr ? Status::Ok() : log_->Close();
  log_.reset();
  file_.reset();
  lock_.reset();
  return status;
}

}  // namespace kv
