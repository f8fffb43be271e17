#include "app/kv_shell/shell_flags.h"

#include <string>
#include <string_view>

namespace kv {

std::vector<shell::ShellFlag> Flags(Options* options) {
  using shell::ChoiceFlag;
  using shell::NumberFlag;
  return {
      NumberFlag("--key-bytes-max", "the longest key", &options->key_bytes_max),
      NumberFlag(
          "--value-bytes-max", "the longest value", &options->value_bytes_max),
      NumberFlag(
          "--memory-bytes-max", "what may be kept in memory",
          &options->memory_bytes_max),
      ChoiceFlag(
          "--sync-policy", "POLICY",
          "when a write is made durable: never, interval or every-write",
          {"never", "interval", "every-write"},
          [options](size_t place) {
            options->sync_policy = static_cast<SyncPolicy>(place);
          }),
      NumberFlag(
          "--sync-interval-micros", "for interval: how long a write may wait",
          &options->sync_interval_micros),
      NumberFlag(
          "--wal-segment-bytes-max", "the longest segment of the log",
          &options->wal_segment_bytes_max),
      NumberFlag(
          "--wal-bytes-max", "the log's length that makes a checkpoint",
          &options->wal_bytes_max),
      {"--archive-wal", "", "keeps segments that a checkpoint covers",
       [options](std::string_view) {
         options->archive_wal = true;
         return Status::Ok();
       }},
      ChoiceFlag(
          "--recovery-mode", "MODE",
          "what to do about a log that is not whole: automatic, strict, "
          "point-in-time or salvage",
          {"automatic", "strict", "point-in-time", "salvage"},
          [options](size_t place) {
            options->recovery_mode = static_cast<RecoveryMode>(place);
          }),
  };
}

Status WithTheShellsNames(const Status& status) {
  if (status.code() != StatusCode::kCorruption) {
    return status;
  }
  return Status::Corruption(
      std::string(status.message()) +
      " (in this shell, choose with --recovery-mode)");
}

}  // namespace kv
