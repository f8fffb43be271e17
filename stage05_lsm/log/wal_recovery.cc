#include "log/wal_recovery.h"

#include <utility>

#include "common/base/check.h"
#include "kv/file_names.h"

namespace kv {
namespace {

constexpr char kWayOver[] =
    "; restore a backup, or open with RecoveryMode::kPointInTime to end before "
    "the damage, or kSalvage to go on behind it";

}  // namespace

WalRecovery::WalRecovery(
    const Options& options, RecoveryReport* report, Apply apply,
    std::function<void(uint64_t)> progress)
    : options_(options),
      fs_(options.file_system),
      report_(report),
      apply_(std::move(apply)),
      progress_(std::move(progress)) {}

Status WalRecovery::Run(
    const std::vector<uint64_t>& numbers, uint64_t first, uint64_t sequence) {
  next_sequence_ = sequence;
  uint64_t expected = first;
  for (const uint64_t number : numbers) {
    name_ = WalSegmentName(options_.path, number);
    if (number != expected && !stopped_) {
      KV_RETURN_IF_ERROR(Skip(
          0,
          Damaged(
              0,
              "the segments of the log from number " +
                  std::to_string(expected) +
                  " on are missing before this one")));
    }
    if (stopped_) {
      KV_ASSIGN_OR_RETURN(const uint64_t bytes, fs_->FileSize(name_));
      report_->skipped_bytes += bytes;
      continue;
    }
    KV_RETURN_IF_ERROR(ReadSegment(number, number == numbers.back()));
    expected = number + 1;
  }
  if (numbers.empty()) {
    return Skip(
        0,
        Status::Corruption(
            WalSegmentName(options_.path, first) +
            ": the file is missing, and with it the log behind the tables"));
  }
  return Status::Ok();
}

Status WalRecovery::ReadSegment(uint64_t number, bool is_last) {
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<RandomFile> file, fs_->OpenForRandomRead(name_));
  KV_ASSIGN_OR_RETURN(file_bytes_, file->Size());
  segments_.push_back({number, file_bytes_});
  ++report_->segments;
  const Result<LogIdentity> identity = ReadLogHeader(*file, name_);
  if (!identity.ok()) {
    return identity.status().code() == StatusCode::kCorruption
        ? Skip(file_bytes_, identity.status())
        : identity.status();
  }
  identity_ = *identity;
  if (identity_.number != number) {
    return Skip(
        file_bytes_,
        Damaged(0, "this is segment " + std::to_string(identity_.number)));
  }
  LogReader reader(file.get(), name_, identity_, file_bytes_, &read_buffer_);
  reader.Seek(kLogHeaderBytes, options_.read_buffer_bytes);
  end_ = LogEnd();
  KV_ASSIGN_OR_RETURN(const bool torn, ReadFrames(&reader, is_last));
  KV_CHECK(is_last || !torn, "only the last segment has a torn tail");
  if (torn) {
    end_.offset = reader.Offset();
  }
  if (!is_last && !end_.closed && !stopped_) {
    KV_RETURN_IF_ERROR(Skip(
        0, Damaged(file_bytes_, "the segment was cut off: it is not sealed")));
  }
  // Of a log with damage in it nothing else is changed: it will be set aside.
  // But the tail goes before a newer segment stands behind it: from then on
  // nobody can tell it from damage, and a salvage that crashed and is run again
  // would read on behind its first bad frame.
  if (is_last && (torn || report_->skipped.empty())) {
    KV_RETURN_IF_ERROR(CutTail());
  }
  bytes_before_ += file_bytes_;
  return Status::Ok();
}

// Until the end of the segment, or to where nothing more can be read. Returns
// whether that is a torn tail.
Result<bool> WalRecovery::ReadFrames(LogReader* reader, bool is_last) {
  for (;;) {
    const uint64_t offset = reader->Offset();
    Frame frame;
    const Result<bool> more = reader->Next(&frame);
    Status status = more.status();
    if (status.ok()) {
      if (!*more) {
        return false;
      }
      status = TakeFrame(frame, offset);
      if (status.ok()) {
        if (progress_) {
          progress_(bytes_before_ + frame.End());
        }
        continue;
      }
    } else if (status.code() == StatusCode::kCorruption) {
      KV_ASSIGN_OR_RETURN(const bool torn, IsTornTail(reader, is_last));
      if (torn) {
        if (options_.recovery_mode != RecoveryMode::kStrict) {
          return true;
        }
        return Status::Corruption(
            std::string(status.message()) +
            "; a crash can have left this: open with "
            "RecoveryMode::kAutomatic to cut it off");
      }
    }
    if (status.code() != StatusCode::kCorruption) {
      return status;
    }
    KV_ASSIGN_OR_RETURN(const bool resumed, PassOver(reader, offset, status));
    if (!resumed) {
      return false;
    }
  }
}

