// kv_inspect: the files of a database as annotated bytes.
//
// It reads and never writes, also a database that is open elsewhere, and goes
// on behind damage. Exit codes: 0 all bytes are as they were written, 1 some
// are not, 2 wrong usage, 3 the file cannot be read.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/checksum.h"
#include "common/fs/file_system.h"
#include "common/shell/annotate.h"
#include "common/shell/escape.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/internal_key.h"
#include "kv/record_kind.h"
#include "kv/write_batch.h"
#include "log/log_format.h"
#include "log/log_reader.h"
#include "log/wal.h"
#include "table/table_format.h"
#include "version/current_file.h"
#include "version/version_edit.h"

namespace kv {
namespace {

using shell::ByteField;
using shell::EscapeBytes;
using shell::LittleEndian;
using shell::PrintFields;
using shell::QuotedSample;

constexpr uint64_t kFieldBytesMax = 32;

constexpr int kExitDamaged = 1;
constexpr int kExitUsage = 2;
constexpr int kExitCannotRead = 3;

constexpr std::string_view kUsage =
    "kv_inspect: the files of a database as annotated bytes.\n\n"
    "Usage:\n"
    "  kv_inspect DIR           every file of the database\n"
    "  kv_inspect FILE          one of them\n"
    "  kv_inspect FILE OFFSET   the frame or the entry that begins there, and\n"
    "                           the rest\n\n"
    "A line is the offset in the file, the bytes, and what they mean; a field\n"
    "of more than 32 bytes is cut. Docs: docs/format/log.md, manifest.md,\n"
    "table.md.\n\n"
    "Exit codes: 0 all bytes are as they were written; 1 some are not;\n"
    "2 wrong usage; 3 the file cannot be read.\n";

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

// Cuts fields off the front of bytes.
class FieldCutter {
 public:
  explicit FieldCutter(std::string_view bytes) : rest_(bytes) {}

  void Add(size_t size, std::string meaning) {
    const size_t taken = std::min(size, rest_.size());
    fields_.push_back({rest_.substr(0, taken), std::move(meaning)});
    rest_.remove_prefix(taken);
  }

  // A field that is a number, printed behind its name.
  void AddNumber(size_t size, std::string_view name) {
    const uint64_t number = LittleEndian(rest_.substr(0, size));
    Add(size, std::string(name) + " " + std::to_string(number));
  }

  size_t rest_size() const { return rest_.size(); }
  const std::vector<ByteField>& fields() const { return fields_; }

 private:
  std::string_view rest_;
  std::vector<ByteField> fields_;
};

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

std::string_view SpaceName(KeySpace space) {
  switch (space) {
    case KeySpace::kUser:
      return "user";
    case KeySpace::kDocument:
      return "document";
    case KeySpace::kIndex:
      return "index";
    case KeySpace::kCluster:
      return "cluster";
  }
  return "unknown";
}

// The bytes of a stored key: whose it is, and the key as its owner knows it.
void AddStoredKey(
    std::string_view stored, std::string_view name, FieldCutter* cutter) {
  InternalKey key;
  if (!GetStoredKey(stored, &key)) {
    cutter->Add(stored.size(), "NO KEY");
    return;
  }
  cutter->Add(1, "key space: " + std::string(SpaceName(key.space)));
  cutter->Add(
      key.user_key.size(),
      std::string(name) + " " + QuotedSample(key.user_key));
}

// Cuts the fields of an edit that was decoded before, so that all are whole.
class EditCutter {
 public:
  explicit EditCutter(std::string_view payload)
      : rest_(payload), cutter_(payload) {}

  const std::vector<ByteField>& Fields(const VersionEdit& edit) {
    size_t tables = 0;
    while (!rest_.empty()) {
      switch (rest_.front()) {
        case 1:
          Add(1, "tag: the first segment of the log that is needed");
          AddVarint("segment");
          break;
        case 2:
          Add(1, "tag: the last sequence number in the tables");
          AddVarint("sequence");
          break;
        default:
          AddTable(edit.added[tables++]);
          break;
      }
    }
    return cutter_.fields();
  }

 private:
  void Add(size_t bytes, std::string meaning) {
    cutter_.Add(bytes, std::move(meaning));
    rest_.remove_prefix(bytes);
  }

