#include "log/wal.h"

#include <utility>

#include "common/base/check.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/kept_files.h"
#include "kv/sequence_number.h"

namespace kv {
namespace {

// Gone already is removed: by another, or by a call that reported an error.
Status RemoveIfThere(FileSystem* fs, const std::string& name) {
  const Status removed = fs->Remove(name);
  return removed.IsNotFound() ? Status::Ok() : removed;
}

}  // namespace

void EncodeSequencedBatch(const SequencedBatch& batch, std::string* output) {
  PutFixed64(output, batch.sequence);
  PutFixed64(output, batch.wall_micros);
  PutFixed32(output, batch.count);
  output->append(batch.operations);
}

Result<SequencedBatch> DecodeSequencedBatch(std::string_view payload) {
  SequencedBatch batch;
  if (!GetFixed64(&payload, &batch.sequence) ||
      !GetFixed64(&payload, &batch.wall_micros) ||
      !GetFixed32(&payload, &batch.count)) {
    return Status::Corruption("the batch is shorter than its header");
  }
  if (batch.sequence > kSequenceMax - batch.count) {
    return Status::Corruption("the sequence number is above the largest");
  }
  batch.operations = payload;
  return batch;
}

Wal::Wal(const Options& options)
    : options_(options), fs_(options.file_system) {}

Status Wal::Create(uint64_t number, uint64_t last_sequence) {
  last_sequence_ = last_sequence;
  synced_sequence_ = last_sequence;
  return BeginSegment(number);
}

Status Wal::Continue(
    std::vector<WalSegment> segments, const LogIdentity& last,
    const LogEnd& end, uint64_t last_sequence) {
  segments_ = std::move(segments);
  last_sequence_ = last_sequence;
  synced_sequence_ = last_sequence;
  const std::string name = WalSegmentName(options_.path, LastSegment());
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(name, AppendMode::kExisting));
  writer_ = std::make_unique<LogWriter>(std::move(file), name, last, end);
  return Status::Ok();
}

// A segment gets its name only when it is whole and durable: so one without an
// intact header is damage.
Status Wal::BeginSegment(uint64_t number) {
  const std::string name = WalSegmentName(options_.path, number);
  const LogIdentity identity{number, options_.random->Next()};
  bool sync_failed = false;
  const Status created =
      CreateLog(fs_, UnfinishedName(name), identity, &sync_failed);
  if (!created.ok()) {
    return sync_failed ? Fail(created, "syncing a new segment") : created;
  }
  KV_RETURN_IF_ERROR(fs_->Rename(UnfinishedName(name), name));
  const Status synced = fs_->SyncDirectory(options_.path);
  if (!synced.ok()) {
    return Fail(synced, "syncing the directory");
  }
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(name, AppendMode::kExisting));
  writer_ =
      std::make_unique<LogWriter>(std::move(file), name, identity, LogEnd());
  segments_.push_back({number, kLogHeaderBytes});
  return Status::Ok();
}

Status Wal::Append(uint64_t sequence, const WriteBatch& batch) {
  KV_RETURN_IF_ERROR(failure_);
  KV_CHECK(sequence == last_sequence_ + 1, "sequence numbers have no gaps");
  payload_.clear();
  EncodeSequencedBatch(
      {sequence, options_.clock->WallMicros(),
       static_cast<uint32_t>(batch.Count()), batch.Payload()},
      &payload_);
  if (rotation_due_ ||
      writer_->Offset() + LogWriter::FrameBytes(payload_.size()) >
          options_.wal_segment_bytes_max) {
    KV_RETURN_IF_ERROR(Rotate());
  }
  KV_RETURN_IF_ERROR(writer_->Append(FrameType::kBatch, payload_));
  if (synced_sequence_ == last_sequence_ &&
      options_.sync_policy == SyncPolicy::kInterval) {
    unsynced_since_nanos_ = options_.clock->MonotonicNanos();
  }
  last_sequence_ += batch.Count();
  return Status::Ok();
}

Status Wal::Sync() {
  KV_RETURN_IF_ERROR(failure_);
  KV_RETURN_IF_ERROR(writer_->Sync());
  synced_sequence_ = last_sequence_;
  return Status::Ok();
}

Status Wal::SyncIfDue(std::optional<bool> wanted) {
  if (wanted.has_value()) {
    return *wanted ? Sync() : Status::Ok();
  }
  switch (options_.sync_policy) {
    case SyncPolicy::kNever:
      return Status::Ok();
    case SyncPolicy::kEveryWrite:
      return Sync();
    case SyncPolicy::kInterval:
      break;
  }
  constexpr uint64_t kNanosPerMicro = 1000;
  const bool due = synced_sequence_ != last_sequence_ &&
      options_.clock->MonotonicNanos() - unsynced_since_nanos_ >=
          options_.sync_interval_micros * kNanosPerMicro;
  return due ? Sync() : Status::Ok();
}

