// kv_inspect: the files of a database as annotated bytes.
//
// It reads and never writes, also a database that is open elsewhere, and goes
// on behind damage. Exit codes: 0 all bytes are as they were written, 1 some
// are not, 2 wrong usage, 3 the file cannot be read.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
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
    "                           the rest\n"
    "The directories 'archive' and 'damaged' in DIR have files of their own:\n"
    "kv_inspect DIR/archive.\n\n"
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

// "2023-11-14 22:13:20.000000 UTC".
std::string Time(uint64_t micros) {
  constexpr uint64_t kMicrosPerSecond = 1'000'000;
  const auto seconds = static_cast<std::time_t>(micros / kMicrosPerSecond);
  std::tm parts = {};
  char date[32];
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &parts) == 0) {
    return std::to_string(micros) + " microseconds since 1970";
  }
  char fraction[16];
  std::snprintf(
      fraction, sizeof(fraction), ".%06u UTC",
      static_cast<unsigned>(micros % kMicrosPerSecond));
  return std::string(date) + fraction;
}

// Cuts fields off the front of bytes.
class FieldCutter {
 public:
  explicit FieldCutter(std::string_view bytes) : rest_(bytes) {}

  void Add(size_t size, std::string meaning) {
    const size_t taken = std::min(size, rest_.size());
    // What a file that is too short has not is not there to be explained.
    if (taken == 0 && size > 0) return;
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
              << " bytes" << (closed_ ? "; closed cleanly" : "; not closed");
    if (damaged_) {
      std::cout << "; DAMAGED";
    } else if (!whole_) {
      std::cout << "; a torn tail from offset " << *first_bad_
                << ": opening cuts it off"
                << (is_manifest_ ? "" : ", unless a segment follows");
    }
    std::cout << "\n";
    return whole_;
  }

  // Of a manifest: all of its edits, as one.
  const VersionEdit& Edits() const { return all_; }

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
      MarkDamaged();
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
    if (closed_) {
      MarkDamaged();
      std::cout << "A FRAME BEHIND THE CLOSE FRAME\n";
    }
    closed_ = header->type == FrameType::kClose;
    // A crash damages nothing that had been synced.
    if (header->synced_bytes > first_bad_.value_or(UINT64_MAX)) MarkDamaged();
    if (!intact) {
      MarkBad(offset);
      PrintRaw(offset + kFrameHeaderBytes, payload);
    } else if (
        is_manifest_ != (header->type == FrameType::kVersionEdit) &&
        header->type != FrameType::kClose) {
      MarkDamaged();
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
      MarkDamaged();
      PrintRaw(offset, payload);
      return;
    }
    FieldCutter cutter(payload);
    cutter.AddNumber(8, "sequence");
    cutter.Add(8, "time " + Time(batch->wall_micros));
    cutter.AddNumber(4, "operations");
    const uint64_t operations_before = operations_;
    const char* const begin = payload.data();
    size_t at = kBatchHeaderBytes;  // where the operation begins
    BatchReader reader(payload, at);
    WriteBatch::Operation operation;
    while (at < payload.size()) {
      const Result<bool> found = reader.Next(&operation);
      if (!found.ok() || !*found) {
        MarkDamaged();
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
      MarkDamaged();
      std::cout << "NOT AS MANY OPERATIONS as the frame says\n";
    }
  }

  void PrintEdit(uint64_t offset, std::string_view payload) {
    const Result<VersionEdit> edit = VersionEdit::Decode(payload);
    if (!edit.ok()) {
      MarkDamaged();
      PrintRaw(offset, payload);
      return;
    }
    tables_ += edit->added.size();
    PrintFields(
        offset, EditCutter(payload).Fields(*edit), kFieldBytesMax, std::cout);
    const Status fits = all_.Add(*edit);
    if (!fits.ok()) {
      MarkDamaged();
      std::cout << "IT DOES NOT FIT: " << fits.message() << "\n";
    }
  }

