// The part of CrashRun that judges the disks that crashes left.

#include <algorithm>
#include <utility>

#include "common/base/checksum.h"
#include "common/testing/crash_run.h"
#include "common/testing/crash_text.h"

namespace kv::testing::internal {
namespace {

constexpr int kMoreWrites = 5;
constexpr uint64_t kProcessDeathSalt = 0x70726f6365737364u;

std::string Counted(size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

int CrashRun::Allowed::IndexOf(uint64_t hash) const {
  const auto found = std::find(hashes.begin(), hashes.end(), hash);
  return found == hashes.end() ? -1 : static_cast<int>(found - hashes.begin());
}

void CrashRun::CheckDisk(
    std::unique_ptr<MemoryFileSystem> disk, const Point& point,
    const Allowed& allowed) {
  const uint64_t disk_hash = disk->TreeHash();
  uint64_t recovered = 0;
  if (tally_->Find(disk_hash, &recovered) && allowed.IndexOf(recovered) >= 0) {
    return;
  }
  std::unique_ptr<MemoryFileSystem> copy;
  if (!allowed.is_nested && NestsOn(point.kind)) {
    copy = disk->Crash(CrashChoice());
  }
  const std::string files = DescribeFiles(disk.get());
  SeededRandom random(2);
  auto opened = OpenOn(disk.get(), &random);
  if (!opened.ok()) {
    Fail(
        3, "the default mode opens every state that a crash can leave", "Ok",
        opened.status().ToString(), point, files);
    return;
  }
  auto content = ReadAll(opened->get());
  if (!content.ok()) {
    Fail(
        4, "no read fails after a crash that damaged nothing synced", "Ok",
        content.status().ToString(), point, files);
    return;
  }
  size_t index = 0;
  if (!CheckContent(*content, files, point, allowed, &index) ||
      !CheckNames(disk.get(), point)) {
    return;
  }
  const size_t next_write = allowed.first_write + index;
  if (!CheckMoreWrites(
          disk.get(), std::move(opened).value(), *content, point, next_write)) {
    return;
  }
  tally_->Add(workload_.group, point.kind, disk_hash, HashOf(*content));
  if (copy != nullptr) {
    CrashAgain(std::move(copy), point, *content, next_write);
  }
}

// What recovery must repair is where it has most to lose: disks with a hole
// are few, and each is taken.
bool CrashRun::NestsOn(CrashKind kind) {
  return kind == CrashKind::kLaterBlock
      ? tally_->NestedShare() < 0.45
      : tally_->NestedShare() < 0.33 && random_.OneIn(4);
}

bool CrashRun::CheckContent(
    const ModelMap& content, const std::string& files, const Point& point,
    const Allowed& allowed, size_t* index) {
  const int found = allowed.IndexOf(HashOf(content));
  if (found >= 0) {
    *index = static_cast<size_t>(found);
    return true;
  }
  int contract = 1;
  std::string promise;
  const std::string actual =
      DescribeMismatch(content, allowed, &contract, &promise);
  std::string expected = DescribeContent(allowed.contents.front());
  if (allowed.contents.size() > 1) {
    expected +=
        "\n            up to " + DescribeContent(allowed.contents.back());
  }
  Fail(contract, promise, expected, actual, point, files);
  return false;
}

std::string CrashRun::DescribeMismatch(
    const ModelMap& content, const Allowed& allowed, int* contract,
    std::string* promise) const {
  const uint64_t hash = HashOf(content);
  std::string actual = DescribeContent(content);
  if (allowed.is_nested) {
    *contract = 8;
    *promise =
        "recovery can crash and be run again, with the same result, and "
        "nothing that it dropped comes back";
    return actual;
  }
  const size_t first = allowed.first_write;
  const auto known = std::find(hashes_.begin(), hashes_.end(), hash);
  if (known != hashes_.end()) {
    const size_t n = static_cast<size_t>(known - hashes_.begin());
    if (n < first) {
      *contract = durable_by_reopen_ ? 8 : 1;
      *promise = durable_by_reopen_
          ? "what an opened database returned to a reader is durable"
          : "a write that returned Ok with sync survives power loss";
      return actual + ", as after the first " + Counted(n, "write") +
          "; lost: " + StepText(*writes_[n]);
    }
    *contract = 4;
    *promise = "no read returns what was not written yet";
    return actual;
  }
  if (IsPartOfBatch(hash)) {
    *contract = 2;
    *promise = "a batch or rename is all or nothing after any crash";
    return actual + ", which has a part of a batch";
  }
  *contract = 1;
  *promise =
      "after power loss what is recovered is a prefix of the acknowledged "
      "writes";
  return actual + ", which the database never held";
}

// Whether some of the operations of one batch, and not all, give that state.
// A rename is a batch of two.
bool CrashRun::IsPartOfBatch(uint64_t hash) const {
  constexpr size_t kOperationsMax = 8;
  for (size_t n = 0; n < writes_.size(); ++n) {
    const ModelMap& before = contents_[n];
    ModelStep part = *writes_[n];
    if (part.kind == ModelStep::Kind::kRename) {
      const auto from = before.find(part.first);
      if (from == before.end()) continue;
      part.kind = ModelStep::Kind::kWrite;
      part.batch = {
          {BatchOperation::Kind::kDelete, part.first, ""},
          {BatchOperation::Kind::kPut, part.second, from->second}};
    }
    const std::vector<BatchOperation> whole = part.batch;
    if (whole.size() > kOperationsMax) continue;
    for (size_t mask = 1; mask + 1 < (size_t{1} << whole.size()); ++mask) {
      part.batch.clear();
      for (size_t i = 0; i < whole.size(); ++i) {
        if (((mask >> i) & 1) != 0) part.batch.push_back(whole[i]);
      }
      ModelMap content = before;
      ApplyToModel(part, &content);
      if (HashOf(content) == hash) {
        return true;
      }
    }
  }
  return false;
}

bool CrashRun::CheckNames(MemoryFileSystem* disk, const Point& point) {
  const auto names = disk->List(std::string(kCrashDirectory));
  if (!names.ok()) {
    return true;
  }
  const auto& patterns = tally_->options().capabilities.file_patterns;
  for (const std::string& name : *names) {
    const bool known = std::any_of(
        patterns.begin(), patterns.end(), [&](const std::string& pattern) {
          return MatchesFilePattern(name, pattern);
        });
    if (!known) {
      Fail(
          7, "no file is left that the database does not know",
          "names that the database uses", name, point, DescribeFiles(disk));
      return false;
    }
  }
  return true;
}

ModelStep CrashRun::NextWrite(size_t index, uint64_t tag) const {
  if (writes_.empty()) {
    ModelStep put;
    put.kind = ModelStep::Kind::kPut;
    put.first = "a";
    put.second = std::string(20, 'x');
    return Reworded(put, tag);
  }
  return Reworded(*writes_[index % writes_.size()], tag);
}

bool CrashRun::CheckMoreWrites(
    MemoryFileSystem* disk, std::unique_ptr<Subject> subject, ModelMap content,
    const Point& point, size_t next_write) {
  for (int i = 0; i < kMoreWrites; ++i) {
    const ModelStep write = NextWrite(
        next_write + static_cast<size_t>(i), 500 + static_cast<uint64_t>(i));
    const Status status =
        ApplyToSubject(write, WriteMode::kSynced, subject.get());
    if (!status.ok()) {
      Fail(
          6, "a recovered database takes writes", "Ok",
          status.ToString() + " from " + StepText(write), point,
          DescribeFiles(disk));
      return false;
    }
    ApplyToModel(write, &content);
  }
  auto after = disk->Crash(CrashChoice());
  const std::string files = DescribeFiles(after.get());
  SeededRandom random(3);
  auto opened = OpenOn(after.get(), &random);
  auto found =
      opened.ok() ? ReadAll(opened->get()) : Result<ModelMap>(opened.status());
  if (!found.ok() || HashOf(*found) != HashOf(content)) {
    Fail(
        1,
        "five more synced writes after a recovery survive another power loss",
        DescribeContent(content),
        found.ok() ? DescribeContent(*found) : found.status().ToString(), point,
        files);
    return false;
  }
  return true;
}

void CrashRun::CheckProcessDeath(const Allowed& allowed) {
  const Point point{
      CrashKind::kProcessDeath, "the process died, the system lives on", {}};
  tally_->Built(CrashKind::kProcessDeath);
  auto disk = fs_.ProcessDeath();
  const uint64_t durable_hash = disk->Crash(CrashChoice())->TreeHash();
  const uint64_t disk_hash =
      Checksum64({}, disk->TreeHash() ^ kProcessDeathSalt) ^ durable_hash;
  uint64_t recovered = 0;
  if (tally_->Find(disk_hash, &recovered) && allowed.IndexOf(recovered) >= 0) {
    return;
  }
  const std::string files = DescribeFiles(disk.get());
  SeededRandom random(2);
  auto opened = OpenOn(disk.get(), &random);
  auto content =
      opened.ok() ? ReadAll(opened->get()) : Result<ModelMap>(opened.status());
  if (!content.ok() || allowed.IndexOf(HashOf(*content)) < 0) {
    Fail(
        1, "a write that returned Ok survives the death of the process",
        DescribeContent(allowed.contents.front()),
        content.ok() ? DescribeContent(*content) : content.status().ToString(),
        point, files);
    return;
  }
  auto after = disk->Crash(CrashChoice());
  const std::string files_after = DescribeFiles(after.get());
  SeededRandom random_after(3);
  auto again = OpenOn(after.get(), &random_after);
  auto found =
      again.ok() ? ReadAll(again->get()) : Result<ModelMap>(again.status());
  if (!found.ok() || HashOf(*found) != HashOf(*content)) {
    Fail(
        8, "what recovery returned to a reader is durable",
        DescribeContent(*content),
        found.ok() ? DescribeContent(*found) : found.status().ToString(),
        Point{
            CrashKind::kProcessDeath,
            "the process died, another one opened the database and read it, "
            "then the power failed with all unsynced dropped",
            {}},
        files_after);
    return;
  }
  tally_->Add(
      workload_.group, CrashKind::kProcessDeath, disk_hash, HashOf(*content));
}

void CrashRun::CrashAgain(
    std::unique_ptr<MemoryFileSystem> disk, const Point& point,
    const ModelMap& content, size_t next_write) {
  const ModelStep write = NextWrite(next_write, 900);
  std::vector<ModelMap> contents = {content, content};
  ApplyToModel(write, &contents[1]);
  const std::vector<uint64_t> hashes = {
      HashOf(contents[0]), HashOf(contents[1])};
  // Recovering: the first one. Writing: either. Acknowledged: the second.
  size_t from = 0;
  size_t count = 1;
  const auto crash = [&](uint64_t call) {
    Allowed allowed;
    allowed.contents = std::span<const ModelMap>(&contents[from], count);
    allowed.hashes = std::span<const uint64_t>(&hashes[from], count);
    allowed.first_write = next_write;
    allowed.is_nested = true;
    std::string nested = count > 1 || from > 0
        ? "in the first new write, " + StepText(write)
        : std::string("in the recovery");
    nested += " (call " + std::to_string(call) + "), with ";
    ForEachCrashState(disk->Unsynced(), [&](const CrashState& state) {
      tally_->Built(CrashKind::kNested);
      CheckDisk(
          disk->Crash(state.choice),
          Point{CrashKind::kNested, point.what, nested + state.what}, allowed);
      return !tally_->Done();
    });
  };
  disk->SetObserver([&](uint64_t call) {
    try {
      if (!tally_->Done()) crash(call);
    } catch (...) {
      tally_->Throw(std::current_exception());
    }
  });
  SeededRandom random(2);
  auto opened = OpenOn(disk.get(), &random);
  if (opened.ok() && !tally_->Done()) {
    count = 2;
    const Status status =
        ApplyToSubject(write, WriteMode::kSynced, opened->get());
    if (status.ok() && !tally_->Done()) {
      from = 1;
      count = 1;
      crash(disk->MutatingCalls());
    }
  }
  disk->SetObserver(nullptr);
}

}  // namespace kv::testing::internal
