#pragma once

// The verbs of the tests that look at the bytes of a log.
//
// They take frames apart with log/log_format.h only, so that they show what
// stands in a file, and not what a reader makes of it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "kv/write_batch.h"
#include "log/log_format.h"
#include "log/log_writer.h"
#include "support/database_verbs.h"

namespace kv {

/// A frame as it stands in a file.
struct FileFrame {
  uint64_t offset = 0;
  FrameHeader header;
  std::string payload;

  uint64_t End() const { return offset + kFrameHeaderBytes + payload.size(); }
};

/// The identity in the header that the file begins with.
inline LogIdentity IdentityOf(std::string_view file) {
  Result<LogIdentity> log = DecodeLogHeader(file);
  MustBeOk(log.status(), "DecodeLogHeader");
  return *log;
}

/// The intact frames from the first on, up to the end or the first bytes that
/// are none.
inline std::vector<FileFrame> FramesIn(std::string_view file) {
  const LogIdentity log = IdentityOf(file);
  std::vector<FileFrame> frames;
  uint64_t offset = kLogHeaderBytes;
  while (offset < file.size()) {
    const std::string_view rest = file.substr(static_cast<size_t>(offset));
    const auto header = DecodeFrameHeader(log, offset, rest);
    if (!header || header->payload_bytes > rest.size() - kFrameHeaderBytes) {
      break;
    }
    const std::string_view payload =
        rest.substr(kFrameHeaderBytes, header->payload_bytes);
    if (!PayloadIsIntact(log, offset, *header, payload)) break;
    frames.push_back({offset, *header, std::string(payload)});
    offset = frames.back().End();
  }
  return frames;
}

/// The length of the header and of those frames; less than the file's length
/// if other bytes stand behind them.
inline uint64_t FramesEnd(std::string_view file) {
  const std::vector<FileFrame> frames = FramesIn(file);
  return frames.empty() ? kLogHeaderBytes : frames.back().End();
}

/// A log's file in memory, and writers of it.
class LogFile {
 public:
  LogFile() {
    MustBeOk(CreateLog(&memory_, path_, identity_), "CreateLog");
    MustBeOk(memory_.SyncDirectory("/"), "SyncDirectory");
  }

  const std::string& path() const { return path_; }
  const LogIdentity& identity() const { return identity_; }
  MemoryFileSystem& memory() { return memory_; }
  FaultFileSystem& faults() { return faults_; }

  /// Continues the log where its whole frames end; the file ends there too.
  std::unique_ptr<LogWriter> Continue() {
    LogEnd end;
    for (const FileFrame& frame : FramesIn(Content())) {
      end.closed = frame.header.type == FrameType::kClose;
      end.offset = end.closed ? frame.offset : frame.End();
    }
    auto file = faults_.OpenForAppend(path_, AppendMode::kExisting);
    MustBeOk(file.status(), "OpenForAppend");
    return std::make_unique<LogWriter>(
        std::move(file).value(), path_, identity_, end);
  }

  std::string Content() {
    Result<std::string> content = ReadFile(&memory_, path_);
    MustBeOk(content.status(), "ReadFile");
    return std::move(content).value();
  }
  void SetContent(std::string_view content) {
    MustBeOk(WriteFile(&memory_, path_, content), "WriteFile");
  }
  /// What is there after a power loss that takes all it can.
  std::string DurableContent() {
    auto after = memory_.Crash({});
    Result<std::string> content = ReadFile(after.get(), path_);
    MustBeOk(content.status(), "ReadFile");
    return std::move(content).value();
  }
  void Fail(FaultKind kind, uint64_t nth = 1, bool persistent = false) {
    Fault fault;
    fault.kind = kind;
    fault.nth = nth;
    fault.persistent = persistent;
    faults_.Inject(fault);
  }

 private:
  const std::string path_ = "/log";
  const LogIdentity identity_ = {1, 0x0123456789abcdef};
  MemoryFileSystem memory_;
  FaultFileSystem faults_{&memory_};
};

inline void Append(LogWriter& log, std::string_view payload) {
  MustBeOk(
      log.Append(FrameType::kBatch, payload), "Append(" + Show(payload) + ")");
}

/// The payloads of the frames, with "(close)" for a close frame.
inline std::vector<std::string> Payloads(std::string_view file) {
  std::vector<std::string> payloads;
  for (const FileFrame& frame : FramesIn(file)) {
    payloads.push_back(
        frame.header.type == FrameType::kClose ? "(close)" : frame.payload);
  }
  return payloads;
}

}  // namespace kv
