#pragma once

// Whether a directory has a database; and if not, whether one may be made
// there.
//
// A creation makes CURRENT last. So where there is none, there may be what a
// creation that crashed has left: the first segment of the log and the first
// manifest, neither with anything that was written. They are known by their
// content: a name alone does not say whose file it is.

#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/fs/file_system.h"

namespace kv {

/// `names` are those in the directory `path`. False: it has nothing, or what a
/// creation left, which may be replaced.
/// Errors: Corruption if CURRENT is missing and other files show that there was
/// one; NotSupported for a database of an earlier form; InvalidArgument, with
/// the name, for files of other programs and no database.
Result<bool> DatabaseExists(
    FileSystem* fs, const std::string& path,
    const std::vector<std::string>& names);

}  // namespace kv
