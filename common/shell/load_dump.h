#pragma once

// --load and --dump of a shell.

#include <fstream>
#include <ostream>
#include <string>

#include "common/base/status.h"
#include "common/shell/run_shell.h"
#include "common/shell/text_format.h"

namespace kv::shell {

/// A dump that was read once from its first line to its end and found to be
/// whole.
///
/// A dump is read twice: once to refuse it as a whole, once to store it. So
/// its size is not bounded by memory, and nothing of a bad dump is stored.
/// What comes from a pipe is first copied to a temporary file.
class ValidDump {
 public:
  /// `file` may be "-" for stdin. Errors name the file.
  static Result<ValidDump> Open(
      const std::string& file, std::optional<DumpFormat> expected,
      const DumpLimits& limits);

  /// Stores the operations in batches of at most 1,000. On an error the
  /// batches before are stored and none after; the message says so. To load
  /// the same dump again is then harmless.
  Status LoadInto(ShellSession* session);

  const DumpSummary& summary() const { return summary_; }

 private:
  ValidDump() = default;

  std::string name_;
  std::ifstream in_;
  DumpSummary summary_;
};

Status Dump(ShellSession* session, DumpFormat format, std::ostream* out);

}  // namespace kv::shell
