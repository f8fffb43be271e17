#include "app/kv_inspect/log_inspector.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include "app/kv_inspect/field_cutter.h"
#include "app/kv_inspect/version_edit_fields.h"
#include "common/shell/annotate.h"
#include "kv/file_names.h"
#include "kv/kept_files.h"
#include "kv/write_batch.h"
#include "log/log_reader.h"
#include "log/wal.h"

namespace kv {
namespace {

using shell::QuotedSample;

std::string_view TypeName(FrameType type) {
  switch (type) {
    case FrameType::kBatch:
      return "a batch";
    case FrameType::kClose:
      return "closed cleanly";
    case FrameType::kVersionEdit:
      return "a change of the set of tables";
  }
  return "unknown";
}

// "2023-11-14 22:13:20.000000 UTC".
std::string Time(uint64_t micros) {
  constexpr uint64_t kMicrosPerSecond = 1'000'000;
  const auto seconds = static_cast<std::time_t>(micros / kMicrosPerSecond);
  std::tm parts = {};
  char date[32];
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &parts) == 0) {
    return std::to_string(micros) + " microseconds since 1970";
  }
  char fraction[16];
  std::snprintf(
      fraction, sizeof(fraction), ".%06u UTC",
      static_cast<unsigned>(micros % kMicrosPerSecond));
  return std::string(date) + fraction;
}

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

void PrintRaw(uint64_t offset, std::string_view bytes) {
  PrintBytes(offset, bytes, "bytes that are no payload");
}

}  // namespace

LogInspector::LogInspector(const InspectedFile& file)
    : file_(file),
      is_manifest_(
          ManifestNumber(NameBeforeKept(BaseName(file.name))).has_value()) {}

Result<bool> LogInspector::Run(std::optional<uint64_t> from) {
  KV_RETURN_IF_ERROR(PrintHeader(!from.has_value()));
  uint64_t offset = from.value_or(kLogHeaderBytes);
  while (offset < file_.bytes) {
    KV_ASSIGN_OR_RETURN(offset, PrintFrame(offset));
  }
  std::cout << frames_ << " frames, " << (is_manifest_ ? tables_ : operations_)
            << (is_manifest_ ? " tables, " : " operations, ") << file_.bytes
            << " bytes" << (closed_ ? "; closed cleanly" : "; not closed");
  if (damaged_) {
    std::cout << "; DAMAGED";
  } else if (!whole_) {
    std::cout << "; a torn tail from offset " << *first_bad_
              << ": opening cuts it off"
              << (is_manifest_ ? "" : ", unless a segment follows");
  }
  std::cout << "\n";
  return whole_;
}

Status LogInspector::PrintHeader(bool print) {
  std::string scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes, file_.Read(0, kLogHeaderBytes, &scratch));
  const Result<LogIdentity> log = DecodeLogHeader(bytes);
  if (print) {
    FieldCutter cutter(bytes);
    cutter.Add(8, "magic " + QuotedSample(bytes.substr(0, 8)));
    cutter.AddNumber(4, "version");
    cutter.Add(4, log.ok() ? "checksum: right" : "checksum");
    cutter.AddNumber(8, "log number");
    cutter.Add(8, "log id");
    std::cout << "log header\n";
    cutter.Print(0);
  }
  KV_RETURN_IF_ERROR(log.status());
  log_ = *log;
  const std::string base = BaseName(file_.name);
  const std::string_view name = NameBeforeKept(base);
  const auto number =
      is_manifest_ ? ManifestNumber(name) : WalSegmentNumber(name);
  if (number.value_or(log_.number) != log_.number) {
    MarkDamaged();
    std::cout << "NOT THE " << (is_manifest_ ? "MANIFEST" : "SEGMENT")
              << " that the file's name says\n";
  }
  return Status::Ok();
}

