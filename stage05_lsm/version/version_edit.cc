#include "version/version_edit.h"

#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/internal_key.h"
#include "kv/sequence_number.h"

namespace kv {
namespace {

/// On disk: append-only, 0 is reserved.
enum class Tag : uint32_t {
  kFirstSegment = 1,
  kLastSequence = 2,
  kTable = 3,
};

bool IsStoredKey(std::string_view bytes) {
  InternalKey key;
  return GetStoredKey(bytes, &key);
}

bool IsFileNumber(uint64_t number) {
  // One behind it must have a name too.
  return number > 0 && number < kFileNumberMax;
}

void PutTable(const TableMetadata& table, std::string* output) {
  PutVarint64(output, table.number);
  PutFixed64(output, table.id);
  PutVarint64(output, table.bytes);
  PutVarint64(output, table.entries);
  PutLengthPrefixed(output, table.smallest);
  PutLengthPrefixed(output, table.largest);
}

Result<TableMetadata> GetTable(std::string_view* input) {
  TableMetadata table;
  std::string_view smallest;
  std::string_view largest;
  if (!GetVarint64(input, &table.number) || !GetFixed64(input, &table.id) ||
      !GetVarint64(input, &table.bytes) ||
      !GetVarint64(input, &table.entries) ||
      !GetLengthPrefixed(input, &smallest) ||
      !GetLengthPrefixed(input, &largest)) {
    return Status::Corruption("a table of the edit is cut off");
  }
  if (!IsFileNumber(table.number)) {
    return Status::Corruption("a table of the edit has no number for a name");
  }
  if (table.entries == 0 || !IsStoredKey(smallest) || !IsStoredKey(largest) ||
      largest < smallest) {
    return Status::Corruption(
        "table " + std::to_string(table.number) +
        " of the edit has no entries, or keys that cannot be");
  }
  table.smallest = smallest;
  table.largest = largest;
  return table;
}

Status GetNumber(std::string_view* input, std::optional<uint64_t>* field) {
  uint64_t number = 0;
  if (field->has_value() || !GetVarint64(input, &number)) {
    return Status::Corruption("a field of the edit is cut off or there twice");
  }
  *field = number;
  return Status::Ok();
}

Status GetField(uint32_t tag, std::string_view* input, VersionEdit* edit) {
  switch (static_cast<Tag>(tag)) {
    case Tag::kFirstSegment:
      KV_RETURN_IF_ERROR(GetNumber(input, &edit->first_segment));
      return IsFileNumber(*edit->first_segment)
          ? Status::Ok()
          : Status::Corruption("the edit's first segment can have no name");
    case Tag::kLastSequence:
      KV_RETURN_IF_ERROR(GetNumber(input, &edit->last_sequence));
      return *edit->last_sequence <= kSequenceMax
          ? Status::Ok()
          : Status::Corruption("the sequence number is above the largest");
    case Tag::kTable: {
      KV_ASSIGN_OR_RETURN(TableMetadata table, GetTable(input));
      edit->added.push_back(std::move(table));
      return Status::Ok();
    }
  }
  return Status::Corruption(
      "the edit has a field of tag " + std::to_string(tag) + ", which is none");
}

}  // namespace

void VersionEdit::EncodeTo(std::string* output) const {
  const auto put_tag = [output](Tag tag) {
    PutVarint32(output, static_cast<uint32_t>(tag));
  };
  if (first_segment.has_value()) {
    put_tag(Tag::kFirstSegment);
    PutVarint64(output, *first_segment);
  }
  if (last_sequence.has_value()) {
    put_tag(Tag::kLastSequence);
    PutVarint64(output, *last_sequence);
  }
  for (const TableMetadata& table : added) {
    put_tag(Tag::kTable);
    PutTable(table, output);
  }
}

Result<VersionEdit> VersionEdit::Decode(std::string_view payload) {
  VersionEdit edit;
  while (!payload.empty()) {
    uint32_t tag = 0;
    if (!GetVarint32(&payload, &tag)) {
      return Status::Corruption("a tag of the edit is cut off");
    }
    KV_RETURN_IF_ERROR(GetField(tag, &payload, &edit));
  }
  return edit;
}

Status VersionEdit::Add(const VersionEdit& next) {
  if (next.first_segment.has_value() && next.first_segment < first_segment) {
    return Status::Corruption(
        "the first segment goes back from " + std::to_string(*first_segment) +
        " to " + std::to_string(*next.first_segment));
  }
  if (next.last_sequence.has_value() && next.last_sequence < last_sequence) {
    return Status::Corruption(
        "the last sequence number goes back from " +
        std::to_string(*last_sequence) + " to " +
        std::to_string(*next.last_sequence));
  }
  uint64_t before = added.empty() ? 0 : added.back().number;
  for (const TableMetadata& table : next.added) {
    if (table.number <= before) {
      return Status::Corruption(
          "table " + std::to_string(table.number) + " comes behind table " +
          std::to_string(before));
    }
    before = table.number;
  }
  if (next.first_segment.has_value()) {
    first_segment = next.first_segment;
  }
  if (next.last_sequence.has_value()) {
    last_sequence = next.last_sequence;
  }
  added.insert(added.end(), next.added.begin(), next.added.end());
  return Status::Ok();
}

}  // namespace kv
