// How a set of tables is found again: CURRENT, then the manifest, then the
// tables. Nothing is changed before all of them, and the log, were accepted.

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "kv/file_names.h"
#include "version/current_file.h"
#include "version/version_set.h"

namespace kv {
namespace {

// There is no earlier state in a manifest that would be worth going back to:
// the log behind it is gone. So no RecoveryMode passes over its damage.
constexpr char kWayOver[] =
    "; restore a backup of the whole directory: no recovery mode passes over "
    "damage to the list of tables";

// But for what a crash can have left.
constexpr char kCutWayOver[] =
    "; a crash can have left this: open with RecoveryMode::kAutomatic to cut "
    "it off";

constexpr char kTableWayOver[] =
    "; restore a backup, or open with RecoveryMode::kSalvage to go on without "
    "this table";

Status Refuse(const Status& damage) {
  const std::string message(damage.message());
  const bool names_a_way = message.find(kCutWayOver) != std::string::npos;
  return damage.code() == StatusCode::kCorruption && !names_a_way
      ? Status::Corruption(message + kWayOver)
      : damage;
}

Status DamagedAt(
    const std::string& name, uint64_t offset, std::string_view what) {
  return Status::Corruption(
      name + " at offset " + std::to_string(offset) + ": " + std::string(what));
}

// Whether the smallest and the largest key are those. One that is damaged is no
// reason to do without the others: a read that meets it says so.
Result<bool> HasEndsOf(
    const TableMetadata& metadata, const TableReader& table) {
  for (const bool last : {false, true}) {
    const Result<std::string> key =
        table.StoredKey(last ? metadata.entries - 1 : 0);
    if (key.status().code() == StatusCode::kCorruption) {
      continue;
    }
    KV_RETURN_IF_ERROR(key.status());
    if (*key != (last ? metadata.largest : metadata.smallest)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status VersionSet::Recover() {
  const Result<uint64_t> number = ReadCurrent();
  if (!number.ok()) {
    return Refuse(number.status());
  }
  manifest_number_ = *number;
  const Result<ManifestFile> manifest = ReadManifest();
  if (!manifest.ok()) {
    return Refuse(manifest.status());
  }
  found_ = *manifest;
  const uint64_t kept =
      found_.end.offset + (found_.end.closed ? LogWriter::FrameBytes(0) : 0);
  trimmed_bytes_ = found_.bytes - kept;
  return OpenTables();
}

Result<uint64_t> VersionSet::ReadCurrent() const {
  const std::string name = CurrentName(options_.path);
  const auto file = fs_->OpenForRandomRead(name);
  if (file.status().IsNotFound()) {
    return Status::Corruption(name + " is missing");
  }
  KV_RETURN_IF_ERROR(file.status());
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, (*file)->Size());
  if (bytes > kCurrentBytesMax) {
    return DamagedAt(name, kCurrentBytesMax, "no CURRENT is as long as this");
  }
  std::array<char, kCurrentBytesMax> scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view content,
      (*file)->ReadAt(0, std::span(scratch.data(), scratch.size())));
  if (content.size() < bytes) {
    return Status::IoError(
        name + ": a read gave fewer bytes than the file has; try again");
  }
  Result<uint64_t> number = DecodeCurrent(content);
  return number.ok() ? number : DamagedAt(name, 0, number.status().message());
}

Result<VersionSet::ManifestFile> VersionSet::ReadManifest() {
  const std::string name = kv::ManifestName(options_.path, manifest_number_);
  const auto file = fs_->OpenForRandomRead(name);
  if (file.status().IsNotFound()) {
    return Status::Corruption(
        CurrentName(options_.path) + " names " + BaseName(name) +
        ", which is missing");
  }
  KV_RETURN_IF_ERROR(file.status());
  ManifestFile manifest;
  KV_ASSIGN_OR_RETURN(manifest.bytes, (*file)->Size());
  KV_ASSIGN_OR_RETURN(manifest.log, ReadLogHeader(**file, name));
  if (manifest.log.number != manifest_number_) {
    return DamagedAt(
        name, 0, "this is manifest " + std::to_string(manifest.log.number));
  }
  std::string scratch;
  LogReader reader(file->get(), name, manifest.log, manifest.bytes, &scratch);
  for (;;) {
    Frame frame;
    const Result<bool> more = reader.Next(&frame);
    if (more.status().code() == StatusCode::kCorruption) {
      KV_RETURN_IF_ERROR(
          CheckTail(&reader, more.status(), manifest.end.closed));
      return manifest;
    }
    KV_RETURN_IF_ERROR(more.status());
    if (!*more) {
      break;
    }
    KV_RETURN_IF_ERROR(TakeFrame(frame, &manifest));
  }
  if (snapshot_end_ == 0) {
    return DamagedAt(name, manifest.bytes, "the manifest has no first frame");
  }
  return manifest;
}

// An intact frame that does not fit is damage all the same: of the manifest, if
// not of these bytes.
Status VersionSet::TakeFrame(const Frame& frame, ManifestFile* manifest) {
  const std::string name = kv::ManifestName(options_.path, manifest_number_);
  const bool is_first = frame.offset == kLogHeaderBytes;
  if (manifest->end.closed) {
    return DamagedAt(
        name, frame.offset, "the manifest was closed before these bytes");
  }
  if (frame.type == FrameType::kClose && !is_first) {
    manifest->end = {frame.offset, true};
    return Status::Ok();
  }
  if (frame.type != FrameType::kVersionEdit) {
    return DamagedAt(
        name, frame.offset, "no frame of this type stands in a manifest here");
  }
  const Result<VersionEdit> edit = VersionEdit::Decode(frame.payload);
  Status taken = edit.status();
  if (taken.ok() && is_first &&
      !(edit->first_segment.has_value() && edit->last_sequence.has_value())) {
    taken = Status::Corruption("the first edit does not say where all begins");
  }
  if (taken.ok()) {
    taken = snapshot_.Add(*edit);
  }
  if (!taken.ok()) {
    return DamagedAt(name, frame.offset, taken.message());
  }
  manifest->end = {frame.End(), false};
  if (is_first) {
    snapshot_end_ = frame.End();
  }
  if (!snapshot_.added.empty()) {
    last_table_ = snapshot_.added.back().number;
  }
  return Status::Ok();
}

// Ok if the bytes from the reader's offset on, which are no frame, can be what
// a crash left of the last Apply or Close. The first frame was durable before
// CURRENT named the manifest. An edit that had become durable is given away by
// the log: the segments before its first one may have been removed, but those
// from FirstSegment() on, which it made superfluous, are there until then.
Status VersionSet::CheckTail(
    LogReader* reader, const Status& damage, bool is_closed) {
  if (is_closed || snapshot_end_ == 0) {
    return damage;
  }
  KV_ASSIGN_OR_RETURN(const uint64_t durable, reader->DurableBytesAfter());
  if (durable > reader->Offset()) {
    return damage;
  }
  KV_ASSIGN_OR_RETURN(
      const bool log_is_there,
      fs_->Exists(WalSegmentName(options_.path, FirstSegment())));
  if (!log_is_there) {
    return Status::Corruption(
        std::string(damage.message()) + ", and segment " +
        std::to_string(FirstSegment()) +
        " of the log, which would stand in for the edit, is gone");
  }
  if (options_.recovery_mode == RecoveryMode::kStrict) {
    return Status::Corruption(std::string(damage.message()) + kCutWayOver);
  }
  return Status::Ok();
}

Status VersionSet::OpenTables() {
  auto version = std::make_shared<Version>();
  std::vector<TableMetadata> kept;
  for (TableMetadata& metadata : snapshot_.added) {
    Result<std::shared_ptr<const TableReader>> reader = OpenTable(metadata);
    if (reader.ok()) {
      version->tables.push_back({metadata, std::move(reader).value()});
      kept.push_back(std::move(metadata));
      continue;
    }
    if (reader.status().code() != StatusCode::kCorruption) {
      return reader.status();
    }
    const std::string message(reader.status().message());
    if (options_.recovery_mode != RecoveryMode::kSalvage) {
      return Status::Corruption(message + kTableWayOver);
    }
    skipped_.push_back(message);
    skipped_tables_.push_back(metadata.number);
    new_manifest_due_ = true;
  }
  std::reverse(version->tables.begin(), version->tables.end());
  snapshot_.added = std::move(kept);
  current_ = std::move(version);
  return Status::Ok();
}

Result<std::shared_ptr<const TableReader>> VersionSet::OpenTable(
    const TableMetadata& metadata) const {
  const std::string name = TableName(options_.path, metadata.number);
  Result<std::unique_ptr<TableReader>> table = TableReader::Open(fs_, name);
  if (table.status().IsNotFound()) {
    return Status::Corruption(
        kv::ManifestName(options_.path, manifest_number_) + " names " +
        BaseName(name) + ", which is missing");
  }
  KV_RETURN_IF_ERROR(table.status());
  const TableHeader& header = (*table)->Header();
  bool is_named = header.number == metadata.number &&
      header.id == metadata.id && header.entries == metadata.entries &&
      header.last_sequence <= LastSequence() &&
      (*table)->FileBytes() == metadata.bytes;
  if (is_named) {
    KV_ASSIGN_OR_RETURN(is_named, HasEndsOf(metadata, **table));
  }
  if (!is_named) {
    return DamagedAt(
        name, 0,
        "this is another table than the one that " + ManifestName() + " names");
  }
  return std::shared_ptr<const TableReader>(std::move(table).value());
}

// Syncs also if there is nothing to cut off: what was read may come from a
// process that died before it synced, and files are about to be removed for
// it.
Status VersionSet::Continue() {
  const std::string name = kv::ManifestName(options_.path, manifest_number_);
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(name, AppendMode::kExisting));
  if (trimmed_bytes_ > 0) {
    KV_RETURN_IF_ERROR(file->Truncate(found_.bytes - trimmed_bytes_));
  }
  KV_RETURN_IF_ERROR(file->Sync());
  KV_RETURN_IF_ERROR(fs_->SyncDirectory(options_.path));
  manifest_ = std::make_unique<LogWriter>(
      std::move(file), name, found_.log, found_.end);
  return Status::Ok();
}

}  // namespace kv
