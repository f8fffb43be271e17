#pragma once

// Assertions that stay on in release builds.
//
// Contract: KV_CHECK is for mistakes of the program, never for bytes that
//   come from a disk, a network or a user; those are a Status.

namespace kv::internal {

[[noreturn]] void CheckFailed(
    const char* file, int line, const char* condition, const char* message);

}  // namespace kv::internal

/// Prints file, line, condition and message to stderr and aborts unless
/// `condition` holds.
#define KV_CHECK(condition, message) \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0) \
       : ::kv::internal::CheckFailed(__FILE__, __LINE__, #condition, message))