Result<uint64_t> LogInspector::PrintFrame(uint64_t offset) {
  std::string header_scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view header_bytes,
      file_.Read(offset, kFrameHeaderBytes, &header_scratch));
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
      file_.Read(offset + kFrameHeaderBytes, header->payload_bytes, &scratch));
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
  cutter.Print(offset);
  ++frames_;
  if (closed_) {
    MarkDamaged();
    std::cout << "A FRAME BEHIND THE CLOSE FRAME\n";
  }
  closed_ = header->type == FrameType::kClose;
  // A crash damages nothing that had been synced.
  if (header->synced_bytes > first_bad_.value_or(UINT64_MAX)) MarkDamaged();
  if (!intact) {
    MarkBad(offset);
    PrintRaw(offset + kFrameHeaderBytes, payload);
  } else if (
      is_manifest_ != (header->type == FrameType::kVersionEdit) &&
      header->type != FrameType::kClose) {
    MarkDamaged();
    std::cout << "NO FRAME OF THIS TYPE belongs in this file\n";
  } else if (header->type == FrameType::kBatch) {
    PrintBatch(offset + kFrameHeaderBytes, payload);
  } else if (header->type == FrameType::kVersionEdit) {
    PrintEdit(offset + kFrameHeaderBytes, payload);
  }
  return offset + kFrameHeaderBytes + payload.size();
}

void LogInspector::PrintBatch(uint64_t offset, std::string_view payload) {
  const Result<SequencedBatch> batch = DecodeSequencedBatch(payload);
  if (!batch.ok()) {
    MarkDamaged();
    PrintRaw(offset, payload);
    return;
  }
  FieldCutter cutter(payload);
  cutter.AddNumber(8, "sequence");
  cutter.Add(8, "time " + Time(batch->wall_micros));
  cutter.AddNumber(4, "operations");
  const uint64_t operations_before = operations_;
  const char* const begin = payload.data();
  size_t at = kBatchHeaderBytes;  // where the operation begins
  BatchReader reader(payload, at);
  WriteBatch::Operation operation;
  while (at < payload.size()) {
    const Result<bool> found = reader.Next(&operation);
    if (!found.ok() || !*found) {
      MarkDamaged();
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
  cutter.Print(offset);
  if (operations_ - operations_before != batch->count) {
    MarkDamaged();
    std::cout << "NOT AS MANY OPERATIONS as the frame says\n";
  }
}

void LogInspector::PrintEdit(uint64_t offset, std::string_view payload) {
  const Result<VersionEdit> edit = VersionEdit::Decode(payload);
  if (!edit.ok()) {
    MarkDamaged();
    PrintRaw(offset, payload);
    return;
  }
  tables_ += edit->added.size();
  PrintEditFields(offset, payload, *edit);
  const Status fits = all_.Add(*edit);
  if (!fits.ok()) {
    MarkDamaged();
    std::cout << "IT DOES NOT FIT: " << fits.message() << "\n";
  }
}

Result<uint64_t> LogInspector::PrintGap(uint64_t offset) {
  MarkBad(offset);
  if (closed_) MarkDamaged();
  closed_ = false;
  std::string scratch;
  LogReader reader(file_.file, file_.name, log_, file_.bytes, &scratch);
  KV_ASSIGN_OR_RETURN(
      const std::optional<uint64_t> next, reader.FindFrameHeader(offset + 1));
  const uint64_t end = next.value_or(file_.bytes);
  std::cout << "NO FRAME at offset " << offset << ": " << end - offset
            << " bytes, up to "
            << (next.has_value() ? "the next frame\n" : "the file's end\n");
  std::string bytes_scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes,
      file_.Read(
          offset, std::min(end - offset, kFieldBytesMax), &bytes_scratch));
  PrintBytes(offset, bytes, "bytes of unknown meaning");
  if (end - offset > bytes.size()) {
    std::cout << "          ... " << end - offset - bytes.size()
              << " bytes more\n";
  }
  return end;
}

void LogInspector::MarkBad(uint64_t offset) {
  whole_ = false;
  if (!first_bad_.has_value()) first_bad_ = offset;
}

void LogInspector::MarkDamaged() {
  whole_ = false;
  damaged_ = true;
}

}  // namespace kv