// The old segment is sealed, and durably so, before the new one exists: only
// the last segment of a log can have a torn tail. If the new one cannot be
// made, it may exist all the same; nothing goes into the old one any more.
Status Wal::Rotate() {
  KV_RETURN_IF_ERROR(failure_);
  if (writer_->Offset() == kLogHeaderBytes) {
    // Nothing to seal; but what made the segment read-only is told here too.
    return writer_->IsReadOnly() ? writer_->Sync() : Status::Ok();
  }
  KV_RETURN_IF_ERROR(writer_->Seal());
  synced_sequence_ = last_sequence_;
  rotation_due_ = true;
  const uint64_t number = LastSegment() + 1;
  segments_.back().bytes = writer_->FileBytes();
  KV_RETURN_IF_ERROR(BeginSegment(number));
  rotation_due_ = false;
  return Status::Ok();
}

Status Wal::RemoveBefore(uint64_t number) {
  KV_RETURN_IF_ERROR(failure_);
  while (segments_.size() > 1 && segments_.front().number < number) {
    const std::string name =
        WalSegmentName(options_.path, segments_.front().number);
    if (options_.archive_wal) {
      KV_RETURN_IF_ERROR(Archive(name));
    }
    KV_RETURN_IF_ERROR(RemoveIfThere(fs_, name));
    segments_.erase(segments_.begin());
  }
  return Status::Ok();
}

// Linked before it is removed, so that a crash in between loses nothing. What
// was set aside for damage, before a crash kept it from being removed, is no
// part of the history that the archive holds.
Status Wal::Archive(const std::string& segment) {
  const std::string archive = ArchiveName(options_.path);
  KV_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(segment));
  if (!exists) {
    return Status::Ok();
  }
  KV_ASSIGN_OR_RETURN(
      const bool set_aside, IsKept(fs_, segment, DamagedName(options_.path)));
  if (set_aside) {
    return Status::Ok();
  }
  KV_RETURN_IF_ERROR(KeepFile(fs_, segment, archive));
  for (const std::string& directory : {archive, options_.path}) {
    const Status synced = fs_->SyncDirectory(directory);
    if (!synced.ok()) {
      return Fail(synced, "syncing the archive");
    }
  }
  return Status::Ok();
}

Status Wal::RemoveArchived() {
  const std::string archive = ArchiveName(options_.path);
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> archived, ArchivedSegments());
  for (const std::string& segment : archived) {
    KV_RETURN_IF_ERROR(RemoveIfThere(fs_, JoinPath(archive, segment)));
  }
  // Also if it is empty: what emptied it may have failed before its sync.
  KV_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(archive));
  const Status synced = exists ? fs_->SyncDirectory(archive) : Status::Ok();
  return synced.ok() ? synced : Fail(synced, "syncing the archive");
}

Result<std::vector<std::string>> Wal::ArchivedSegments() const {
  std::vector<std::string> archived;
  const std::string archive = ArchiveName(options_.path);
  KV_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(archive));
  if (exists) {
    KV_ASSIGN_OR_RETURN(
        const std::vector<std::string> names, fs_->List(archive));
    for (const std::string& name : names) {
      if (WalSegmentNumber(NameBeforeKept(name)).has_value()) {
        archived.push_back(name);
      }
    }
  }
  return archived;
}

Status Wal::Close() {
  // A log that was never begun has nothing to close.
  if (writer_ == nullptr) {
    return Status::Ok();
  }
  KV_RETURN_IF_ERROR(failure_);
  return writer_->Close();
}

Status Wal::Fail(const Status& cause, std::string_view doing) {
  failure_ = Status::ReadOnly(
      options_.path + ": " + std::string(doing) + " failed earlier (" +
      cause.ToString() + "); the database can be read, and written again " +
      "after it was closed and opened");
  return cause;
}

uint64_t Wal::Bytes() const {
  uint64_t bytes = writer_->FileBytes();
  for (size_t i = 0; i + 1 < segments_.size(); ++i) {
    bytes += segments_[i].bytes;
  }
  return bytes;
}

Result<WalStatus> Wal::GetStatus() const {
  WalStatus status;
  status.first_segment = segments_.front().number;
  status.last_segment = segments_.back().number;
  status.bytes = Bytes();
  status.last_sequence = last_sequence_;
  status.synced_sequence = synced_sequence_;
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> archived, ArchivedSegments());
  status.archived_segments = archived.size();
  return status;
}

}  // namespace kv