  void AddVarint(std::string_view name) {
    std::string_view input = rest_;
    uint64_t value = 0;
    static_cast<void>(GetVarint64(&input, &value));
    Add(rest_.size() - input.size(),
        std::string(name) + " " + std::to_string(value));
  }

  void AddTable(const TableMetadata& table) {
    Add(1, "tag: a new table");
    AddVarint("table number");
    Add(8, "table id");
    AddVarint("file of bytes:");
    AddVarint("entries");
    for (const auto& [name, stored] :
         {std::pair("smallest key", std::string_view(table.smallest)),
          std::pair("largest key", std::string_view(table.largest))}) {
      AddVarint("stored key of bytes:");
      AddStoredKey(stored, name, &cutter_);
      rest_.remove_prefix(stored.size());
    }
  }

  std::string_view rest_;
  FieldCutter cutter_;
};

// Of a segment or a manifest, as the file's name says.
class LogInspector {
 public:
  LogInspector(const std::string& name, const RandomFile* file, uint64_t bytes)
      : name_(name),
        is_manifest_(ManifestNumber(BaseName(name)).has_value()),
        file_(file),
        bytes_(bytes) {}

  // Prints everything from `from` on, or from the beginning. True: all of it
  // is as it was written.
  Result<bool> Run(std::optional<uint64_t> from) {
    KV_RETURN_IF_ERROR(PrintHeader(!from.has_value()));
    uint64_t offset = from.value_or(kLogHeaderBytes);
    while (offset < bytes_) {
      KV_ASSIGN_OR_RETURN(offset, PrintFrame(offset));
    }
    std::cout << frames_ << " frames, "
              << (is_manifest_ ? tables_ : operations_)
              << (is_manifest_ ? " tables, " : " operations, ") << bytes_
              << " bytes" << (closed_ ? "; closed cleanly" : "; not closed")
              << (whole_ ? "" : "; DAMAGED, or cut by a crash") << "\n";
    return whole_;
  }

 private:
  Result<std::string_view> Read(
      uint64_t offset, uint64_t size, std::string* scratch) {
    // No more than there is: a length may be any number.
    size = std::min(size, bytes_ - offset);
    scratch->resize(static_cast<size_t>(size));
    return file_->ReadAt(
        offset, std::span<char>(scratch->data(), scratch->size()));
  }

  Status PrintHeader(bool print) {
    std::string scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(0, kLogHeaderBytes, &scratch));
    const Result<LogIdentity> log = DecodeLogHeader(bytes);
    if (print) {
      FieldCutter cutter(bytes);
      cutter.Add(8, "magic " + QuotedSample(bytes.substr(0, 8)));
      cutter.AddNumber(4, "version");
      cutter.Add(4, log.ok() ? "checksum: right" : "checksum");
      cutter.AddNumber(8, "log number");
      cutter.Add(8, "log id");
      std::cout << "log header\n";
      PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
    }
    KV_RETURN_IF_ERROR(log.status());
    log_ = *log;
    const std::string name = BaseName(name_);
    const auto number =
        is_manifest_ ? ManifestNumber(name) : WalSegmentNumber(name);
    if (number.value_or(log_.number) != log_.number) {
      whole_ = false;
      std::cout << "NOT THE " << (is_manifest_ ? "MANIFEST" : "SEGMENT")
                << " that the file's name says\n";
    }
    return Status::Ok();
  }

