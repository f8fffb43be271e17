#pragma once

// What a database is doing when the power fails.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/testing/model_step.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct CrashWorkload {
  /// What the report adds its states up under: "length 3, synced".
  std::string group;
  std::vector<ModelStep> steps;
};

using ModelMap = std::map<std::string, std::string>;

/// Whether the step changes keys: a put, delete, batch or rename.
bool IsWrite(const ModelStep& step);

/// Does to `model` what a write does to a database.
void ApplyToModel(const ModelStep& step, ModelMap* model);

/// The same call, through the database. The step is a write.
Status ApplyToSubject(const ModelStep& step, WriteMode mode, Subject* subject);

/// A write of the same shape and size with other values: what a database
/// that forgot `step` might be asked next. `tag` tells values apart.
ModelStep Reworded(const ModelStep& step, uint64_t tag);

/// Two maps have the same hash if they are equal, and else hardly ever.
uint64_t HashOf(const ModelMap& model);

/// All sequences of three steps out of: put a, put b (a value of several
/// sectors), delete a, a batch, each with and without sync; sync, flush,
/// checkpoint and compact where the database has them, and a flush or
/// checkpoint that finds the disk full; reopen.
std::vector<CrashWorkload> ShortWorkloads(const Capabilities& capabilities);

/// A few steps of which the crashes give states of every kind that the database
/// can have.
CrashWorkload WorkloadOfAllKinds(const Capabilities& capabilities);

/// 50 to 200 random steps on eight keys, with values of 0 to 700 bytes.
CrashWorkload RandomWorkload(const Capabilities& capabilities, uint64_t seed);

}  // namespace kv::testing
