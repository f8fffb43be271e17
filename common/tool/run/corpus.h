#pragma once

// Shells compared: with the black-box corpus, and with each other on random
// operations.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {

/// Runs every file of `corpus` (NAME.kv) through the program, which reads
/// commands on stdin. One outcome a file, named "blackbox/NAME".
Result<std::vector<TestOutcome>> RunCorpus(
    const std::filesystem::path& corpus,
    const std::vector<std::string>& program);

/// Commands for kv_shell, the same for the same seed: writes, reads, renames
/// and batches over a few dozen keys, some of them of odd bytes. Every element
/// is one line, or a whole batch.
std::vector<std::string> RandomCommands(uint64_t seed, size_t count);

/// Runs the same random commands through two shells and compares what they
/// print. The tested one runs in memory, then on files in `work` with the
/// database closed and opened again in between. One outcome a seed and form.
Result<std::vector<TestOutcome>> CompareShells(
    const std::filesystem::path& trusted, const std::filesystem::path& tested,
    const std::filesystem::path& work, TestSize size);

}  // namespace kv::tool
