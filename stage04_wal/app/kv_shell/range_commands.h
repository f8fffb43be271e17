#pragma once

// The commands that list a range of keys with their values.

#include "common/shell/command_table.h"
#include "db/database.h"

namespace kv {

/// The database must outlive the table.
void AddRangeCommands(Database* db, shell::CommandTable* table);

}  // namespace kv
