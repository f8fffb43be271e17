// kv_inspect: the files of a database as annotated bytes.
//
// It reads and never writes, also a database that is open elsewhere, and goes
// on behind damage. Exit codes: 0 all bytes are as they were written, 1 some
// are not, 2 wrong usage, 3 the file cannot be read.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/fs/file_system.h"
#include "common/shell/annotate.h"
#include "common/shell/escape.h"
#include "kv/file_names.h"
#include "kv/write_batch.h"
#include "log/log_format.h"
#include "log/log_reader.h"

namespace kv {
namespace {

using shell::ByteField;
using shell::EscapeBytes;
using shell::LittleEndian;
using shell::PrintFields;
using shell::QuotedSample;

constexpr uint64_t kFieldBytesMax = 32;

constexpr int kExitDamaged = 1;
constexpr int kExitUsage = 2;
constexpr int kExitCannotRead = 3;

constexpr std::string_view kUsage =
    "kv_inspect: the files of a database as annotated bytes.\n\n"
    "Usage:\n"
    "  kv_inspect DIR           every file of the database\n"
    "  kv_inspect FILE          one of them\n"
    "  kv_inspect FILE OFFSET   the frame that begins there, and the rest\n\n"
    "A line is the offset in the file, the bytes, and what they mean; a field\n"
    "of more than 32 bytes is cut. Docs: docs/format/log.md.\n\n"
    "Exit codes: 0 all bytes are as they were written; 1 some are not;\n"
    "2 wrong usage; 3 the file cannot be read.\n";

std::string_view TypeName(FrameType type) {
  switch (type) {
    case FrameType::kBatch:
      return "a batch";
    case FrameType::kClose:
      return "closed cleanly";
  }
  return "unknown";
}

// Cuts fields off the front of bytes.
class FieldCutter {
 public:
  explicit FieldCutter(std::string_view bytes) : rest_(bytes) {}

  void Add(size_t size, std::string meaning) {
    const size_t taken = std::min(size, rest_.size());
    fields_.push_back({rest_.substr(0, taken), std::move(meaning)});
    rest_.remove_prefix(taken);
  }

  // A field that is a number, printed behind its name.
  void AddNumber(size_t size, std::string_view name) {
    const uint64_t number = LittleEndian(rest_.substr(0, size));
    Add(size, std::string(name) + " " + std::to_string(number));
  }

  size_t rest_size() const { return rest_.size(); }
  const std::vector<ByteField>& fields() const { return fields_; }

 private:
  std::string_view rest_;
  std::vector<ByteField> fields_;
};

// The kind and the lengths before a key: all that an operation has besides
// key and value.
void AddOperation(
    const WriteBatch::Operation& operation, size_t bytes, FieldCutter* cutter) {
  const bool is_put = operation.kind == WriteBatch::Kind::kPut;
  const size_t lengths =
      bytes - 1 - operation.key.size() - operation.value.size();
  cutter->Add(1, is_put ? "put" : "delete");
  cutter->Add(
      lengths,
      "key of " + std::to_string(operation.key.size()) + " bytes" +
          (is_put ? ", value of " + std::to_string(operation.value.size())
                  : std::string()));
  cutter->Add(operation.key.size(), "key " + QuotedSample(operation.key));
  if (is_put) {
    cutter->Add(
        operation.value.size(), "value " + QuotedSample(operation.value));
  }
}

class LogInspector {
 public:
  LogInspector(const std::string& name, const RandomFile* file, uint64_t bytes)
      : name_(name), file_(file), bytes_(bytes) {}

  // Prints everything from `from` on, or from the beginning. True: all of it
  // is as it was written.
  Result<bool> Run(std::optional<uint64_t> from) {
    KV_RETURN_IF_ERROR(PrintHeader(!from.has_value()));
    uint64_t offset = from.value_or(kLogHeaderBytes);
    while (offset < bytes_) {
      KV_ASSIGN_OR_RETURN(offset, PrintFrame(offset));
    }
    std::cout << frames_ << " frames, " << operations_ << " operations, "
              << bytes_ << " bytes"
              << (closed_ ? "; closed cleanly" : "; not closed")
              << (whole_ ? "" : "; DAMAGED, or cut by a crash") << "\n";
    return whole_;
  }

