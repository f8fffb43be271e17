#pragma once

// The bytes of a log: a header, then frames. One frame is one write.
//
// Format: docs/format/log.md. All integers are little-endian.
//
//   log header        offset  size
//     magic                0     8  "kvlog" 0x0d 0x0a 0x1a
//     version              8     4  1
//     checksum            12     4  of bytes 16 to 31, seeded with version
//     log number          16     8
//     log id              24     8  random: no two logs have the same
//
//   frame header      offset  size
//     header checksum      0     4  of bytes 4 to 31, seeded with the place
//     payload bytes        4     4
//     payload checksum     8     4  of the payload, seeded with the place
//     type                12     1  FrameType
//     zero                13     3
//     log number          16     8
//     synced bytes        24     8  how much of the log was known to be
//                                   durable when the frame was written
//   payload               32
//
// The place of a frame is the log's id plus the frame's offset. A frame that is
// copied elsewhere, within a log or into a value, is no frame there: so a
// reader may look for the next one at any byte (FindFrameHeader).
// Invariants:
//   1. synced bytes <= the frame's own offset.
//   2. A frame ends where the next begins; the first begins at byte 32.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv {

inline constexpr size_t kLogHeaderBytes = 32;
inline constexpr size_t kFrameHeaderBytes = 32;
inline constexpr uint32_t kLogVersion = 1;

/// What a frame holds. On disk: append-only, 0 is reserved.
enum class FrameType : uint8_t {
  kBatch = 1,  ///< the payload of a WriteBatch
  kClose = 2,  ///< nothing: the log was closed cleanly, all of it synced
};

/// What a log's header says; every frame of the log is tied to it.
struct LogIdentity {
  uint64_t number = 0;
  uint64_t id = 0;
};

struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint32_t payload_checksum = 0;
  FrameType type = FrameType::kBatch;
  uint64_t synced_bytes = 0;
};

/// Appends the 32 bytes of a log's header.
void EncodeLogHeader(const LogIdentity& log, std::string* output);

/// Errors: Corruption if the bytes are not a log's header or are damaged,
/// NotSupported if a newer version wrote them.
Result<LogIdentity> DecodeLogHeader(std::string_view bytes);

/// InvalidArgument if a batch takes more bytes than the payload of a frame can
/// have: 4 GiB less one.
Status CheckBatchBytes(uint64_t bytes);

/// Appends header and payload of a frame that will stand at `offset`.
/// The payload must be shorter than 4 GiB.
void EncodeFrame(
    const LogIdentity& log, uint64_t offset, uint64_t synced_bytes,
    FrameType type, std::string_view payload, std::string* output);

/// The header in the first 32 of `bytes`, which stand at `offset`; nothing if
/// they are not an intact header of this log at this place. Says nothing about
/// the payload.
std::optional<FrameHeader> DecodeFrameHeader(
    const LogIdentity& log, uint64_t offset, std::string_view bytes);

/// Whether `payload` is what the header, at `offset`, was written with.
bool PayloadIsIntact(
    const LogIdentity& log, uint64_t offset, const FrameHeader& header,
    std::string_view payload);

}  // namespace kv
