#include "common/shell/text_format.h"

#include <vector>

#include "common/base/check.h"
#include "common/shell/escape.h"
#include "common/shell/tokenizer.h"

namespace kv::shell {
namespace {

constexpr std::string_view kOpsHeader = "# kv dump 1";
constexpr std::string_view kOpsHeaderOfAnyVersion = "# kv dump ";
constexpr std::string_view kOpsEnd = "# end ";
constexpr std::string_view kTsvHeader = "key\tvalue";
constexpr std::string_view kCsvHeader = "key,value";

// EscapeBytes gives no tab and no line end, so a field needs nothing more.
std::string TsvField(std::string_view bytes) {
  return EscapeBytes(bytes);
}

std::string CsvField(std::string_view bytes) {
  const std::string escaped = EscapeBytes(bytes);
  // Spaces at the ends are data, but some programs trim them without quotes.
  const bool quotes = escaped.find_first_of(",\"") != std::string::npos ||
      escaped.starts_with(' ') || escaped.ends_with(' ');
  if (!quotes) {
    return escaped;
  }
  std::string field = "\"";
  for (const char c : escaped) {
    field += c;
    if (c == '"') field += c;
  }
  field += '"';
  return field;
}

}  // namespace

Result<DumpFormat> ParseDumpFormat(std::string_view name) {
  for (const DumpFormat format :
       {DumpFormat::kOps, DumpFormat::kTsv, DumpFormat::kCsv}) {
    if (name == DumpFormatName(format)) return format;
  }
  return Status::InvalidArgument(
      "'" + EscapeBytes(name) + "' is no dump format; there are ops, tsv, csv");
}

std::string_view DumpFormatName(DumpFormat format) {
  switch (format) {
    case DumpFormat::kOps:
      return "ops";
    case DumpFormat::kTsv:
      return "tsv";
    case DumpFormat::kCsv:
      return "csv";
  }
  return "unknown format";
}

DumpWriter::DumpWriter(std::ostream* out, DumpFormat format)
    : out_(out), format_(format) {}

void DumpWriter::Begin() {
  switch (format_) {
    case DumpFormat::kOps:
      *out_ << kOpsHeader << "\n";
      break;
    case DumpFormat::kTsv:
      *out_ << kTsvHeader << "\n";
      break;
    case DumpFormat::kCsv:
      *out_ << kCsvHeader << "\r\n";
      break;
  }
}

void DumpWriter::Put(std::string_view key, std::string_view value) {
  ++operations_;
  switch (format_) {
    case DumpFormat::kOps:
      *out_ << "put " << QuoteWord(key) << " " << QuoteWord(value) << "\n";
      break;
    case DumpFormat::kTsv:
      *out_ << TsvField(key) << "\t" << TsvField(value) << "\n";
      break;
    case DumpFormat::kCsv:
      *out_ << CsvField(key) << "," << CsvField(value) << "\r\n";
      break;
  }
}

Status DumpWriter::End() {
  if (format_ == DumpFormat::kOps) {
    *out_ << kOpsEnd << operations_ << "\n";
  }
  out_->flush();
  if (!*out_) {
    return Status::IoError("the dump could not be written; is the disk full?");
  }
  return Status::Ok();
}

Status DumpReader::Error(std::string_view message) const {
  return Status::InvalidArgument(
      "line " + std::to_string(line_) + ": " + std::string(message));
}

// False at the end of the input. Takes the line end, LF or CR LF, away.
Result<bool> DumpReader::ReadLine(std::string* text) {
  if (!std::getline(*in_, *text)) {
    if (in_->bad()) {
      return Status::IoError(
          "reading failed after line " + std::to_string(lines_read_));
    }
    return false;
  }
  ++lines_read_;
  if (!text->empty() && text->back() == '\r') {
    text->pop_back();
  }
  return true;
}

Result<DumpReader> DumpReader::Open(std::istream* in) {
  DumpReader reader(in, DumpFormat::kOps);
  reader.lines_read_ = 0;
  std::string header;
  KV_ASSIGN_OR_RETURN(const bool any, reader.ReadLine(&header));
  if (!any) {
    return Status::InvalidArgument(
        "this is no dump: it is empty (a dump without entries still has its "
        "first line)");
  }
  if (header == kOpsHeader) {
    reader.format_ = DumpFormat::kOps;
  } else if (header == kTsvHeader) {
    reader.format_ = DumpFormat::kTsv;
  } else if (header == kCsvHeader) {
    reader.format_ = DumpFormat::kCsv;
  } else if (header.starts_with(kOpsHeaderOfAnyVersion)) {
    return Status::NotSupported(
        "line 1: this dump begins with '" +
        EscapeBytes(std::string_view(header).substr(0, 40)) +
        "', this program reads '" + std::string(kOpsHeader) +
        "'; use a newer program");
  } else {
    return Status::InvalidArgument(
        "line 1: this is no dump: the first line must be '" +
        std::string(kOpsHeader) + "', 'key<TAB>value' or '" +
        std::string(kCsvHeader) + "', but it is '" +
        EscapeBytes(std::string_view(header).substr(0, 40)) + "'");
  }
  return reader;
}

Result<bool> DumpReader::Next(DumpOperation* operation) {
  line_ = lines_read_ + 1;
  Result<bool> found = false;
  switch (format_) {
    case DumpFormat::kOps:
      found = NextOps(operation);
      break;
    case DumpFormat::kTsv:
      found = NextTsv(operation);
      break;
    case DumpFormat::kCsv:
      found = NextCsv(operation);
      break;
  }
  if (found.ok() && *found) ++operations_;
  return found;
}

// What stands after "# end " must be right, and nothing may follow.
Status DumpReader::EndOfOps(std::string_view count) {
  if (count != std::to_string(operations_)) {
    return Error(
        "the dump says that it has " + EscapeBytes(count.substr(0, 20)) +
        " operations, but it has " + std::to_string(operations_) +
        "; it is damaged");
  }
  std::string text;
  KV_ASSIGN_OR_RETURN(const bool more, ReadLine(&text));
  line_ = lines_read_;
  return more ? Error("nothing may follow the dump's end") : Status::Ok();
}

Result<bool> DumpReader::NextOps(DumpOperation* operation) {
  while (true) {
    line_ = lines_read_ + 1;
    std::string text;
    KV_ASSIGN_OR_RETURN(const bool any, ReadLine(&text));
    if (!any) {
      return Error(
          "the dump ends here without its last line '" + std::string(kOpsEnd) +
          std::to_string(operations_) + "'; it was cut");
    }
    if (text.starts_with(kOpsEnd)) {
      KV_RETURN_IF_ERROR(
          EndOfOps(std::string_view(text).substr(kOpsEnd.size())));
      return false;
    }
    Result<std::vector<std::string>> words = Tokenize(text);
    if (!words.ok()) {
      return Error(words.status().message());
    }
    if (words->empty()) continue;  // a comment or an empty line
    const std::string& name = words->front();
    if (name == "put" && words->size() == 3) {
      operation->kind = DumpOperation::Kind::kPut;
      operation->key = std::move((*words)[1]);
      operation->value = std::move((*words)[2]);
    } else if (name == "delete" && words->size() == 2) {
      operation->kind = DumpOperation::Kind::kDelete;
      operation->key = std::move((*words)[1]);
      operation->value.clear();
    } else {
      return Error("a dump has only 'put KEY VALUE' and 'delete KEY'");
    }
    return true;
  }
}

Result<bool> DumpReader::NextTsv(DumpOperation* operation) {
  std::string text;
  KV_ASSIGN_OR_RETURN(const bool any, ReadLine(&text));
  if (!any) return false;
  const size_t tab = text.find('\t');
  if (tab == std::string::npos) {
    return Error("there is no tab between a key and a value");
  }
  const size_t second = text.find('\t', tab + 1);
  if (second != std::string::npos) {
    return Error(
        "column " + std::to_string(second + 1) +
        ": a second tab; a tab in a key or value is written \\t");
  }
  const std::string_view view = text;
  Result<std::string> key = UnescapeBytes(view.substr(0, tab));
  if (!key.ok()) return Error(key.status().message());
  Result<std::string> value = UnescapeBytes(view.substr(tab + 1), tab + 1);
  if (!value.ok()) return Error(value.status().message());
  operation->kind = DumpOperation::Kind::kPut;
  operation->key = std::move(*key);
  operation->value = std::move(*value);
  return true;
}

// Reads the field at `*index`, up to the comma or the end of the line, and
// more lines into `*text` if a quote is still open.
Status DumpReader::ReadCsvField(
    std::string* text, size_t* index, std::string* field) {
  field->clear();
  if (*index == text->size() || (*text)[*index] != '"') {
    const size_t end = text->find_first_of(",\"", *index);
    if (end != std::string::npos && (*text)[end] == '"') {
      return Error(
          "a quote within a field; such a field stands in quotes, and the "
          "quote is doubled");
    }
    const size_t size =
        (end == std::string::npos ? text->size() : end) - *index;
    field->assign(*text, *index, size);
    *index += size;
    return Status::Ok();
  }
  ++*index;
  while (true) {
    if (*index == text->size()) {
      // The line end belongs to the field. ReadLine would take a CR away.
      std::string next;
      if (in_->eof() || !std::getline(*in_, next)) {
        return Error("a quote is opened and not closed");
      }
      ++lines_read_;
      *field += '\n';
      *text = std::move(next);
      *index = 0;
      continue;
    }
    const char c = (*text)[(*index)++];
    if (c != '"') {
      *field += c;
    } else if (*index < text->size() && (*text)[*index] == '"') {
      *field += '"';
      ++*index;
    } else {
      return Status::Ok();
    }
  }
}

Result<bool> DumpReader::NextCsv(DumpOperation* operation) {
  std::string text;
  if (!std::getline(*in_, text)) {
    if (in_->bad()) {
      return Status::IoError(
          "reading failed after line " + std::to_string(lines_read_));
    }
    return false;
  }
  ++lines_read_;
  std::string fields[2];
  size_t index = 0;
  for (size_t i = 0; i < 2; ++i) {
    KV_RETURN_IF_ERROR(ReadCsvField(&text, &index, &fields[i]));
    if (i == 0 && (index == text.size() || text[index] != ',')) {
      return Error("there is no comma after the key");
    }
    if (i == 0) ++index;
  }
  // An unquoted value runs to the line's end, a CR included.
  if (index == text.size() && fields[1].ends_with('\r') &&
      text.ends_with('\r')) {
    fields[1].pop_back();
  } else if (index + 1 == text.size() && text[index] == '\r') {
    ++index;
  }
  if (index != text.size()) {
    return Error(
        "the value has more after it; a value with a comma stands in quotes");
  }
  for (std::string& field : fields) {
    Result<std::string> bytes = UnescapeBytes(field);
    if (!bytes.ok()) {
      return Error(
          std::string(&field == &fields[0] ? "key, " : "value, ") +
          std::string(bytes.status().message()));
    }
    field = std::move(*bytes);
  }
  operation->kind = DumpOperation::Kind::kPut;
  operation->key = std::move(fields[0]);
  operation->value = std::move(fields[1]);
  return true;
}

Result<DumpSummary> ValidateDump(
    std::istream* in, std::optional<DumpFormat> expected,
    const DumpLimits& limits) {
  KV_ASSIGN_OR_RETURN(DumpReader reader, DumpReader::Open(in));
  if (expected.has_value() && *expected != reader.format()) {
    return Status::InvalidArgument(
        "line 1: this is a dump of format " +
        std::string(DumpFormatName(reader.format())) + ", not " +
        std::string(DumpFormatName(*expected)));
  }
  DumpSummary summary;
  summary.format = reader.format();
  DumpOperation operation;
  while (true) {
    KV_ASSIGN_OR_RETURN(const bool found, reader.Next(&operation));
    if (!found) return summary;
    ++summary.operations;
    const std::string line = "line " + std::to_string(reader.line());
    if (operation.key.size() > limits.key_bytes_max) {
      return Status::InvalidArgument(
          line + ": the key has " + std::to_string(operation.key.size()) +
          " bytes, over the limit of " + std::to_string(limits.key_bytes_max) +
          "; --key-bytes-max raises it");
    }
    if (operation.value.size() > limits.value_bytes_max) {
      return Status::InvalidArgument(
          line + ": the value has " + std::to_string(operation.value.size()) +
          " bytes, over the limit of " +
          std::to_string(limits.value_bytes_max) +
          "; --value-bytes-max raises it");
    }
  }
}

}  // namespace kv::shell
