#include "table/table_format.h"

#include "common/base/checksum.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/sequence_number.h"

namespace kv {
namespace {

constexpr size_t kChecksumBytes = sizeof(uint32_t);

bool IsRecordKind(uint8_t kind) {
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::kPut:
    case RecordKind::kDelete:
      return true;
  }
  return false;
}

uint64_t VarintBytes(uint64_t value) {
  uint64_t bytes = 1;
  for (; value >= 0x80; value >>= 7) {
    ++bytes;
  }
  return bytes;
}

}  // namespace

void EncodeTableHeader(const TableHeader& header, std::string* output) {
  std::string bytes;
  PutFixed32(&bytes, kTableMagic);
  PutFixed32(&bytes, kTableVersion);
  PutFixed64(&bytes, header.entries);
  PutFixed64(&bytes, header.index_offset);
  PutFixed64(&bytes, header.number);
  PutFixed64(&bytes, header.id);
  PutFixed64(&bytes, header.last_sequence);
  PutFixed32(&bytes, header.index_checksum);
  PutFixed32(&bytes, Checksum32(bytes, kTableVersion));
  output->append(bytes);
}

Result<TableHeader> DecodeTableHeader(std::string_view bytes) {
  std::string_view input = bytes.substr(0, kTableHeaderBytes);
  uint32_t magic = 0;
  uint32_t version = 0;
  TableHeader header;
  uint32_t checksum = 0;
  const bool whole = GetFixed32(&input, &magic) &&
      GetFixed32(&input, &version) && GetFixed64(&input, &header.entries) &&
      GetFixed64(&input, &header.index_offset) &&
      GetFixed64(&input, &header.number) && GetFixed64(&input, &header.id) &&
      GetFixed64(&input, &header.last_sequence) &&
      GetFixed32(&input, &header.index_checksum) &&
      GetFixed32(&input, &checksum);
  if (!whole || magic != kTableMagic) {
    return Status::Corruption("the file does not begin with a table header");
  }
  const std::string_view checked =
      bytes.substr(0, kTableHeaderBytes - kChecksumBytes);
  if (Checksum32(checked, version) != checksum) {
    return Status::Corruption("the table header is damaged");
  }
  if (version != kTableVersion) {
    return Status::NotSupported(
        "the table has format version " + std::to_string(version) +
        "; this program reads version " + std::to_string(kTableVersion) +
        ": use the program that wrote it");
  }
  if (header.last_sequence > kSequenceMax) {
    return Status::Corruption("the sequence number is above the largest");
  }
  // One behind it must have a name too.
  if (header.number >= kFileNumberMax) {
    return Status::Corruption("the table's number is above the largest");
  }
  return header;
}

void EncodeTableEntry(
    uint64_t id, uint64_t offset, const TableEntry& entry,
    std::string* output) {
  const uint64_t place = id + offset;
  const size_t begin = output->size();
  PutFixed32(output, 0);  // the key checksum, known below
  PutFixed32(output, Checksum32(entry.value, place));
  output->push_back(static_cast<char>(entry.kind));
  PutVarint64(output, entry.sequence);
  PutVarint32(output, static_cast<uint32_t>(entry.key.size()));
  PutVarint32(output, static_cast<uint32_t>(entry.value.size()));
  output->append(entry.key);
  std::string checksum;
  PutFixed32(
      &checksum,
      Checksum32(
          std::string_view(*output).substr(begin + kChecksumBytes), place));
  output->replace(begin, checksum.size(), checksum);
  output->append(entry.value);
}

Result<TableEntry> DecodeTableEntry(
    uint64_t id, uint64_t offset, std::string_view bytes) {
  const uint64_t place = id + offset;
  std::string_view rest = bytes;
  uint32_t key_checksum = 0;
  uint32_t value_checksum = 0;
  TableEntry entry;
  uint32_t key_bytes = 0;
  uint32_t value_bytes = 0;
  if (!GetFixed32(&rest, &key_checksum) ||
      !GetFixed32(&rest, &value_checksum) || rest.empty()) {
    return Status::Corruption("the bytes are no entry");
  }
  const auto kind = static_cast<uint8_t>(rest.front());
  rest.remove_prefix(1);
  if (!GetVarint64(&rest, &entry.sequence) || !GetVarint32(&rest, &key_bytes) ||
      !GetVarint32(&rest, &value_bytes) ||
      uint64_t{key_bytes} + value_bytes != rest.size()) {
    return Status::Corruption("the bytes are no entry");
  }
  const std::string_view checked =
      bytes.substr(kChecksumBytes, bytes.size() - kChecksumBytes - value_bytes);
  if (Checksum32(checked, place) != key_checksum || !IsRecordKind(kind)) {
    return Status::Corruption("the entry does not match its checksum");
  }
  entry.kind = static_cast<RecordKind>(kind);
  entry.key = rest.substr(0, key_bytes);
  entry.value = rest.substr(key_bytes);
  if (Checksum32(entry.value, place) != value_checksum) {
    return Status::Corruption("the value does not match its checksum");
  }
  return entry;
}

std::optional<uint64_t> TableEntryLength(std::string_view bytes) {
  std::string_view rest = bytes;
  uint64_t checksums = 0;
  uint64_t sequence = 0;
  uint32_t key_bytes = 0;
  uint32_t value_bytes = 0;
  if (!GetFixed64(&rest, &checksums) || rest.empty()) {
    return std::nullopt;
  }
  rest.remove_prefix(1);  // the kind
  if (!GetVarint64(&rest, &sequence) || !GetVarint32(&rest, &key_bytes) ||
      !GetVarint32(&rest, &value_bytes)) {
    return std::nullopt;
  }
  return bytes.size() - rest.size() + key_bytes + value_bytes;
}

uint64_t TableEntryBytes(const TableEntry& entry) {
  return 2 * kChecksumBytes + 1 + VarintBytes(entry.sequence) +
      VarintBytes(entry.key.size()) + VarintBytes(entry.value.size()) +
      entry.key.size() + entry.value.size();
}

}  // namespace kv
