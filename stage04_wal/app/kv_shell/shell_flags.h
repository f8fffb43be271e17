#pragma once

// What can be chosen on the command line.

#include <vector>

#include "common/base/status.h"
#include "common/shell/run_shell.h"
#include "kv/options.h"

namespace kv {

/// They set `options`, which must outlive them.
std::vector<shell::ShellFlag> Flags(Options* options);

/// An error that names options by their names in C++ names the shell's too.
Status WithTheShellsNames(const Status& status);

}  // namespace kv