  // Prints the frame at `offset`, or what stands in its place, and returns
  // where to go on.
  Result<uint64_t> PrintFrame(uint64_t offset) {
    std::string header_scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view header_bytes,
        Read(offset, kFrameHeaderBytes, &header_scratch));
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
        Read(offset + kFrameHeaderBytes, header->payload_bytes, &scratch));
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
    PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
    ++frames_;
    closed_ = header->type == FrameType::kClose;
    if (!intact) {
      PrintRaw(offset + kFrameHeaderBytes, payload);
    } else if (
        is_manifest_ != (header->type == FrameType::kVersionEdit) &&
        header->type != FrameType::kClose) {
      whole_ = false;
      std::cout << "NO FRAME OF THIS TYPE belongs in this file\n";
    } else if (header->type == FrameType::kBatch) {
      PrintBatch(offset + kFrameHeaderBytes, payload);
    } else if (header->type == FrameType::kVersionEdit) {
      PrintEdit(offset + kFrameHeaderBytes, payload);
    }
    return offset + kFrameHeaderBytes + payload.size();
  }

  void PrintBatch(uint64_t offset, std::string_view payload) {
    const Result<SequencedBatch> batch = DecodeSequencedBatch(payload);
    if (!batch.ok()) {
      PrintRaw(offset, payload);
      return;
    }
    FieldCutter cutter(payload);
    cutter.AddNumber(8, "sequence");
    cutter.AddNumber(8, "microseconds since 1970:");
    cutter.AddNumber(4, "operations");
    const uint64_t operations_before = operations_;
    const char* const begin = payload.data();
    size_t at = kBatchHeaderBytes;  // where the operation begins
    BatchReader reader(payload, at);
    WriteBatch::Operation operation;
    while (at < payload.size()) {
      const Result<bool> found = reader.Next(&operation);
      if (!found.ok() || !*found) {
        whole_ = false;
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
    PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
    if (operations_ - operations_before != batch->count) {
      whole_ = false;
      std::cout << "NOT AS MANY OPERATIONS as the frame says\n";
    }
  }

  void PrintEdit(uint64_t offset, std::string_view payload) {
    const Result<VersionEdit> edit = VersionEdit::Decode(payload);
    if (!edit.ok()) {
      PrintRaw(offset, payload);
      return;
    }
    tables_ += edit->added.size();
    PrintFields(
        offset, EditCutter(payload).Fields(*edit), kFieldBytesMax, std::cout);
    const Status fits = all_.Add(*edit);
    if (!fits.ok()) {
      whole_ = false;
      std::cout << "IT DOES NOT FIT: " << fits.message() << "\n";
    }
  }

  void PrintRaw(uint64_t offset, std::string_view bytes) {
    whole_ = false;
    PrintFields(
        offset, {{bytes, "bytes that are no payload"}}, kFieldBytesMax,
        std::cout);
  }

  // Prints bytes that are no frame, up to the next one.
  Result<uint64_t> PrintGap(uint64_t offset) {
    whole_ = false;
    closed_ = false;
    std::string scratch;
    LogReader reader(file_, name_, log_, bytes_, &scratch);
    KV_ASSIGN_OR_RETURN(
        const std::optional<uint64_t> next, reader.FindFrameHeader(offset + 1));
    const uint64_t end = next.value_or(bytes_);
    std::cout << "NO FRAME at offset " << offset << ": " << end - offset
              << " bytes, up to "
              << (next.has_value() ? "the next frame\n" : "the file's end\n");
    std::string bytes_scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes,
        Read(offset, std::min(end - offset, kFieldBytesMax), &bytes_scratch));
    PrintFields(
        offset, {{bytes, "bytes of unknown meaning"}}, kFieldBytesMax,
        std::cout);
    if (end - offset > bytes.size()) {
      std::cout << "          ... " << end - offset - bytes.size()
                << " bytes more\n";
    }
    return end;
  }

  const std::string& name_;
  const bool is_manifest_;
  const RandomFile* const file_;
  const uint64_t bytes_;
  LogIdentity log_;
  uint64_t frames_ = 0;
  uint64_t operations_ = 0;
  uint64_t tables_ = 0;
  VersionEdit all_;  // the edits so far, as one
  bool closed_ = false;
  bool whole_ = true;
};

class TableInspector {
 public:
  TableInspector(
      const std::string& name, const RandomFile* file, uint64_t bytes)
      : name_(name), file_(file), bytes_(bytes) {}

  // Prints everything from the entry at `from` on, or from the beginning.
  // True: all of it is as it was written.
  Result<bool> Run(std::optional<uint64_t> from) {
    KV_RETURN_IF_ERROR(PrintHeader(!from.has_value()));
    KV_RETURN_IF_ERROR(ReadIndex());
    uint64_t printed = 0;
    for (size_t entry = 0; entry + 1 < offsets_.size(); ++entry) {
      if (offsets_[entry] < from.value_or(0)) continue;
      KV_RETURN_IF_ERROR(
          PrintEntry(entry, offsets_[entry], offsets_[entry + 1]));
      ++printed;
    }
    PrintIndex();
    std::cout << printed << " entries, " << bytes_ << " bytes"
              << (whole_ ? "" : "; DAMAGED") << "\n";
    return whole_;
  }

 private:
  Result<std::string_view> Read(
      uint64_t offset, uint64_t size, std::string* scratch) {
    // No more than there is: a length may be any number.
    size = std::min(size, bytes_ - std::min(offset, bytes_));
    scratch->resize(static_cast<size_t>(size));
    return file_->ReadAt(
        offset, std::span<char>(scratch->data(), scratch->size()));
  }

