#include "common/testing/crash_workload.h"

#include <utility>

#include "common/base/checksum.h"
#include "common/base/random.h"

namespace kv::testing {
namespace {

using Kind = ModelStep::Kind;

constexpr size_t kSmallValueBytes = 20;
// More than a sector, so that one write can survive in part in the middle.
constexpr size_t kLargeValueBytes = 600;

std::string Value(size_t bytes, uint64_t tag) {
  std::string value = std::to_string(tag) + ".";
  while (value.size() < bytes) {
    value += static_cast<char>('a' + (value.size() + tag) % 26);
  }
  value.resize(bytes);
  return value;
}

ModelStep Put(std::string key, std::string value) {
  ModelStep step;
  step.kind = Kind::kPut;
  step.first = std::move(key);
  step.second = std::move(value);
  return step;
}

ModelStep Plain(Kind kind) {
  ModelStep step;
  step.kind = kind;
  return step;
}

BatchOperation BatchPut(std::string key, std::string value) {
  return {BatchOperation::Kind::kPut, std::move(key), std::move(value)};
}

// A seal, a new segment and its header, a new table: then the table's bytes.
// What was written of them stays unsynced beside what is written next.
constexpr uint64_t kFullDiskAt = 5;

// The alphabet of the short workloads; values differ by position.
std::vector<ModelStep> Alphabet(
    const Capabilities& capabilities, uint64_t position) {
  ModelStep remove = Plain(Kind::kDelete);
  remove.first = "a";
  ModelStep batch = Plain(Kind::kWrite);
  batch.batch = {
      BatchPut("a", Value(kSmallValueBytes, position + 10)),
      {BatchOperation::Kind::kDelete, "b", ""},
      BatchPut("c", Value(kSmallValueBytes, position + 20))};
  const std::vector<ModelStep> writes = {
      Put("a", Value(kSmallValueBytes, position)),
      Put("b", Value(kLargeValueBytes, position)), remove, batch};
  std::vector<ModelStep> steps;
  for (ModelStep write : writes) {
    write.mode = WriteMode::kUnsynced;
    steps.push_back(write);
    if (capabilities.sync) {
      write.mode = WriteMode::kSynced;
      steps.push_back(write);
    }
  }
  if (capabilities.sync) steps.push_back(Plain(Kind::kSync));
  if (capabilities.flush) steps.push_back(Plain(Kind::kFlush));
  if (capabilities.checkpoint) steps.push_back(Plain(Kind::kCheckpoint));
  if (capabilities.compact) steps.push_back(Plain(Kind::kCompact));
  if (capabilities.survives_full_disk) {
    steps.push_back(
        Plain(capabilities.flush ? Kind::kFlush : Kind::kCheckpoint));
    steps.back().fails_at = kFullDiskAt;
  }
  steps.push_back(Plain(Kind::kReopen));
  return steps;
}

std::string GroupOf(const std::vector<ModelStep>& steps) {
  bool synced = false;
  bool unsynced = false;
  for (const ModelStep& step : steps) {
    if (!IsWrite(step)) continue;
    (step.mode == WriteMode::kSynced ? synced : unsynced) = true;
  }
  if (synced && unsynced) return "length 3, mixed";
  if (synced) return "length 3, synced";
  return "length 3, unsynced";
}

ModelStep RandomStep(
    const Capabilities& capabilities, uint64_t position, const ModelMap& model,
    SeededRandom* random) {
  const auto key = [&] {
    return std::string(1, static_cast<char>('a' + random->Below(8)));
  };
  const auto value = [&] {
    const size_t bytes = static_cast<size_t>(
        random->OneIn(4) ? random->Below(701) : random->Below(40));
    return Value(bytes, position);
  };
  // One draw a statement: compilers differ in the order of arguments.
  const auto random_put = [&] {
    std::string name = key();
    return Put(std::move(name), value());
  };
  const uint64_t dice = random->Below(100);
  ModelStep step = Plain(Kind::kReopen);
  if (dice < 50) {
    step = random_put();
  } else if (dice < 64) {
    step = Plain(Kind::kDelete);
    step.first = key();
  } else if (dice < 80) {
    step = Plain(Kind::kWrite);
    for (uint64_t n = 1 + random->Below(4); n > 0; --n) {
      BatchOperation operation;
      operation.kind = random->OneIn(4) ? BatchOperation::Kind::kDelete
                                        : BatchOperation::Kind::kPut;
      operation.key = key();
      if (operation.kind == BatchOperation::Kind::kPut) {
        operation.value = value();
      }
      step.batch.push_back(std::move(operation));
    }
  } else if (dice < 85 && !model.empty()) {
    step = Plain(Kind::kRename);
    step.first = model.begin()->first;
    step.second = key();
  } else if (dice < 89 && capabilities.sync) {
    step = Plain(Kind::kSync);
  } else if (dice < 92 && capabilities.flush) {
    step = Plain(Kind::kFlush);
  } else if (dice < 95 && capabilities.checkpoint) {
    step = Plain(Kind::kCheckpoint);
  } else if (dice < 97 && capabilities.compact) {
    step = Plain(Kind::kCompact);
  } else if (dice < 97) {
    step = random_put();
  }
  if (capabilities.sync && random->OneIn(4)) {
    step.mode = WriteMode::kSynced;
  }
  const bool flushes =
      step.kind == Kind::kFlush || step.kind == Kind::kCheckpoint;
  if (capabilities.survives_full_disk && flushes && random->OneIn(2)) {
    step.fails_at = 1 + random->Below(kFullDiskAt + 3);
  }
  return step;
}

}  // namespace

bool IsWrite(const ModelStep& step) {
  return step.kind == Kind::kPut || step.kind == Kind::kDelete ||
      step.kind == Kind::kWrite || step.kind == Kind::kRename;
}

void ApplyToModel(const ModelStep& step, ModelMap* model) {
  if (step.kind == Kind::kPut) {
    (*model)[step.first] = step.second;
  } else if (step.kind == Kind::kDelete) {
    model->erase(step.first);
  } else if (step.kind == Kind::kWrite) {
    for (const BatchOperation& operation : step.batch) {
      if (operation.kind == BatchOperation::Kind::kPut) {
        (*model)[operation.key] = operation.value;
      } else {
        model->erase(operation.key);
      }
    }
  } else if (step.kind == Kind::kRename && step.first != step.second) {
    const auto from = model->find(step.first);
    if (from != model->end()) {
      (*model)[step.second] = from->second;
      model->erase(step.first);
    }
  }
}

Status ApplyToSubject(const ModelStep& step, WriteMode mode, Subject* subject) {
  if (step.kind == Kind::kPut) {
    return subject->Put(step.first, step.second, mode);
  }
  if (step.kind == Kind::kDelete) {
    return subject->Delete(step.first, mode);
  }
  if (step.kind == Kind::kWrite) {
    return subject->Write(step.batch, mode);
  }
  if (step.kind == Kind::kRename) {
    return subject->Rename(step.first, step.second, mode);
  }
  return Status::InvalidArgument("the step is not a write");
}

ModelStep Reworded(const ModelStep& step, uint64_t tag) {
  ModelStep other = step;
  if (step.kind == Kind::kRename) {
    // The key may not be there any more.
    other = Put(step.second, "");
  }
  if (other.kind == Kind::kPut) {
    other.second = Value(other.second.size(), tag);
  }
  for (BatchOperation& operation : other.batch) {
    if (operation.kind == BatchOperation::Kind::kPut) {
      operation.value = Value(operation.value.size(), tag);
    }
  }
  return other;
}

uint64_t HashOf(const ModelMap& model) {
  uint64_t hash = 0;
  for (const auto& [key, value] : model) {
    hash = Checksum64(value, Checksum64(key, hash) + key.size());
  }
  return hash;
}

std::vector<CrashWorkload> ShortWorkloads(const Capabilities& capabilities) {
  std::vector<CrashWorkload> workloads;
  for (const ModelStep& first : Alphabet(capabilities, 1)) {
    for (const ModelStep& second : Alphabet(capabilities, 2)) {
      for (const ModelStep& third : Alphabet(capabilities, 3)) {
        CrashWorkload workload;
        workload.steps = {first, second, third};
        workload.group = GroupOf(workload.steps);
        workloads.push_back(std::move(workload));
      }
    }
  }
  return workloads;
}

CrashWorkload WorkloadOfAllKinds(const Capabilities& capabilities) {
  CrashWorkload workload;
  workload.group = "all kinds";
  std::vector<ModelStep>& steps = workload.steps;
  const auto flush = [&](uint64_t fails_at) {
    if (capabilities.flush || capabilities.checkpoint) {
      steps.push_back(
          Plain(capabilities.flush ? Kind::kFlush : Kind::kCheckpoint));
      steps.back().fails_at = fails_at;
    }
  };
  steps.push_back(Put("a", Value(kSmallValueBytes, 1)));
  if (capabilities.survives_full_disk) {
    flush(kFullDiskAt);
  }
  steps.push_back(Put("b", Value(kLargeValueBytes, 2)));
  flush(0);
  steps.push_back(Put("a", Value(kSmallValueBytes, 3)));
  steps.push_back(Plain(Kind::kReopen));
  // The mark of a clean end goes before this is written.
  steps.push_back(Put("a", Value(kSmallValueBytes, 4)));
  steps.push_back(Plain(Kind::kReopen));
  return workload;
}

CrashWorkload RandomWorkload(const Capabilities& capabilities, uint64_t seed) {
  SeededRandom random(seed);
  CrashWorkload workload;
  workload.group = "random, 50 to 200";
  ModelMap model;
  const uint64_t steps = 50 + random.Below(151);
  for (uint64_t i = 0; i < steps; ++i) {
    workload.steps.push_back(RandomStep(capabilities, 100 + i, model, &random));
    ApplyToModel(workload.steps.back(), &model);
  }
  return workload;
}

}  // namespace kv::testing
