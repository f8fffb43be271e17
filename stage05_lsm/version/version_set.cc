// How a set of tables begins and changes.

#include "version/version_set.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "kv/file_names.h"
#include "version/current_file.h"

namespace kv {
namespace {

constexpr uint64_t kFirstManifest = 1;
constexpr uint64_t kFirstSegment = 1;

}  // namespace

VersionSet::VersionSet(const Options& options)
    : options_(options), fs_(options.file_system) {
  snapshot_.first_segment = kFirstSegment;
  snapshot_.last_sequence = 0;
}

Status VersionSet::Create() {
  return BeginManifest(kFirstManifest, snapshot_);
}

Status VersionSet::Apply(
    const VersionEdit& edit,
    std::vector<std::shared_ptr<const TableReader>> added) {
  KV_RETURN_IF_ERROR(failure_);
  KV_CHECK(manifest_ != nullptr, "Create or Recover comes first");
  KV_CHECK(edit.added.size() == added.size(), "one reader for each table");
  VersionEdit next = snapshot_;
  KV_CHECK(next.Add(edit).ok(), "an edit leads forwards");
  auto version = std::make_shared<Version>(*current_);
  for (size_t i = 0; i < added.size(); ++i) {
    const TableMetadata& metadata = edit.added[i];
    // A crash may bring the edit back, though it fails: see Errors.
    last_table_ = std::max(last_table_, metadata.number);
    version->tables.insert(
        version->tables.begin(), {metadata, std::move(added[i])});
  }
  std::string payload;
  edit.EncodeTo(&payload);
  KV_RETURN_IF_ERROR(
      IsNewManifestDue(payload.size())
          ? BeginManifest(manifest_number_ + 1, next)
          : AppendEdit(payload));
  snapshot_ = std::move(next);
  current_ = std::move(version);
  return Status::Ok();
}

Status VersionSet::AppendEdit(std::string_view payload) {
  const Status appended = manifest_->Append(FrameType::kVersionEdit, payload);
  if (!appended.ok()) {
    return manifest_->IsReadOnly() ? Fail(appended, "writing the manifest")
                                   : appended;
  }
  const Status synced = manifest_->Sync();
  return synced.ok() ? synced : Fail(synced, "syncing the manifest");
}

// Not before the edits are longer than the snapshot before them: if that alone
// is over the limit, each edit would write all of it once more.
bool VersionSet::IsNewManifestDue(size_t payload_bytes) const {
  const uint64_t bytes =
      manifest_->Offset() + LogWriter::FrameBytes(payload_bytes);
  return new_manifest_due_ ||
      bytes > std::max(options_.manifest_bytes_max, 2 * snapshot_end_);
}

// Until CURRENT names the new manifest, durably, nothing counts but the old
// one: after a crash or an error the new one is an orphan, and the next try
// begins with removing it. From then on nothing counts but the new one. Which
// of them it is when the last step has failed, only the next Open can say: so
// the set is read-only, and both stay.
Status VersionSet::BeginManifest(uint64_t number, const VersionEdit& snapshot) {
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<LogWriter> manifest, WriteManifest(number, snapshot));
  KV_RETURN_IF_ERROR(PointCurrentTo(number));
  if (manifest_number_ != 0) {
    // An error changes nothing about what was done; the next Open removes it.
    static_cast<void>(
        fs_->Remove(kv::ManifestName(options_.path, manifest_number_)));
  }
  manifest_number_ = number;
  manifest_ = std::move(manifest);
  snapshot_end_ = manifest_->Offset();
  new_manifest_due_ = false;
  return Status::Ok();
}

// Header and first frame in one write: a manifest that CURRENT names has both.
Result<std::unique_ptr<LogWriter>> VersionSet::WriteManifest(
    uint64_t number, const VersionEdit& snapshot) {
  const std::string name = kv::ManifestName(options_.path, number);
  const LogIdentity identity{number, options_.random->Next()};
  std::string payload;
  snapshot.EncodeTo(&payload);
  std::string content;
  EncodeLogHeader(identity, &content);
  EncodeFrame(
      identity, kLogHeaderBytes, 0, FrameType::kVersionEdit, payload, &content);
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file, WriteNewFile(name, content));
  const Status named = fs_->SyncDirectory(options_.path);
  if (!named.ok()) {
    return Fail(named, "syncing the directory");
  }
  LogEnd end;
  end.offset = content.size();
  return std::make_unique<LogWriter>(std::move(file), name, identity, end);
}

Status VersionSet::PointCurrentTo(uint64_t number) {
  const std::string name = CurrentName(options_.path);
  const std::string unfinished = UnfinishedName(name);
  KV_RETURN_IF_ERROR(WriteNewFile(unfinished, EncodeCurrent(number)).status());
  const Status renamed = fs_->Rename(unfinished, name);
  if (!renamed.ok()) {
    // Some errors come after the deed. Then an edit in the old manifest would
    // be lost.
    const Result<uint64_t> current = ReadCurrent();
    const bool is_as_before = current.ok() && *current == manifest_number_;
    return is_as_before ? renamed : Fail(renamed, "renaming CURRENT");
  }
  const Status synced = fs_->SyncDirectory(options_.path);
  return synced.ok() ? synced : Fail(synced, "syncing the directory");
}

// Replaces what an earlier try has left. The content is durable, the name is
// not.
Result<std::unique_ptr<AppendFile>> VersionSet::WriteNewFile(
    const std::string& path, std::string_view content) {
  KV_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(path));
  if (exists) {
    KV_RETURN_IF_ERROR(fs_->Remove(path));
  }
  KV_ASSIGN_OR_RETURN(
      std::unique_ptr<AppendFile> file,
      fs_->OpenForAppend(path, AppendMode::kCreate));
  KV_RETURN_IF_ERROR(file->Append(content));
  const Status synced = file->Sync();
  if (!synced.ok()) {
    return Fail(synced, "syncing " + BaseName(path));
  }
  return file;
}

Status VersionSet::Close() {
  // A set that was never begun has nothing to close.
  if (manifest_ == nullptr) {
    return Status::Ok();
  }
  KV_RETURN_IF_ERROR(failure_);
  return manifest_->Close();
}

Status VersionSet::Fail(const Status& cause, std::string_view doing) {
  if (failure_.ok()) {
    failure_ = Status::ReadOnly(
        options_.path + ": " + std::string(doing) + " failed earlier (" +
        cause.ToString() + "); the database can be read, and written again " +
        "after it was closed and opened");
  }
  return cause;
}

std::string VersionSet::ManifestName() const {
  return BaseName(kv::ManifestName("", manifest_number_));
}

uint64_t VersionSet::Bytes() const {
  return manifest_->FileBytes() + EncodeCurrent(manifest_number_).size();
}

bool VersionSet::IsOrphan(std::string_view name) const {
  if (const auto number = ManifestNumber(name)) {
    return *number != manifest_number_;
  }
  const auto number = TableNumber(name);
  if (!number.has_value()) {
    return false;
  }
  const auto& tables = snapshot_.added;
  const bool counts = std::any_of(
      tables.begin(), tables.end(),
      [&](const auto& table) { return table.number == *number; });
  // Those that Recover left out are still in the manifest until then.
  const bool counts_still = new_manifest_due_ &&
      std::count(skipped_tables_.begin(), skipped_tables_.end(), *number) > 0;
  return !counts && !counts_still;
}

}  // namespace kv
