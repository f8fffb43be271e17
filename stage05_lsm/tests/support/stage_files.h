#pragma once

// What a database test may know about the database's files.
//
// Database tests run unchanged on databases whose files differ, so they never
// name a file: they ask here. Each function takes the names that List gives
// for the database's directory, and answers with one of them, or with "".

#include <string>
#include <string_view>
#include <vector>

#include "common/base/checksum.h"
#include "common/fs/fault_file_system.h"
#include "common/testing/subject.h"
#include "kv/coding.h"
#include "kv/file_names.h"

namespace kv::testing {

/// Whether data outlives Close: whether Options::path may be given.
inline constexpr bool kPersistent = true;

/// The file that the next write goes to.
inline std::string LastLogFile(const std::vector<std::string>& names) {
  return LastLogName(SubjectCapabilities(), names);
}

/// The file that makes a directory a database, and says in which version of
/// the format it is.
inline std::string MainFile(const std::vector<std::string>& names) {
  std::string manifest;
  for (const std::string& name : names) {
    if (ManifestNumber(name).has_value()) {
      manifest = name;
    }
  }
  return manifest;
}

/// The content of that file, as a program of format version `version` writes
/// it; all checksums are right.
inline std::string WithVersion(std::string_view content, uint32_t version) {
  constexpr size_t kVersionOffset = 8;
  constexpr size_t kIdentityOffset = 16;
  constexpr size_t kHeaderBytes = 32;
  std::string changed;
  PutFixed32(&changed, version);
  PutFixed32(
      &changed,
      Checksum32(
          content.substr(kIdentityOffset, kHeaderBytes - kIdentityOffset),
          version));
  return std::string(content).replace(kVersionOffset, changed.size(), changed);
}

/// To be injected: until it is cleared there is no space for what a flush
/// writes, and for everything else there is.
inline Fault NoSpaceForFlushes() {
  Fault fault;
  fault.kind = FaultKind::kNoSpace;
  fault.path_part = ".sst";
  fault.persistent = true;
  return fault;
}

}  // namespace kv::testing