  Status PrintHeader(bool print) {
    std::string scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(0, kTableHeaderBytes, &scratch));
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
      PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
    }
    KV_RETURN_IF_ERROR(header.status());
    header_ = *header;
    if (TableNumber(BaseName(name_)).value_or(header_.number) !=
        header_.number) {
      whole_ = false;
      std::cout << "NOT THE TABLE that the file's name says\n";
    }
    return Status::Ok();
  }

  // Where each entry begins, and where the last one ends.
  Status ReadIndex() {
    if (header_.index_offset < kTableHeaderBytes ||
        header_.index_offset > bytes_ ||
        (bytes_ - header_.index_offset) / kIndexEntryBytes != header_.entries ||
        (bytes_ - header_.index_offset) % kIndexEntryBytes != 0) {
      return Status::Corruption(
          "the file has " + std::to_string(bytes_) +
          " bytes, which is not what its header says");
    }
    KV_ASSIGN_OR_RETURN(
        const std::string_view index,
        Read(header_.index_offset, bytes_ - header_.index_offset, &index_));
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

  Status PrintEntry(size_t number, uint64_t offset, uint64_t end) {
    std::string scratch;
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(offset, end - offset, &scratch));
    std::cout << "entry " << number + 1 << " at offset " << offset << "\n";
    const Result<TableEntry> entry =
        DecodeTableEntry(header_.id, offset, bytes);
    FieldCutter cutter(bytes);
    if (!entry.ok()) {
      whole_ = false;
      cutter.Add(bytes.size(), "NO ENTRY");
      PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
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
    PrintFields(offset, cutter.fields(), kFieldBytesMax, std::cout);
    return Status::Ok();
  }

  void PrintIndex() {
    std::cout << "index at offset " << header_.index_offset << ": its checksum "
              << (index_is_right_ ? "is right\n" : "is WRONG\n");
    whole_ = whole_ && index_is_right_;
    FieldCutter cutter(index_);
    for (uint64_t entry = 1; entry <= header_.entries; ++entry) {
      cutter.AddNumber(
          kIndexEntryBytes, "entry " + std::to_string(entry) + " begins at");
    }
    PrintFields(
        header_.index_offset, cutter.fields(), kFieldBytesMax, std::cout);
  }

  const std::string& name_;
  const RandomFile* const file_;
  const uint64_t bytes_;
  TableHeader header_;
  std::string index_;
  bool index_is_right_ = false;
  std::vector<uint64_t> offsets_;
  bool whole_ = true;
};

// Prints CURRENT. True: it names a manifest.
Result<bool> InspectCurrent(const RandomFile& file, uint64_t bytes) {
  std::string scratch(
      static_cast<size_t>(std::min(bytes, kCurrentBytesMax)), '\0');
  KV_ASSIGN_OR_RETURN(
      const std::string_view content,
      file.ReadAt(0, std::span<char>(scratch.data(), scratch.size())));
  const Result<uint64_t> number = DecodeCurrent(content);
  FieldCutter cutter(content);
  if (!number.ok() || bytes > content.size()) {
    cutter.Add(content.size(), "NOT WHAT WAS WRITTEN");
    PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
    std::cout << (number.ok() ? "there are more bytes behind it"
                              : number.status().message())
              << "\n";
    return false;
  }
  const size_t line = content.find('\n');
  cutter.Add(
      line, "the manifest that counts: number " + std::to_string(*number));
  cutter.Add(1, "line feed");
  cutter.Add(content.size() - line - 2, "checksum of the line: right");
  cutter.Add(1, "line feed");
  PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
  return true;
}

