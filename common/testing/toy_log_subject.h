#pragma once

// A small right database over one checksummed log, with faults to plant: what
// the damage sweep is itself tested with.
//
// Format: "toy.log" is a header of 8 bytes, then frames: checksum (8 bytes,
//   seeded by the frame's offset, over the rest), synced length, payload
//   length (8 bytes each, in the machine's order), payload. The payload is a
//   list of put and delete, or empty for a close.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/fs/file_system.h"
#include "common/testing/map_subject.h"

namespace kv::testing {

enum class ToyFault {
  kNone,
  kNoChecksum,  // bytes are believed
  kLengthTrusted,  // a payload buffer is made before its length is checked
  kTrimsWhatWasSynced,  // what later frames say about syncs is not looked at
  kSkipsBadFrames,  // reading goes on behind a damaged frame
  kNamesNoFile,  // an error that does not say where
  kNeverEnds,  // the search for a later frame does not advance
  kLeavesTail,  // the torn tail is not cut off before the next append
};

class ToyLogSubject : public MapSubject {
 public:
  static Result<std::unique_ptr<Subject>> Open(
      const SubjectOptions& options, ToyFault fault);

  static Capabilities ItsCapabilities();

  Status Write(
      const std::vector<BatchOperation>& batch, WriteMode mode) override;
  Status Sync() override;
  Status Close() override;

 private:
  struct Frame {
    std::string payload;
    uint64_t synced_end = 0;
  };

  explicit ToyLogSubject(const SubjectOptions& options)
      : MapSubject(options, nullptr) {}

  Status AppendFrame(const std::string& payload);
  // Whether an intact frame stands at `offset`.
  bool ReadFrame(const std::string& bytes, uint64_t offset, Frame* frame) const;
  Status Recover(const SubjectOptions& options);
  Status Replay(const std::string& bytes);
  // A bad frame at end_: a torn tail, unless a later one says otherwise.
  Status JudgeTail(const std::string& bytes);
  bool ApplyPayload(std::string_view payload);
  Status Damaged(uint64_t offset, const char* what) const;

  ToyFault fault_ = ToyFault::kNone;
  std::unique_ptr<AppendFile> log_;
  uint64_t end_ = 0;
  uint64_t synced_end_ = 0;
};

}  // namespace kv::testing
