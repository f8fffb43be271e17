#include "common/bench/bare.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/hash.h"
#include "common/base/random.h"
#include "common/bench/stopwatch.h"

namespace kv::bench {
namespace {

Status FailedCall(const std::string& call, const std::string& what) {
  return Status::IoError(call + " of " + what + ": " + std::strerror(errno));
}

}  // namespace

Result<BareWriter> BareWriter::Create(const std::string& path) {
  const int fd = ::open(
      path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return FailedCall("open", "'" + path + "'");
  return BareWriter(fd);
}

BareWriter::BareWriter(BareWriter&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

BareWriter::~BareWriter() {
  if (fd_ >= 0) ::close(fd_);
}

Status BareWriter::Append(std::string_view record) {
  const ssize_t written = ::write(fd_, record.data(), record.size());
  if (written != static_cast<ssize_t>(record.size())) return Fail("write");
  return Status::Ok();
}

Status BareWriter::AppendSynced(std::string_view record) {
  KV_RETURN_IF_ERROR(Append(record));
  if (::fdatasync(fd_) != 0) return Fail("fdatasync");
  return Status::Ok();
}

Status BareWriter::Fail(const char* call) const {
  return FailedCall(call, "the file to measure");
}

Result<double> MeasureBareWrites(
    const std::string& path, size_t record_bytes, uint64_t count, bool sync) {
  KV_ASSIGN_OR_RETURN(BareWriter writer, BareWriter::Create(path));
  const std::string record(record_bytes, 'r');
  const Stopwatch watch;
  for (uint64_t i = 0; i < count; ++i) {
    KV_RETURN_IF_ERROR(
        sync ? writer.AppendSynced(record) : writer.Append(record));
  }
  return watch.NanosEach(count);
}

Result<BareReader> BareReader::Open(
    const std::string& path, size_t record_bytes,
    const std::vector<std::string>& keys) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FailedCall("open", "'" + path + "'");
  size_t slots = 16;
  while (slots < 2 * keys.size()) slots *= 2;
  BareReader reader(fd, record_bytes, slots);
  for (size_t i = 0; i < keys.size(); ++i)
    reader.Add(keys[i], i * record_bytes);
  return reader;
}

BareReader::BareReader(int fd, size_t record_bytes, size_t slots)
    : fd_(fd), record_bytes_(record_bytes), slots_(slots) {}

BareReader::BareReader(BareReader&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      record_bytes_(other.record_bytes_),
      slots_(std::move(other.slots_)) {}

BareReader::~BareReader() {
  if (fd_ >= 0) ::close(fd_);
}

void BareReader::Add(std::string_view key, uint64_t offset) {
  const uint64_t hash = HashBytes(key, 0);
  size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].offset_plus_one != 0) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  slots_[slot] = {hash, offset + 1};
}

Status BareReader::Read(std::string_view key, char* scratch) const {
  const uint64_t hash = HashBytes(key, 0);
  size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].hash != hash || slots_[slot].offset_plus_one == 0) {
    if (slots_[slot].offset_plus_one == 0) return Status::NotFound();
    slot = (slot + 1) & (slots_.size() - 1);
  }
  const uint64_t offset = slots_[slot].offset_plus_one - 1;
  const ssize_t got =
      ::pread(fd_, scratch, record_bytes_, static_cast<off_t>(offset));
  if (got != static_cast<ssize_t>(record_bytes_)) {
    return FailedCall("pread", "the file to measure");
  }
  return Status::Ok();
}

Result<double> MeasureBareReads(
    const std::string& path, size_t record_bytes,
    const std::vector<std::string>& keys, uint64_t count, uint64_t seed) {
  KV_ASSIGN_OR_RETURN(
      const BareReader reader, BareReader::Open(path, record_bytes, keys));
  SeededRandom random(seed);
  std::vector<uint32_t> order;
  for (uint64_t i = 0; i < count; ++i) {
    order.push_back(static_cast<uint32_t>(random.Below(keys.size())));
  }
  std::string scratch(record_bytes, '\0');
  const Stopwatch watch;
  for (const uint32_t number : order) {
    KV_RETURN_IF_ERROR(reader.Read(keys[number], scratch.data()));
  }
  return watch.NanosEach(count);
}

}  // namespace kv::bench
