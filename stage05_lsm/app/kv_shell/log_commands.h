#pragma once

// The commands about the log, and what opening found in it.

#include "common/base/status.h"
#include "common/shell/command_table.h"
#include "db/database.h"

namespace kv {

/// The database must outlive the table.
void AddLogCommands(Database* db, shell::CommandTable* table);

/// Says on stderr that opening passed over damage, if it did: that must not go
/// unnoticed.
Status TellWhatWasSkipped(Database* db);

}  // namespace kv