// The files in the order in which they are read; what is being created last.
Result<std::vector<std::string>> FilesToInspect(const std::string& path) {
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> names, FileSystem::Posix()->List(path));
  std::vector<std::string> files;
  std::vector<std::string> unfinished;
  std::vector<uint64_t> manifests;
  std::vector<uint64_t> tables;
  std::vector<uint64_t> segments;
  bool is_locked = false;
  for (const std::string& name : names) {
    if (name == BaseName(CurrentName(""))) {
      files.push_back(JoinPath(path, name));
    } else if (const auto manifest = ManifestNumber(name)) {
      manifests.push_back(*manifest);
    } else if (const auto table = TableNumber(name)) {
      tables.push_back(*table);
    } else if (name == BaseName(LockName(""))) {
      is_locked = true;
    } else if (const auto number = WalSegmentNumber(name)) {
      segments.push_back(*number);
    } else if (IsUnfinishedFile(name)) {
      unfinished.push_back(JoinPath(path, name));
    }
  }
  const auto add = [&](std::vector<uint64_t> numbers, const auto& name_of) {
    std::sort(numbers.begin(), numbers.end());
    for (const uint64_t number : numbers) {
      files.push_back(name_of(path, number));
    }
  };
  add(manifests, ManifestName);
  add(tables, TableName);
  add(segments, WalSegmentName);
  files.insert(files.end(), unfinished.begin(), unfinished.end());
  if (is_locked) files.push_back(LockName(path));
  return files;
}

Result<bool> InspectFile(
    const std::string& path, std::optional<uint64_t> from) {
  KV_ASSIGN_OR_RETURN(
      const auto file, FileSystem::Posix()->OpenForRandomRead(path));
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, file->Size());
  std::cout << EscapeBytes(path) << ": " << bytes << " bytes\n";
  if (BaseName(path) == BaseName(LockName(""))) {
    std::cout << "locked by the process that has the database open; what it "
                 "holds means nothing\n";
    return true;
  }
  const std::string base = BaseName(path);
  if (base == BaseName(CurrentName("")) ||
      base == BaseName(UnfinishedName(CurrentName("")))) {
    if (from.has_value()) {
      return Status::InvalidArgument("it has no frames or entries");
    }
    return InspectCurrent(*file, bytes);
  }
  const bool is_table = TableNumber(base).has_value();
  const uint64_t first = is_table ? kTableHeaderBytes : kLogHeaderBytes;
  if (from.has_value() && (*from < first || *from >= bytes)) {
    return Status::InvalidArgument(
        "offset " + std::to_string(*from) + " is not within the " +
        (is_table ? "entries, " : "frames, ") + std::to_string(first) + " to " +
        std::to_string(bytes));
  }
  const std::string name = EscapeBytes(path);
  if (is_table) return TableInspector(name, file.get(), bytes).Run(from);
  return LogInspector(name, file.get(), bytes).Run(from);
}

Result<bool> Inspect(const std::string& path, std::optional<uint64_t> from) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return InspectFile(path, from);
  }
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> files, FilesToInspect(path));
  if (files.empty()) {
    return Status::InvalidArgument(
        "'" + EscapeBytes(path) + "' holds no file of a database");
  }
  bool whole = true;
  for (size_t i = 0; i < files.size(); ++i) {
    if (i > 0) std::cout << "\n";
    const Result<bool> file_whole = InspectFile(files[i], from);
    if (file_whole.status().code() == StatusCode::kCorruption) {
      // The other files are worth seeing all the more.
      std::cout << "DAMAGED: " << file_whole.status().message() << "\n";
      whole = false;
      continue;
    }
    KV_RETURN_IF_ERROR(file_whole.status());
    whole = whole && *file_whole;
  }
  return whole;
}

int Main(const std::vector<std::string>& words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    std::cout << kUsage;
    return 0;
  }
  std::optional<uint64_t> from;
  if (words.size() == 2 && !words[1].empty() && words[1].size() < 19 &&
      words[1].find_first_not_of("0123456789") == std::string::npos) {
    from = std::stoull(words[1]);
  }
  if (words.empty() || words.size() > 2 ||
      (words.size() == 2 && !from.has_value())) {
    std::cerr << kUsage;
    return kExitUsage;
  }
  try {
    const Result<bool> whole = Inspect(words[0], from);
    std::cout.flush();
    if (whole.ok()) return *whole ? 0 : kExitDamaged;
    std::cerr << "kv_inspect: '" << EscapeBytes(words[0]) << "': "
              << (whole.status().IsNotFound() ? "there is no such file"
                                              : whole.status().ToString())
              << "\n";
    return whole.status().code() == StatusCode::kCorruption ? kExitDamaged
                                                            : kExitCannotRead;
  } catch (const std::exception& error) {
    // An exercise that is not written yet.
    std::cerr << "kv_inspect: " << error.what() << "\n";
    return kExitCannotRead;
  }
}

}  // namespace
}  // namespace kv

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return kv::Main(std::vector<std::string>(argv + 1, argv + argc));
}
