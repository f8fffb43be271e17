#include "common/testing/crash_run.h"

#include <utility>

#include "common/testing/crash_text.h"

namespace kv::testing::internal {

Result<ModelMap> ReadAll(Subject* subject) {
  KV_ASSIGN_OR_RETURN(const auto keys, subject->Keys(""));
  ModelMap content;
  for (const std::string& key : keys) {
    auto value = subject->Get(key);
    if (!value.ok()) {
      return Status::Corruption(
          "Keys() lists " + QuoteBytes(key) + ", but Get() of it returns " +
          value.status().ToString());
    }
    content[key] = std::move(value).value();
  }
  return content;
}

CrashRun::CrashRun(
    CrashTally* tally, const CrashWorkload& workload, uint64_t seed,
    uint64_t sample)
    : tally_(tally), workload_(workload), random_(seed), sample_(sample) {
  contents_.emplace_back();
  for (const ModelStep& step : workload.steps) {
    if (IsWrite(step)) {
      writes_.push_back(&step);
      contents_.push_back(contents_.back());
      ApplyToModel(step, &contents_.back());
    }
  }
  for (const ModelMap& content : contents_) {
    hashes_.push_back(HashOf(content));
  }
}

void CrashRun::Run() {
  fs_.SetObserver([this](uint64_t) { OnCall(); });
  tally_->AddWorkload();
  if (!Open()) {
    return;
  }
  for (const ModelStep& step : workload_.steps) {
    if (tally_->Done()) break;
    step_ = &step;
    TakeStep(step);
  }
  step_ = nullptr;
  if (!tally_->Done() && subject_ != nullptr) {
    const Status closed = subject_->Close();
    if (!closed.ok()) {
      Fail(
          1, "a database on an intact disk closes", "Ok", closed.ToString(),
          Point(), DescribeFiles(&fs_));
    }
  }
  fs_.SetObserver(nullptr);
  subject_.reset();
  tally_->AddCalls(fs_.MutatingCalls());
}

bool CrashRun::Open() {
  auto opened = OpenOn(&faults_, &subject_random_);
  if (!opened.ok()) {
    Fail(
        1, "a database on an intact disk opens", "Ok",
        opened.status().ToString(), Point(), DescribeFiles(&fs_));
    return false;
  }
  subject_ = std::move(opened).value();
  auto content = ReadAll(subject_.get());
  if (!content.ok() || HashOf(*content) != hashes_[acknowledged_]) {
    Fail(
        1, "a database that is opened again holds what was written",
        DescribeContent(contents_[acknowledged_]),
        content.ok() ? DescribeContent(*content) : content.status().ToString(),
        Point(), DescribeFiles(&fs_));
    return false;
  }
  durable_by_reopen_ = durable_ < acknowledged_;
  durable_ = acknowledged_;
  CrashHere();
  return true;
}

void CrashRun::TakeStep(const ModelStep& step) {
  // Such a call writes nothing, so its sync need not reach the disk either.
  const bool renames_nothing = step.kind == ModelStep::Kind::kRename &&
      (step.first == step.second ||
       contents_[acknowledged_].count(step.first) == 0);
  Status status;
  if (IsWrite(step)) {
    in_flight_ = true;
    status = ApplyToSubject(step, step.mode, subject_.get());
    in_flight_ = false;
    if (renames_nothing && status.IsNotFound()) {
      status = Status::Ok();
    }
    ++acknowledged_;
  } else if (step.kind == ModelStep::Kind::kSync) {
    status = subject_->Sync();
  } else if (
      step.kind == ModelStep::Kind::kFlush ||
      step.kind == ModelStep::Kind::kCheckpoint) {
    status = TakeFlush(step);
  } else if (step.kind == ModelStep::Kind::kCompact) {
    status = subject_->Compact();
  } else if (step.kind == ModelStep::Kind::kReopen) {
    TakeReopen();
    return;
  }
  if (!status.ok()) {
    Fail(
        1, "a call on an intact disk works", "Ok", status.ToString(), Point(),
        DescribeFiles(&fs_));
    return;
  }
  const bool synced = step.kind == ModelStep::Kind::kSync ||
      (IsWrite(step) && step.mode == WriteMode::kSynced && !renames_nothing);
  if (synced) {
    durable_ = acknowledged_;
    durable_by_reopen_ = false;
  }
  CrashHere();
}

// Ok also for an error that the step was to have: then the database holds what
// it held, and goes on.
Status CrashRun::TakeFlush(const ModelStep& step) {
  if (step.fails_at > 0) {
    Fault fault;
    fault.kind = FaultKind::kNoSpace;
    fault.nth = step.fails_at;
    faults_.Inject(fault);
  }
  const Status status = step.kind == ModelStep::Kind::kFlush
      ? subject_->Flush()
      : subject_->Checkpoint();
  const bool fired = faults_.FaultsFired() > 0;
  faults_.ClearFaults();
  return fired && status.code() == StatusCode::kIoError ? Status::Ok() : status;
}

void CrashRun::TakeReopen() {
  const Status closed = subject_->Close();
  subject_.reset();
  if (!closed.ok()) {
    Fail(
        1, "a database on an intact disk closes", "Ok", closed.ToString(),
        Point(), DescribeFiles(&fs_));
    return;
  }
  if (!tally_->Done()) {
    static_cast<void>(Open());
  }
}

void CrashRun::OnCall() {
  if (tally_->Done() || crashing_ || !random_.OneIn(sample_)) {
    return;
  }
  CrashHere();
}

CrashRun::Allowed CrashRun::Writes(size_t from, size_t to) const {
  Allowed allowed;
  allowed.contents = std::span<const ModelMap>(&contents_[from], to - from + 1);
  allowed.hashes = std::span<const uint64_t>(&hashes_[from], to - from + 1);
  allowed.first_write = from;
  return allowed;
}

CrashRun::Allowed CrashRun::AllowedAfterPowerLoss() const {
  return Writes(durable_, acknowledged_ + (in_flight_ ? 1 : 0));
}

CrashRun::Allowed CrashRun::AllowedAfterProcessDeath() const {
  return Writes(acknowledged_, acknowledged_ + (in_flight_ ? 1 : 0));
}

// Runs inside the database's own call, so nothing may be thrown from here.
void CrashRun::CrashHere() {
  crashing_ = true;
  try {
    const Allowed allowed = AllowedAfterPowerLoss();
    ForEachCrashState(fs_.Unsynced(), [&](const CrashState& state) {
      tally_->Built(state.kind);
      CheckDisk(
          fs_.Crash(state.choice), Point{state.kind, state.what, {}}, allowed);
      return !tally_->Done();
    });
    if (!tally_->Done()) {
      CheckProcessDeath(AllowedAfterProcessDeath());
    }
  } catch (...) {
    tally_->Throw(std::current_exception());
  }
  crashing_ = false;
}

Result<std::unique_ptr<Subject>> CrashRun::OpenOn(
    FileSystem* fs, SeededRandom* random) {
  SubjectOptions options = tally_->options().subject;
  options.path = std::string(kCrashDirectory);
  options.file_system = fs;
  options.random = random;
  return tally_->options().open(options);
}

void CrashRun::Fail(
    int contract, std::string promise, std::string expected, std::string actual,
    const Point& point, std::string files) {
  CrashFailure failure;
  failure.contract = contract;
  failure.promise = std::move(promise);
  failure.expected = std::move(expected);
  failure.actual = std::move(actual);
  failure.kind = point.kind;
  failure.call = fs_.MutatingCalls();
  failure.when = step_ == nullptr
      ? std::string("in the first opening or the last close")
      : (in_flight_ ? "in " : "in or after ") + StepText(*step_);
  if (!point.what.empty()) {
    failure.when += "; " + std::string(point.what);
  }
  if (!point.nested.empty()) {
    failure.when += "; and once more " + std::string(point.nested);
  }
  // What had not begun yet has nothing to do with it.
  const size_t begun = step_ == nullptr
      ? workload_.steps.size()
      : static_cast<size_t>(step_ - workload_.steps.data()) + 1;
  failure.steps.assign(
      workload_.steps.begin(),
      workload_.steps.begin() + static_cast<std::ptrdiff_t>(begun));
  failure.files = std::move(files);
  failure.seed = tally_->options().seed;
  tally_->Fail(std::move(failure));
}

}  // namespace kv::testing::internal
