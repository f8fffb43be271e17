#include "app/kv_inspect/table_inspector.h"

#include <algorithm>
#include <iostream>

#include "app/kv_inspect/field_cutter.h"
#include "app/kv_inspect/stored_key_fields.h"
#include "common/base/checksum.h"
#include "common/shell/annotate.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/internal_key.h"
#include "kv/kept_files.h"
#include "kv/record_kind.h"

namespace kv {

using shell::LittleEndian;
using shell::QuotedSample;

Result<bool> TableInspector::Run(std::optional<uint64_t> from) {
  KV_RETURN_IF_ERROR(PrintHeader(!from.has_value()));
  KV_RETURN_IF_ERROR(ReadIndex());
  KV_RETURN_IF_ERROR(CheckBegin(from));
  uint64_t printed = 0;
  for (size_t entry = 0; entry + 1 < offsets_.size(); ++entry) {
    if (offsets_[entry] < from.value_or(0)) continue;
    KV_RETURN_IF_ERROR(PrintEntry(entry, offsets_[entry], offsets_[entry + 1]));
    ++printed;
  }
  PrintIndex();
  std::cout << printed << " entries, " << file_.bytes << " bytes"
            << (whole_ ? "" : "; DAMAGED") << "\n";
  return whole_;
}

Status TableInspector::PrintHeader(bool print) {
  std::string scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes, file_.Read(0, kTableHeaderBytes, &scratch));
  const Result<TableHeader> header = DecodeTableHeader(bytes);
  if (print) {
    FieldCutter cutter(bytes);
    cutter.Add(4, "magic");
    cutter.AddNumber(4, "version");
    cutter.AddNumber(8, "entries");
    cutter.AddNumber(8, "index offset");
    cutter.AddNumber(8, "table number");
    cutter.Add(8, "table id");
    cutter.AddNumber(8, "last sequence");
    cutter.Add(4, "index checksum");
    cutter.Add(4, header.ok() ? "header checksum: right" : "header checksum");
    std::cout << "table header\n";
    cutter.Print(0);
  }
  KV_RETURN_IF_ERROR(header.status());
  header_ = *header;
  if (TableNumber(NameBeforeKept(BaseName(file_.name)))
          .value_or(header_.number) != header_.number) {
    whole_ = false;
    std::cout << "NOT THE TABLE that the file's name says\n";
  }
  return Status::Ok();
}

Status TableInspector::ReadIndex() {
  if (header_.index_offset < kTableHeaderBytes ||
      header_.index_offset > file_.bytes ||
      (file_.bytes - header_.index_offset) / kIndexEntryBytes !=
          header_.entries ||
      (file_.bytes - header_.index_offset) % kIndexEntryBytes != 0) {
    return Status::Corruption(
        "the file has " + std::to_string(file_.bytes) +
        " bytes, and its header says " + std::to_string(header_.entries) +
        " entries and an index at offset " +
        std::to_string(header_.index_offset));
  }
  KV_ASSIGN_OR_RETURN(
      const std::string_view index,
      file_.Read(
          header_.index_offset, file_.bytes - header_.index_offset, &index_));
  if (index.data() != index_.data()) index_.assign(index);
  index_is_right_ = Checksum32(index_, header_.id + header_.index_offset) ==
      header_.index_checksum;
  uint64_t before = 0;
  for (size_t at = 0; at < index_.size(); at += kIndexEntryBytes) {
    const uint64_t offset =
        LittleEndian(std::string_view(index_).substr(at, kIndexEntryBytes));
    // A damaged index may say anything.
    if (offset < kTableHeaderBytes || offset <= before ||
        offset >= header_.index_offset) {
      whole_ = false;
      continue;
    }
    offsets_.push_back(offset);
    before = offset;
  }
  offsets_.push_back(header_.index_offset);
  return Status::Ok();
}

Status TableInspector::CheckBegin(std::optional<uint64_t> from) const {
  if (!from.has_value()) return Status::Ok();
  const auto next = std::lower_bound(offsets_.begin(), offsets_.end(), *from);
  if (next != offsets_.end() && *next == *from) return Status::Ok();
  return Status::InvalidArgument(
      "no entry begins at offset " + std::to_string(*from) +
      (next == offsets_.end()
           ? ""
           : "; the next one does at " + std::to_string(*next)));
}

Status TableInspector::PrintEntry(
    size_t number, uint64_t offset, uint64_t end) {
  std::string scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes, file_.Read(offset, end - offset, &scratch));
  std::cout << "entry " << number + 1 << " at offset " << offset << "\n";
  const Result<TableEntry> entry = DecodeTableEntry(header_.id, offset, bytes);
  FieldCutter cutter(bytes);
  if (!entry.ok()) {
    whole_ = false;
    cutter.Add(
        bytes.size(), "NO ENTRY: " + std::string(entry.status().message()));
    cutter.Print(offset);
    return Status::Ok();
  }
  std::string sequence;
  PutVarint64(&sequence, entry->sequence);
  cutter.Add(4, "key checksum: right");
  cutter.Add(4, "value checksum: right");
  cutter.Add(1, entry->kind == RecordKind::kPut ? "put" : "delete");
  cutter.Add(sequence.size(), "sequence " + std::to_string(entry->sequence));
  cutter.Add(
      cutter.rest_size() - entry->key.size() - entry->value.size(),
      "key of " + std::to_string(entry->key.size()) + " bytes, value of " +
          std::to_string(entry->value.size()));
  AddStoredKey(entry->key, "key", &cutter);
  InternalKey key;
  whole_ = whole_ && GetStoredKey(entry->key, &key);
  cutter.Add(entry->value.size(), "value " + QuotedSample(entry->value));
  cutter.Print(offset);
  return Status::Ok();
}

void TableInspector::PrintIndex() {
  std::cout << "index at offset " << header_.index_offset << ": its checksum "
            << (index_is_right_ ? "is right\n" : "is WRONG\n");
  whole_ = whole_ && index_is_right_;
  FieldCutter cutter(index_);
  for (uint64_t entry = 1; entry <= header_.entries; ++entry) {
    cutter.AddNumber(
        kIndexEntryBytes, "entry " + std::to_string(entry) + " begins at");
  }
  cutter.Print(header_.index_offset);
}

}  // namespace kv
