#pragma once

// The verbs of the tests that use nothing but kv::Database.
//
// Contract: a verb that changes the database throws if the call does not
//   return Ok, which ends the test and prints the call and its Status. A test
//   that expects an error calls the database itself.

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/status.h"
#include "db/database.h"

namespace kv {

/// `bytes` as it is shown in a failure: escaped, and cut if it is long.
inline std::string Show(std::string_view bytes) {
  constexpr size_t kShownMax = 40;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown = "\"";
  for (const char c : bytes.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
    } else {
      shown += "\\x";
      shown += kDigits[byte >> 4];
      shown += kDigits[byte & 15];
    }
  }
  shown += '"';
  if (bytes.size() > kShownMax) {
    shown += "... (" + std::to_string(bytes.size()) + " bytes)";
  }
  return shown;
}

/// Throws unless `status` is Ok.
inline void MustBeOk(const Status& status, const std::string& call) {
  if (!status.ok()) {
    throw std::runtime_error(
        call + " should have returned Ok, but returned " + status.ToString());
  }
}

/// An empty database in memory.
inline std::unique_ptr<Database> OpenEmpty(const Options& options = {}) {
  Result<std::unique_ptr<Database>> db = Database::Open(options);
  MustBeOk(db.status(), "Open");
  return std::move(db).value();
}

inline void Put(Database& db, std::string_view key, std::string_view value) {
  MustBeOk(db.Put(key, value), "Put(" + Show(key) + ", " + Show(value) + ")");
}

inline void Delete(Database& db, std::string_view key) {
  MustBeOk(db.Delete(key), "Delete(" + Show(key) + ")");
}

inline void Rename(Database& db, std::string_view from, std::string_view to) {
  MustBeOk(db.Rename(from, to), "Rename(" + Show(from) + ", " + Show(to) + ")");
}

inline void Write(Database& db, const WriteBatch& batch) {
  MustBeOk(db.Write(batch), "Write");
}

/// What Get says: the value, "(not found)" or "(error: ...)".
inline std::string Read(Database& db, std::string_view key) {
  Result<std::string> value = db.Get(key);
  if (value.ok()) return std::move(value).value();
  if (value.status().IsNotFound()) return "(not found)";
  return "(error: " + value.status().ToString() + ")";
}

/// All keys that begin with `prefix`, as Keys gives them.
inline std::vector<std::string> KeysOf(
    Database& db, std::string_view prefix = {}) {
  Result<std::vector<std::string>> keys = db.Keys(prefix);
  MustBeOk(keys.status(), "Keys(" + Show(prefix) + ")");
  return std::move(keys).value();
}

/// Everything in the database: each key that Keys names, with what Get says.
inline std::map<std::string, std::string> Contents(Database& db) {
  std::map<std::string, std::string> contents;
  for (const std::string& key : KeysOf(db)) contents[key] = Read(db, key);
  return contents;
}

inline Stats StatsOf(Database& db) {
  Result<Stats> stats = db.GetStats();
  MustBeOk(stats.status(), "GetStats");
  return stats.value();
}

/// `EXPECT_TRUE(Fails(status, code, {"27", "13"}))`: the code is `code`, and
/// the message holds each of `parts`.
inline ::testing::AssertionResult Fails(
    const Status& status, StatusCode code,
    std::initializer_list<std::string_view> parts = {}) {
  if (status.code() != code) {
    return ::testing::AssertionFailure()
        << "expected " << StatusCodeName(code) << ", got " << status.ToString();
  }
  for (const std::string_view part : parts) {
    if (status.message().find(part) == std::string_view::npos) {
      return ::testing::AssertionFailure()
          << "the message should say \"" << part << "\", but is \""
          << status.message() << '"';
    }
  }
  return ::testing::AssertionSuccess();
}

/// As EXPECT_EQ for long byte strings, whose failure does not print them.
inline ::testing::AssertionResult SameBytes(
    std::string_view actual, std::string_view expected) {
  if (actual == expected) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
      << "expected " << Show(expected) << ", got " << Show(actual);
}

/// `count` bytes that no compression makes shorter.
inline std::string RandomBytes(Random& random, size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next() & 0xff);
  return bytes;
}

}  // namespace kv
