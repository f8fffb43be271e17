#pragma once

// Dumps: the contents of a database as text, in three formats. All are binary
// safe and have one operation or pair a line.
//
// Contract: a writer gets Begin, Put for every pair, End. A reader first sees
//   the whole dump through ValidateDump, so that one that is damaged, cut or
//   of another kind is refused before anything is stored; then
//   DumpReader::Next gives the operations one after another.
// Errors: InvalidArgument for what is no dump, with the line; IoError if the
//   stream cannot be read.
// Format:
//   ops  "# kv dump 1", then lines "put KEY VALUE" or "delete KEY" as in the
//        shell (common/shell/tokenizer.h), then "# end N" with the number of
//        operations, so that a dump that was cut is known by it. Further
//        lines that begin with # are comments.
//   tsv  "key<TAB>value", then one pair a line. Backslash, tab, line ends and
//        what is not printable ASCII are escaped (common/shell/escape.h).
//   csv  RFC 4180: "key,value", lines that end in CR LF, fields in quotes
//        where needed. Fields are escaped as in tsv, so that all bytes fit
//        and a record is one line. When read, LF is enough, and a field in
//        quotes may hold line ends.
//   tsv and csv have no last line of their own: cut at the end of a line, a
//   dump is a shorter one.

#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv::shell {

enum class DumpFormat { kOps, kTsv, kCsv };

/// "ops", "tsv" or "csv". InvalidArgument for other names.
Result<DumpFormat> ParseDumpFormat(std::string_view name);
std::string_view DumpFormatName(DumpFormat format);

struct DumpOperation {
  enum class Kind { kPut, kDelete };
  Kind kind = Kind::kPut;
  std::string key;
  std::string value;  ///< empty for a delete
};

/// What the database that is loaded will accept.
struct DumpLimits {
  uint64_t key_bytes_max = UINT64_MAX;
  uint64_t value_bytes_max = UINT64_MAX;
};

class DumpWriter {
 public:
  DumpWriter(std::ostream* out, DumpFormat format);

  void Begin();
  void Put(std::string_view key, std::string_view value);

  /// IoError if anything could not be written, now or before.
  Status End();

 private:
  std::ostream* out_;
  const DumpFormat format_;
  uint64_t operations_ = 0;
};

class DumpReader {
 public:
  /// Reads the header line and knows the format by it. `in` is borrowed.
  static Result<DumpReader> Open(std::istream* in);

  DumpFormat format() const { return format_; }

  /// The line on which the operation that Next returned last begins.
  uint64_t line() const { return line_; }

  /// The next operation; false at the end of a whole dump.
  Result<bool> Next(DumpOperation* operation);

 private:
  DumpReader(std::istream* in, DumpFormat format) : in_(in), format_(format) {}

  Result<bool> NextOps(DumpOperation* operation);
  Result<bool> NextTsv(DumpOperation* operation);
  Result<bool> NextCsv(DumpOperation* operation);
  Result<bool> ReadLine(std::string* text);
  Status ReadCsvField(std::string* text, size_t* index, std::string* field);
  Status EndOfOps(std::string_view count);
  Status Error(std::string_view message) const;

  std::istream* in_;
  DumpFormat format_;
  uint64_t line_ = 1;  // where the current operation begins
  uint64_t lines_read_ = 1;  // the header is line 1
  uint64_t operations_ = 0;
};

struct DumpSummary {
  DumpFormat format = DumpFormat::kOps;
  uint64_t operations = 0;
};

/// Reads all of `in`. Ok if it is a whole dump, of `expected` format if that
/// is given, and no key or value is over its limit.
Result<DumpSummary> ValidateDump(
    std::istream* in, std::optional<DumpFormat> expected,
    const DumpLimits& limits);

}  // namespace kv::shell
