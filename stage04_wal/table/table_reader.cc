#include "table/table_reader.h"

#include <algorithm>
#include <optional>
#include <span>

#include "common/base/check.h"
#include "common/base/checksum.h"
#include "kv/coding.h"

namespace kv {

Result<std::unique_ptr<TableReader>> TableReader::Open(
    FileSystem* fs, const std::string& path, uint64_t read_buffer_bytes) {
  std::unique_ptr<TableReader> table(new TableReader(path, read_buffer_bytes));
  KV_ASSIGN_OR_RETURN(table->file_, fs->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(table->file_bytes_, table->file_->Size());
  KV_RETURN_IF_ERROR(table->ReadHeader());
  KV_RETURN_IF_ERROR(table->CheckLength());
  KV_RETURN_IF_ERROR(table->ReadIndex());
  return table;
}

Result<std::unique_ptr<TableReader>> TableReader::OpenWithoutIndex(
    FileSystem* fs, const std::string& path, uint64_t read_buffer_bytes) {
  std::unique_ptr<TableReader> table(new TableReader(path, read_buffer_bytes));
  KV_ASSIGN_OR_RETURN(table->file_, fs->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(table->file_bytes_, table->file_->Size());
  KV_RETURN_IF_ERROR(table->ReadHeader());
  KV_RETURN_IF_ERROR(table->FindEntries());
  return table;
}

Status TableReader::ReadHeader() {
  if (file_bytes_ < kTableHeaderBytes) {
    return Damaged(0, "the file is shorter than a table's header");
  }
  KV_ASSIGN_OR_RETURN(const std::string_view bytes, Read(0, kTableHeaderBytes));
  Result<TableHeader> header = DecodeTableHeader(bytes);
  if (!header.ok()) {
    return header.status().code() == StatusCode::kNotSupported
        ? Status::NotSupported(
              path_ + ": " + std::string(header.status().message()))
        : Damaged(0, header.status().message());
  }
  header_ = *header;
  return Status::Ok();
}

// The header's numbers are checked against the file before anything is
// allocated for them.
Status TableReader::CheckLength() const {
  const uint64_t index_bytes =
      file_bytes_ - std::min(header_.index_offset, file_bytes_);
  if (header_.index_offset < kTableHeaderBytes ||
      header_.index_offset > file_bytes_ ||
      index_bytes / kIndexEntryBytes != header_.entries ||
      index_bytes % kIndexEntryBytes != 0) {
    return Damaged(
        file_bytes_, "the file ends here, which is not what its header says");
  }
  return Status::Ok();
}

Status TableReader::ReadIndex() {
  index_.resize(static_cast<size_t>(header_.entries) * kIndexEntryBytes);
  KV_ASSIGN_OR_RETURN(
      const std::string_view bytes,
      file_->ReadAt(
          header_.index_offset, std::span(index_.data(), index_.size())));
  if (bytes.size() < index_.size()) {
    return Status::IoError(
        path_ + ": a read gave fewer bytes than the file has; try again");
  }
  if (bytes.data() != index_.data()) {
    index_.assign(bytes);
  }
  if (Checksum32(index_, header_.id + header_.index_offset) !=
      header_.index_checksum) {
    return Damaged(
        header_.index_offset, "the index does not match its checksum");
  }
  uint64_t before = 0;
  for (uint64_t entry = 0; entry <= header_.entries; ++entry) {
    const uint64_t offset = EntryOffset(entry);
    if (entry == 0 ? offset != kTableHeaderBytes : offset <= before) {
      return Damaged(
          header_.index_offset, "the index says where no entry can be");
    }
    before = offset;
  }
  return Status::Ok();
}

// Makes an index of the entries up to the first one that is damaged: where the
// one behind it begins, only the true index would say.
Status TableReader::FindEntries() {
  const uint64_t end = std::min(header_.index_offset, file_bytes_);
  uint64_t offset = kTableHeaderBytes;
  header_.entries = 0;
  while (offset < end) {
    KV_ASSIGN_OR_RETURN(
        const std::string_view head,
        Read(
            offset, std::min<uint64_t>(kTableEntryHeadBytesMax, end - offset)));
    const std::optional<uint64_t> bytes = TableEntryLength(head);
    if (!bytes.has_value() || *bytes > end - offset) {
      break;
    }
    KV_ASSIGN_OR_RETURN(const std::string_view content, Read(offset, *bytes));
    if (!DecodeTableEntry(header_.id, offset, content).ok()) {
      break;
    }
    PutFixed64(&index_, offset);
    ++header_.entries;
    offset += *bytes;
  }
  header_.index_offset = offset;
  return Status::Ok();
}

// Of the entry behind the last: where the index begins.
uint64_t TableReader::EntryOffset(uint64_t entry) const {
  if (entry == header_.entries) {
    return header_.index_offset;
  }
  std::string_view input = std::string_view(index_).substr(
      static_cast<size_t>(entry) * kIndexEntryBytes);
  uint64_t offset = 0;
  const bool whole = GetFixed64(&input, &offset);
  KV_CHECK(whole, "the index has 8 bytes for each entry");
  return offset;
}

Result<bool> TableReader::Next(TableEntry* entry) {
  if (next_ == header_.entries) {
    return false;
  }
  const uint64_t offset = EntryOffset(next_);
  const uint64_t bytes = EntryOffset(next_ + 1) - offset;
  ++next_;
  KV_ASSIGN_OR_RETURN(const std::string_view content, Read(offset, bytes));
  Result<TableEntry> decoded = DecodeTableEntry(header_.id, offset, content);
  if (!decoded.ok()) {
    return Damaged(offset, decoded.status().message());
  }
  if (next_ > 1 && decoded->key <= last_key_) {
    return Damaged(offset, "the entry's key is not behind the one before");
  }
  last_key_.assign(decoded->key);
  *entry = *decoded;
  return true;
}

// A view into the window, which is moved if the bytes are not in it.
Result<std::string_view> TableReader::Read(uint64_t offset, uint64_t bytes) {
  if (offset < window_offset_ ||
      offset + bytes > window_offset_ + window_.size()) {
    const size_t wanted = static_cast<size_t>(
        std::min(std::max(bytes, read_buffer_bytes_), file_bytes_ - offset));
    if (buffer_.size() < wanted) {
      buffer_.resize(wanted);
    }
    window_ = {};
    KV_ASSIGN_OR_RETURN(
        window_, file_->ReadAt(offset, std::span(buffer_.data(), wanted)));
    window_offset_ = offset;
    if (window_.size() < bytes) {
      return Status::IoError(
          path_ + ": a read gave fewer bytes than the file has; try again");
    }
  }
  return window_.substr(
      static_cast<size_t>(offset - window_offset_), static_cast<size_t>(bytes));
}

Status TableReader::Damaged(uint64_t offset, std::string_view what) const {
  return Status::Corruption(
      path_ + " at offset " + std::to_string(offset) + ": " +
      std::string(what));
}

}  // namespace kv
