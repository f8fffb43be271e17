#include "common/shell/load_dump.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <vector>

#include "common/shell/escape.h"

namespace kv::shell {
namespace {

constexpr size_t kBatchOperationsMax = 1000;
// Operations that are long make smaller batches.
constexpr size_t kBatchBytesMax = 4 * 1024 * 1024;

Status ErrnoError(const std::string& what) {
  return Status::IoError(what + ": " + std::strerror(errno));
}

// Copies stdin to a file that has no name any more once it is open.
Status SpoolStdin(std::ifstream* in) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
  path += "/kv_load_XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) {
    return ErrnoError(
        "cannot create the temporary file '" + path +
        "' for what comes from stdin (TMPDIR chooses the folder)");
  }
  close(fd);
  std::ofstream copy(path, std::ios::binary);
  std::vector<char> buffer(64 * 1024);
  while (copy && std::cin) {
    std::cin.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    copy.write(buffer.data(), std::cin.gcount());
  }
  copy.close();
  in->open(path, std::ios::binary);
  unlink(path.c_str());
  if (std::cin.bad()) {
    return Status::IoError("reading stdin failed");
  }
  if (!copy || !*in) {
    return Status::IoError(
        "stdin could not be copied to a temporary file in the folder of '" +
        path + "'; is the disk full? TMPDIR chooses the folder");
  }
  return Status::Ok();
}

Status OpenFile(const std::string& file, std::ifstream* in) {
  if (file == "-") {
    return SpoolStdin(in);
  }
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return Status::InvalidArgument("it is a directory, not a dump");
  }
  if (std::filesystem::exists(file, error) &&
      !std::filesystem::is_regular_file(file, error)) {
    return Status::InvalidArgument(
        "it is no regular file, so it cannot be read twice; give it as stdin");
  }
  errno = 0;
  in->open(file, std::ios::binary);
  if (!*in) {
    return ErrnoError("cannot open it");
  }
  return Status::Ok();
}

Status Named(const std::string& name, const Status& status) {
  const std::string text = name + ": " + std::string(status.message());
  switch (status.code()) {
    case StatusCode::kIoError:
      return Status::IoError(text);
    case StatusCode::kNotSupported:
      return Status::NotSupported(text);
    default:
      return Status::InvalidArgument(text);
  }
}

}  // namespace

Result<ValidDump> ValidDump::Open(
    const std::string& file, std::optional<DumpFormat> expected,
    const DumpLimits& limits) {
  ValidDump dump;
  dump.name_ = file == "-" ? "stdin" : EscapeBytes(file);
  const Status opened = OpenFile(file, &dump.in_);
  if (!opened.ok()) return Named(dump.name_, opened);
  Result<DumpSummary> summary = ValidateDump(&dump.in_, expected, limits);
  if (!summary.ok()) return Named(dump.name_, summary.status());
  dump.summary_ = *summary;
  return dump;
}

Status ValidDump::LoadInto(ShellSession* session) {
  in_.clear();
  in_.seekg(0);
  KV_ASSIGN_OR_RETURN(DumpReader reader, DumpReader::Open(&in_));
  std::vector<DumpOperation> batch;
  size_t batch_bytes = 0;
  uint64_t applied = 0;
  bool more = true;
  while (more) {
    DumpOperation operation;
    Result<bool> found = reader.Next(&operation);
    Status status = found.ok() ? Status::Ok() : found.status();
    more = found.ok() && *found;
    if (more) {
      batch_bytes += operation.key.size() + operation.value.size();
      batch.push_back(std::move(operation));
    }
    const bool full =
        batch.size() == kBatchOperationsMax || batch_bytes >= kBatchBytesMax;
    if (status.ok() && !batch.empty() && (full || !more)) {
      status = session->Apply(batch);
      if (status.ok()) {
        applied += batch.size();
        batch.clear();
        batch_bytes = 0;
      }
    }
    if (!status.ok()) {
      return Status::Aborted(
          name_ + ": stopped near line " + std::to_string(reader.line()) +
          ": " + status.ToString() + "; the first " + std::to_string(applied) +
          " of " + std::to_string(summary_.operations) +
          " operations are stored, the others are not; loading the same dump "
          "again is safe");
    }
  }
  return Status::Ok();
}

Status Dump(ShellSession* session, DumpFormat format, std::ostream* out) {
  DumpWriter writer(out, format);
  writer.Begin();
  // An error ends the dump without its last line, so that nobody takes it for
  // a whole one.
  KV_RETURN_IF_ERROR(
      session->ForEach([&writer](std::string_view key, std::string_view value) {
        writer.Put(key, value);
      }));
  return writer.End();
}

}  // namespace kv::shell