// Hands a write on, whole. An intact frame that does not fit is damage all the
// same: of the log, if not of these bytes.
Status WalRecovery::TakeFrame(const Frame& frame, uint64_t offset) {
  if (frame.type == FrameType::kClose) {
    end_ = {offset, true};
    return Status::Ok();
  }
  if (end_.closed) {
    return Damaged(offset, "the log was closed before these bytes");
  }
  if (frame.type != FrameType::kBatch) {
    return Damaged(offset, "a frame of this type is in no write-ahead log");
  }
  Result<SequencedBatch> batch = DecodeSequencedBatch(frame.payload);
  if (!batch.ok()) {
    return Damaged(offset, std::string(batch.status().message()));
  }
  if (batch->sequence != next_sequence_) {
    const Status gap = Damaged(
        offset,
        "the write has sequence number " + std::to_string(batch->sequence) +
            ", and " + std::to_string(next_sequence_) + " should follow");
    if (batch->sequence < next_sequence_ ||
        options_.recovery_mode != RecoveryMode::kSalvage) {
      return gap;
    }
    // What was passed over just now had the missing numbers.
    if (!passed_over_) {
      KV_RETURN_IF_ERROR(Skip(0, gap));
    }
  }
  operations_.clear();
  BatchReader reader(batch->operations);
  WriteBatch::Operation operation;
  for (;;) {
    const Result<bool> more = reader.Next(&operation);
    if (!more.ok()) {
      return Damaged(offset, std::string(more.status().message()));
    }
    if (!*more) {
      break;
    }
    operations_.push_back(operation);
  }
  if (operations_.empty() || operations_.size() != batch->count) {
    return Damaged(offset, "the write has not as many operations as it says");
  }
  apply_(batch->sequence, operations_);
  next_sequence_ = batch->sequence + batch->count;
  passed_over_ = false;
  end_ = {frame.End(), false};
  ++report_->batches;
  report_->operations += batch->count;
  return Status::Ok();
}

// Whether the bytes from the reader's offset on can be what a crash left of
// writes that were never synced. Asked of one segment only, the last: what its
// later frames say is read once. It holds for each later bad place too, since
// no frame says that more than the bytes before it was durable.
Result<bool> WalRecovery::IsTornTail(LogReader* reader, bool is_last) {
  if (!is_last || end_.closed) {
    return false;
  }
  if (!durable_bytes_.has_value()) {
    KV_ASSIGN_OR_RETURN(durable_bytes_, reader->DurableBytesAfter());
  }
  return *durable_bytes_ <= reader->Offset();
}

// What RecoveryMode says about damage at `offset`. True: the reader goes on
// behind it.
Result<bool> WalRecovery::PassOver(
    LogReader* reader, uint64_t offset, const Status& damage) {
  if (options_.recovery_mode != RecoveryMode::kSalvage) {
    KV_RETURN_IF_ERROR(Skip(file_bytes_ - offset, damage));
    return false;
  }
  KV_ASSIGN_OR_RETURN(
      const std::optional<uint64_t> found, reader->FindFrameHeader(offset + 1));
  KV_RETURN_IF_ERROR(Skip(found.value_or(file_bytes_) - offset, damage));
  if (found.has_value()) {
    reader->Seek(*found, options_.read_buffer_bytes);
  }
  return found.has_value();
}

// Also if there is nothing to cut off: what readers are about to see must not
// be lost in a power failure, though its writer may have died before it synced.
Status WalRecovery::CutTail() {
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(name_, AppendMode::kExisting));
  const uint64_t kept =
      end_.offset + (end_.closed ? LogWriter::FrameBytes(0) : 0);
  if (kept < file_bytes_) {
    report_->trimmed_bytes += file_bytes_ - kept;
    KV_RETURN_IF_ERROR(file->Truncate(kept));
    segments_.back().bytes = kept;
  }
  KV_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

// Refuses the damage, or notes that it is passed over.
Status WalRecovery::Skip(uint64_t bytes, const Status& damage) {
  switch (options_.recovery_mode) {
    case RecoveryMode::kAutomatic:
    case RecoveryMode::kStrict:
      return Status::Corruption(std::string(damage.message()) + kWayOver);
    case RecoveryMode::kPointInTime:
      stopped_ = true;
      break;
    case RecoveryMode::kSalvage:
      break;
  }
  passed_over_ = true;
  report_->skipped_bytes += bytes;
  report_->skipped.push_back(std::string(damage.message()));
  return Status::Ok();
}

Status WalRecovery::Damaged(uint64_t offset, const std::string& what) const {
  return Status::Corruption(
      name_ + " at offset " + std::to_string(offset) + ": " + what);
}

}  // namespace kv
