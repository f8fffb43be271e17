#include "table/table_format.h"

#include "common/base/check.h"
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

struct EntryLengths {
  uint32_t key = 0;
  uint32_t value = 0;
};

// Takes all that stands before the key; what is checked by a checksum is not
// checked here.
bool GetEntryHead(
    std::string_view* input, uint64_t* sequence, EntryLengths* lengths) {
  constexpr size_t kKindEnd = 2 * kChecksumBytes + 1;
  if (input->size() < kKindEnd) {
    return false;
  }
  input->remove_prefix(kKindEnd);
  return GetVarint64(input, sequence) && GetVarint32(input, &lengths->key) &&
      GetVarint32(input, &lengths->value);
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
  KV_ASSIGN_OR_RETURN(
      TableEntry entry, DecodeTableEntryKey(id, offset, bytes, bytes.size()));
  std::string_view checksum_bytes = bytes.substr(kChecksumBytes);
  uint32_t value_checksum = 0;
  const bool whole = GetFixed32(&checksum_bytes, &value_checksum);
  KV_CHECK(whole, "an entry begins with two checksums");
  const char* const key_end = entry.key.data() + entry.key.size();
  entry.value = bytes.substr(static_cast<size_t>(key_end - bytes.data()));
  if (Checksum32(entry.value, id + offset) != value_checksum) {
    return Status::Corruption("the value does not match its checksum");
  }
  return entry;
}

Result<TableEntry> DecodeTableEntryKey(
    uint64_t id, uint64_t offset, std::string_view bytes,
    uint64_t entry_bytes) {
  TableEntry entry;
  EntryLengths lengths;
  std::string_view rest = bytes;
  if (!GetEntryHead(&rest, &entry.sequence, &lengths) ||
      lengths.key > rest.size() ||
      uint64_t{bytes.size() - rest.size()} + lengths.key + lengths.value !=
          entry_bytes) {
    return Status::Corruption("the bytes are no entry");
  }
  uint32_t checksum = 0;
  std::string_view checked =
      bytes.substr(0, bytes.size() - rest.size() + lengths.key);
  const uint8_t kind = static_cast<uint8_t>(bytes[2 * kChecksumBytes]);
  if (!GetFixed32(&checked, &checksum) ||
      Checksum32(checked, id + offset) != checksum || !IsRecordKind(kind)) {
    return Status::Corruption("the entry does not match its checksum");
  }
  entry.kind = static_cast<RecordKind>(kind);
  entry.key = rest.substr(0, lengths.key);
  return entry;
}

std::optional<uint64_t> TableEntryKeyBytes(std::string_view bytes) {
  uint64_t sequence = 0;
  EntryLengths lengths;
  std::string_view rest = bytes;
  if (!GetEntryHead(&rest, &sequence, &lengths)) {
    return std::nullopt;
  }
  return bytes.size() - rest.size() + lengths.key;
}

uint64_t TableEntryBytes(const TableEntry& entry) {
  return 2 * kChecksumBytes + 1 + VarintBytes(entry.sequence) +
      VarintBytes(entry.key.size()) + VarintBytes(entry.value.size()) +
      entry.key.size() + entry.value.size();
}

}  // namespace kv
