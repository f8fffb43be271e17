#pragma once

// The names of the files in a database's directory.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kv {

/// The greatest number that a file's name can have.
inline constexpr uint64_t kFileNumberMax = 9'999'999'999'999'999'999u;

/// A segment of the write-ahead log. Numbers are ordered as numbers: the six
/// digits are for people, and a number may have more.
std::string WalSegmentName(const std::string& directory, uint64_t number);
/// The number of a segment's name; nothing if it is not one.
std::optional<uint64_t> WalSegmentNumber(std::string_view name);
/// The table with everything before the log's first segment.
std::string CheckpointName(const std::string& directory);
/// A file that is being created; renamed when it is whole.
std::string UnfinishedName(const std::string& name);
/// Whether a name in the directory is that of a file being created.
bool IsUnfinishedFile(std::string_view name);
/// Where segments go that are not needed to open the database.
std::string ArchiveName(const std::string& directory);
/// Where files go whose damage was passed over.
std::string DamagedName(const std::string& directory);
/// Locked while a process has the database open.
std::string LockName(const std::string& directory);

/// Whether a name in the directory is one of ours.
bool IsDatabaseFile(std::string_view name);
/// Whether it is one of an earlier form of the database, which this one cannot
/// read.
bool IsFileOfEarlierForm(std::string_view name);
/// The same of a later form: the list of its tables, or one of them.
bool IsFileOfLaterForm(std::string_view name);

}  // namespace kv