  // Bytes that a crash can have left, as far as they show.
  void MarkBad(uint64_t offset) {
    whole_ = false;
    if (!first_bad_.has_value()) first_bad_ = offset;
  }

  void MarkDamaged() {
    whole_ = false;
    damaged_ = true;
  }

  static void PrintRaw(uint64_t offset, std::string_view bytes) {
    PrintFields(
        offset, {{bytes, "bytes that are no payload"}}, kFieldBytesMax,
        std::cout);
  }

  // Prints bytes that are no frame, up to the next one.
  Result<uint64_t> PrintGap(uint64_t offset) {
    MarkBad(offset);
    if (closed_) MarkDamaged();
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
  std::optional<uint64_t> first_bad_;
  bool damaged_ = false;  // no crash can have left it
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
    KV_RETURN_IF_ERROR(CheckBegin(from));
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
          " bytes, and its header says " + std::to_string(header_.entries) +
          " entries and an index at offset " +
          std::to_string(header_.index_offset));
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

  // An entry or the index must begin at `from`: bytes from the middle of an
  // entry mean nothing.
  Status CheckBegin(std::optional<uint64_t> from) const {
    if (!from.has_value()) return Status::Ok();
    const auto next = std::lower_bound(offsets_.begin(), offsets_.end(), *from);
    if (next != offsets_.end() && *next == *from) return Status::Ok();
    return Status::InvalidArgument(
        "no entry begins at offset " + std::to_string(*from) +
        (next == offsets_.end()
             ? ""
             : "; the next one does at " + std::to_string(*next)));
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
      cutter.Add(
          bytes.size(), "NO ENTRY: " + std::string(entry.status().message()));
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

// Prints CURRENT. The number of the manifest that it names, or 0.
Result<uint64_t> InspectCurrent(const RandomFile& file, uint64_t bytes) {
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
    return 0;
  }
  const size_t line = content.find('\n');
  cutter.Add(
      line, "the manifest that counts: number " + std::to_string(*number));
  cutter.Add(1, "line feed");
  cutter.Add(content.size() - line - 2, "checksum of the line: right");
  cutter.Add(1, "line feed");
  PrintFields(0, cutter.fields(), kFieldBytesMax, std::cout);
  return *number;
}

// Whether it is a table: by its name, or, if that says nothing, by its first
// bytes.
bool IsTable(const std::string& name, std::string_view first_bytes) {
  uint32_t magic = 0;
  return TableNumber(name).has_value() ||
      (GetFixed32(&first_bytes, &magic) && magic == kTableMagic);
}

Status EarlierForm(const std::string& name) {
  return Status::NotSupported(
      "'" + EscapeBytes(name) +
      "' is of an earlier form of the database; use the kv_inspect of the "
      "stage that made it");
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
    if (IsFileOfEarlierForm(name)) return EarlierForm(name);
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

// What the files that were looked at say about the others.
struct Findings {
  uint64_t manifest = 0;  // that CURRENT names; 0: not known
  uint64_t first_segment = 0;  // behind its tables; 0: not known
  std::vector<uint64_t> tables;

  // Whether opening removes it, since nothing names it.
  bool IsOrphan(const std::string& name) const {
    if (const auto number = ManifestNumber(name)) {
      return manifest != 0 && *number != manifest;
    }
    const auto table = TableNumber(name);
    return table.has_value() && first_segment != 0 &&
        std::count(tables.begin(), tables.end(), *table) == 0;
  }
};

Result<bool> InspectFile(
    const std::string& path, std::optional<uint64_t> from, Findings* findings) {
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
    KV_ASSIGN_OR_RETURN(const uint64_t manifest, InspectCurrent(*file, bytes));
    if (base == BaseName(CurrentName(""))) findings->manifest = manifest;
    return manifest != 0;
  }
  char first_bytes[4];
  KV_ASSIGN_OR_RETURN(
      const std::string_view begin,
      file->ReadAt(
          0,
          std::span<char>(
              first_bytes, std::min<uint64_t>(bytes, sizeof(first_bytes)))));
  const bool is_table = IsTable(base, begin);
  const uint64_t first = is_table ? kTableHeaderBytes : kLogHeaderBytes;
  if (from.has_value() && (*from < first || *from >= bytes)) {
    return Status::InvalidArgument(
        "offset " + std::to_string(*from) + " is not within the " +
        (is_table ? "entries, " : "frames, ") + std::to_string(first) + " to " +
        std::to_string(bytes));
  }
  const std::string name = EscapeBytes(path);
  if (is_table) return TableInspector(name, file.get(), bytes).Run(from);
  LogInspector log(name, file.get(), bytes);
  const Result<bool> whole = log.Run(from);
  if (ManifestNumber(base).value_or(0) == findings->manifest &&
      log.Edits().first_segment.has_value()) {
    findings->first_segment = *log.Edits().first_segment;
    for (const TableMetadata& table : log.Edits().added) {
      findings->tables.push_back(table.number);
    }
  }
  return whole;
}

// Files that opening does not read.
void TellOfDirectories(const std::string& path) {
  for (const std::string& directory : {ArchiveName(path), DamagedName(path)}) {
    const auto names = FileSystem::Posix()->List(directory);
    if (!names.ok() || names->empty()) continue;
    std::cout << "\n"
              << EscapeBytes(directory) << ": " << names->size()
              << " entries, not read by opening; 'kv_inspect "
              << EscapeBytes(directory) << "' shows them\n";
  }
}

Result<bool> Inspect(const std::string& path, std::optional<uint64_t> from) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    if (IsFileOfEarlierForm(BaseName(path))) {
      return EarlierForm(BaseName(path));
    }
    Findings findings;
    return InspectFile(path, from, &findings);
  }
  if (from.has_value()) {
    return Status::InvalidArgument("an offset goes with a file");
  }
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> files, FilesToInspect(path));
  if (files.empty()) {
    return Status::InvalidArgument(
        "'" + EscapeBytes(path) + "' holds no file of a database");
  }
  bool whole = true;
  Findings findings;
  uint64_t expected = 0;  // the number of the next segment; 0: not known
  for (size_t i = 0; i < files.size(); ++i) {
    if (i > 0) std::cout << "\n";
    const std::string base = BaseName(files[i]);
    bool counts = !IsUnfinishedFile(base);
    if (const auto number = WalSegmentNumber(base)) {
      if (*number < findings.first_segment) {
        std::cout << "in the tables already; opening removes it:\n";
        counts = false;
      } else if (expected != 0 && *number > expected) {
        std::cout << "MISSING: the segments from number " << expected << " to "
                  << *number - 1 << "\n\n";
        whole = false;
      }
      expected = std::max(*number + 1, findings.first_segment);
    }
    if (findings.IsOrphan(base)) {
      std::cout << "named by nothing, as a crash leaves it; opening removes "
                   "it:\n";
      counts = false;
    } else if (IsUnfinishedFile(base)) {
      std::cout << "being made, or left by a crash; opening removes it:\n";
    }
    const Result<bool> file_whole =
        InspectFile(files[i], std::nullopt, &findings);
    if (expected == 0) expected = findings.first_segment;
    if (file_whole.status().code() == StatusCode::kCorruption) {
      // The other files are worth seeing all the more.
      std::cout << (counts ? "DAMAGED: " : "not whole: ")
                << file_whole.status().message() << "\n";
      whole = whole && !counts;
      continue;
    }
    KV_RETURN_IF_ERROR(file_whole.status());
    whole = whole && (*file_whole || !counts);
  }
  if (expected != 0 && expected == findings.first_segment) {
    std::cout << "\nMISSING: segment " << expected
              << ", the log behind the tables\n";
    whole = false;
  }
  TellOfDirectories(path);
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