 private:
  Result<std::string_view> Read(
      uint64_t offset, uint64_t size, std::string* scratch) {
    // No more than there is: a length may be any number.
    size = std::min(size, bytes_ - offset);
    scratch->resize(static_cast<size_t>(size));
    return file_->ReadAt(
        offset, std::span<char>(scratch->data(), scratch->size()));
  }

  Status PrintHeader(bool print) {
    std::string scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(0, kLogHeaderBytes, &scratch));
    const Result<LogIdentity> log = DecodeLogHeader(bytes);
    if (print) {
      FieldCutter cutter(bytes);
      cutter.Add(8, "magic " + QuotedSample(bytes.substr(0, 8)));
      cutter.AddNumber(4, "version");
      cutter.Add(4, log.ok() ? "checksum: right" : "checksum");
      cutter.AddNumber(8, "log number");
      cutter.Add(8, "log id");
      std::cout << "log header\n";
      PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
    }
    KV_RETURN_IF_ERROR(log.status());
    log_ = *log;
    return Status::Ok();
  }

  // Prints the frame at `offset`, or what stands in its place, and returns
  // where to go on.
  Result<uint64_t> PrintFrame(uint64_t offset) {
    std::string header_scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view header_bytes,
        Read(offset, kFrameHeaderBytes, &header_scratch));
    const std::optional<FrameHeader> header =
        header_bytes.size() == kFrameHeaderBytes
        ? DecodeFrameHeader(log_, offset, header_bytes)
        : std::nullopt;
    if (!header.has_value()) {
      return PrintGap(offset);
    }
    std::string scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view payload,
        Read(offset + kFrameHeaderBytes, header->payload_bytes, &scratch));
    const bool cut = payload.size() < header->payload_bytes;
    const bool intact = !cut && PayloadIsIntact(log_, offset, *header, payload);
    std::cout << "frame " << frames_ + 1 << " at offset " << offset << "\n";
    FieldCutter cutter(header_bytes);
    cutter.Add(4, "header checksum: right");
    cutter.AddNumber(4, "payload bytes");
    cutter.Add(
        4,
        cut          ? "payload checksum: THE PAYLOAD IS CUT"
            : intact ? "payload checksum: right"
                     : "payload checksum: WRONG");
    cutter.Add(1, "type: " + std::string(TypeName(header->type)));
    cutter.Add(3, "zero");
    cutter.AddNumber(8, "log number");
    cutter.AddNumber(8, "synced bytes");
    PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
    ++frames_;
    closed_ = header->type == FrameType::kClose;
    if (!intact) {
      PrintRaw(offset + kFrameHeaderBytes, payload);
    } else if (header->type == FrameType::kBatch) {
      PrintBatch(offset + kFrameHeaderBytes, payload);
    }
    return offset + kFrameHeaderBytes + payload.size();
  }

  void PrintBatch(uint64_t offset, std::string_view payload) {
    FieldCutter cutter(payload);
    const char* const begin = payload.data();
    size_t at = 0;  // where the operation begins
    BatchReader reader(payload);
    WriteBatch::Operation operation;
    while (at < payload.size()) {
      const Result<bool> found = reader.Next(&operation);
      if (!found.ok() || !*found) {
        whole_ = false;
        cutter.Add(cutter.rest_size(), "NO OPERATION");
        break;
      }
      // The key and then the value are an operation's last bytes.
      const size_t end = static_cast<size_t>(operation.key.data() - begin) +
          operation.key.size() + operation.value.size();
      AddOperation(operation, end - at, &cutter);
      ++operations_;
      at = end;
    }
    PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
  }

  void PrintRaw(uint64_t offset, std::string_view bytes) {
    whole_ = false;
    PrintFields(
        offset, {{bytes, "bytes that are no payload"}}, kFieldBytesMax,
        std::cout);
  }

  // Prints bytes that are no frame, up to the next one.
  Result<uint64_t> PrintGap(uint64_t offset) {
    whole_ = false;
    closed_ = false;
    std::string scratch;
    LogReader reader(file_, name_, log_, bytes_, &scratch);
    KV_ASSIGN_OR_RETURN(
        const std::optional<uint64_t> next, reader.FindFrameHeader(offset + 1));
    const uint64_t end = next.value_or(bytes_);
    std::cout << "NO FRAME at offset " << offset << ": " << end - offset
              << " bytes, up to "
              << (next.has_value() ? "the next frame\n" : "the file's end\n");
    std::string bytes_scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes,
        Read(offset, std::min(end - offset, kFieldBytesMax), &bytes_scratch));
    PrintFields(
        offset, {{bytes, "bytes of unknown meaning"}}, kFieldBytesMax,
        std::cout);
    if (end - offset > bytes.size()) {
      std::cout << "          ... " << end - offset - bytes.size()
                << " bytes more\n";
    }
    return end;
  }

  const std::string& name_;
  const RandomFile* const file_;
  const uint64_t bytes_;
  LogIdentity log_;
  uint64_t frames_ = 0;
  uint64_t operations_ = 0;
  bool closed_ = false;
  bool whole_ = true;
};

