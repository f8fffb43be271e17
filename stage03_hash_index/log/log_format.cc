#include "log/log_format.h"

#include "common/base/check.h"
#include "common/base/checksum.h"
#include "kv/coding.h"

namespace kv {
namespace {

// The last two bytes of the magic stop a viewer and show a text-mode transfer.
constexpr std::string_view kMagic = "kvlog\r\n\x1a";

uint64_t Place(const LogIdentity& log, uint64_t offset) {
  return log.id + offset;
}

bool IsFrameType(uint8_t type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::kBatch:
    case FrameType::kClose:
      return true;
  }
  return false;
}

}  // namespace

void EncodeLogHeader(const LogIdentity& log, std::string* output) {
  std::string identity;
  PutFixed64(&identity, log.number);
  PutFixed64(&identity, log.id);
  output->append(kMagic);
  PutFixed32(output, kLogVersion);
  PutFixed32(output, Checksum32(identity, kLogVersion));
  output->append(identity);
}

Result<LogIdentity> DecodeLogHeader(std::string_view bytes) {
  if (bytes.size() < kLogHeaderBytes ||
      bytes.substr(0, kMagic.size()) != kMagic) {
    return Status::Corruption("the file does not begin with a log header");
  }
  bytes = bytes.substr(0, kLogHeaderBytes);
  bytes.remove_prefix(kMagic.size());
  uint32_t version = 0;
  uint32_t checksum = 0;
  LogIdentity log;
  bool whole = GetFixed32(&bytes, &version) && GetFixed32(&bytes, &checksum);
  const std::string_view identity = bytes;
  whole =
      whole && GetFixed64(&bytes, &log.number) && GetFixed64(&bytes, &log.id);
  KV_CHECK(whole, "a header's fields fill its 32 bytes");
  if (Checksum32(identity, version) != checksum) {
    return Status::Corruption("the log header is damaged");
  }
  if (version != kLogVersion) {
    return Status::NotSupported(
        "the log has format version " + std::to_string(version) +
        "; this program reads version " + std::to_string(kLogVersion) +
        ": use the program that wrote it");
  }
  return log;
}

Status CheckBatchBytes(uint64_t bytes) {
  if (bytes > UINT32_MAX) {
    return Status::InvalidArgument(
        "a batch of " + std::to_string(bytes) + " bytes is over the limit of " +
        std::to_string(UINT32_MAX) + " bytes; split it");
  }
  return Status::Ok();
}

void EncodeFrame(
    const LogIdentity& log, uint64_t offset, uint64_t synced_bytes,
    FrameType type, std::string_view payload, std::string* output) {
  KV_CHECK(payload.size() <= UINT32_MAX, "a payload is shorter than 4 GiB");
  KV_CHECK(synced_bytes <= offset, "log invariant 1: synced before written");
  const uint64_t place = Place(log, offset);
  const size_t begin = output->size();
  PutFixed32(output, 0);  // the header's checksum, below
  PutFixed32(output, static_cast<uint32_t>(payload.size()));
  PutFixed32(output, Checksum32(payload, place));
  output->push_back(static_cast<char>(type));
  output->append(3, '\0');
  PutFixed64(output, log.number);
  PutFixed64(output, synced_bytes);

  std::string checksum;
  PutFixed32(
      &checksum,
      Checksum32(
          std::string_view(*output).substr(begin + sizeof(uint32_t)), place));
  output->replace(begin, checksum.size(), checksum);
  output->append(payload);
}

std::optional<FrameHeader> DecodeFrameHeader(
    const LogIdentity& log, uint64_t offset, std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return std::nullopt;
  }
  std::string_view input = bytes.substr(0, kFrameHeaderBytes);
  FrameHeader header;
  uint32_t checksum = 0;
  uint32_t type_and_zero = 0;
  uint64_t number = 0;
  bool whole = GetFixed32(&input, &checksum);
  const std::string_view checked = input;
  whole = whole && GetFixed32(&input, &header.payload_bytes) &&
      GetFixed32(&input, &header.payload_checksum) &&
      GetFixed32(&input, &type_and_zero) && GetFixed64(&input, &number) &&
      GetFixed64(&input, &header.synced_bytes);
  KV_CHECK(whole, "a frame header's fields fill its 32 bytes");
  // The cheap questions first: a search asks them at every byte.
  if (number != log.number || type_and_zero > UINT8_MAX ||
      !IsFrameType(static_cast<uint8_t>(type_and_zero)) ||
      header.synced_bytes > offset ||
      Checksum32(checked, Place(log, offset)) != checksum) {
    return std::nullopt;
  }
  header.type = static_cast<FrameType>(type_and_zero);
  return header;
}

bool PayloadIsIntact(
    const LogIdentity& log, uint64_t offset, const FrameHeader& header,
    std::string_view payload) {
  return payload.size() == header.payload_bytes &&
      Checksum32(payload, Place(log, offset)) == header.payload_checksum;
}

}  // namespace kv
