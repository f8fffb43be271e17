#include "table/table_builder.h"

#include "common/base/check.h"
#include "common/base/checksum.h"
#include "kv/coding.h"

namespace kv {

TableBuilder::TableBuilder(
    AppendFile* file, const TableHeader& header, uint64_t write_buffer_bytes)
    : file_(file), header_(header), write_buffer_bytes_(write_buffer_bytes) {
  header_.entries = 0;
  header_.index_offset = kTableHeaderBytes;
}

void TableBuilder::Measure(const TableEntry& entry) {
  KV_CHECK(offset_ == 0, "all entries are measured before one is added");
  PutFixed64(&index_, header_.index_offset);
  header_.index_offset += TableEntryBytes(entry);
  ++header_.entries;
}

Status TableBuilder::Add(const TableEntry& entry) {
  if (offset_ == 0) {
    WriteHeader();
  }
  KV_CHECK(
      added_ == 0 || last_key_ < entry.key, "keys are added in their order");
  last_key_.assign(entry.key);
  const size_t before = buffer_.size();
  EncodeTableEntry(header_.id, offset_, entry, &buffer_);
  offset_ += buffer_.size() - before;
  ++added_;
  return WriteBuffer(write_buffer_bytes_);
}

Status TableBuilder::Finish() {
  if (offset_ == 0) {
    WriteHeader();
  }
  KV_CHECK(
      added_ == header_.entries && offset_ == header_.index_offset,
      "the entries that were measured are those that were added");
  buffer_.append(index_);
  return WriteBuffer(0);
}

void TableBuilder::WriteHeader() {
  header_.index_checksum =
      Checksum32(index_, header_.id + header_.index_offset);
  EncodeTableHeader(header_, &buffer_);
  offset_ = buffer_.size();
}

// Writes what was collected, if that is at least `bytes_min`.
Status TableBuilder::WriteBuffer(uint64_t bytes_min) {
  if (buffer_.size() < bytes_min) {
    return Status::Ok();
  }
  const Status appended = file_->Append(buffer_);
  buffer_.clear();
  return appended;
}

}  // namespace kv