std::string BaseName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

Result<bool> InspectFile(
    const std::string& path, std::optional<uint64_t> from) {
  KV_ASSIGN_OR_RETURN(
      const auto file, FileSystem::Posix()->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, file->Size());
  std::cout << EscapeBytes(path) << ": " << bytes << " bytes\n";
  if (BaseName(path) == BaseName(LockName(""))) {
    std::cout << "locked by the process that has the database open; what it "
                 "holds means nothing\n";
    return true;
  }
  if (from.has_value() && (*from < kLogHeaderBytes || *from >= bytes)) {
    return Status::InvalidArgument(
        "offset " + std::to_string(*from) + " is not within the frames, " +
        std::to_string(kLogHeaderBytes) + " to " + std::to_string(bytes));
  }
  const std::string name = EscapeBytes(path);
  return LogInspector(name, file.get(), bytes).Run(from);
}

Result<bool> Inspect(const std::string& path, std::optional<uint64_t> from) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return InspectFile(path, from);
  }
  std::vector<std::string> files;
  for (const std::string& file :
       {DataLogName(path), NewDataLogName(path), LockName(path)}) {
    if (std::filesystem::exists(file, error)) files.push_back(file);
  }
  if (files.empty()) {
    return Status::InvalidArgument(
        "'" + EscapeBytes(path) + "' holds no file of a database");
  }
  bool whole = true;
  for (size_t i = 0; i < files.size(); ++i) {
    if (i > 0) std::cout << "\n";
    KV_ASSIGN_OR_RETURN(const bool file_whole, InspectFile(files[i], from));
    whole = whole && file_whole;
  }
  return whole;
}

int Main(const std::vector<std::string>& words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    std::cout << kUsage;
    return 0;
  }
  std::optional<uint64_t> from;
  if (words.size() == 2 && !words[1].empty() && words[1].size() < 19 &&
      words[1].find_first_not_of("0123456789") == std::string::npos) {
    from = std::stoull(words[1]);
  }
  if (words.empty() || words.size() > 2 ||
      (words.size() == 2 && !from.has_value())) {
    std::cerr << kUsage;
    return kExitUsage;
  }
  try {
    const Result<bool> whole = Inspect(words[0], from);
    std::cout.flush();
    if (whole.ok()) return *whole ? 0 : kExitDamaged;
    std::cerr << "kv_inspect: '" << EscapeBytes(words[0]) << "': "
              << (whole.status().IsNotFound() ? "there is no such file"
                                              : whole.status().ToString())
              << "\n";
    return whole.status().code() == StatusCode::kCorruption ? kExitDamaged
                                                            : kExitCannotRead;
  } catch (const std::exception& error) {
    // An exercise that is not written yet.
    std::cerr << "kv_inspect: " << error.what() << "\n";
    return kExitCannotRead;
  }
}

}  // namespace
}  // namespace kv

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return kv::Main(std::vector<std::string>(argv + 1, argv + argc));
}
