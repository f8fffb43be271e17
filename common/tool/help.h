#pragma once

// The command line's help: commands by group, with an example for each, and
// advice for a command that does not exist.

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

/// Options of all commands, and how --help prints.
void SetUpHelp(CLI::App& app, Context& context);

/// Prints help that was asked for, or what is wrong with the command line.
/// Returns the exit code: 0 for help, 2 for wrong usage.
int ExplainParseError(
    const CLI::App& app, Context& context, const CLI::ParseError& error,
    int argc, char** argv);

/// The candidate that is fewest edits away; empty if all are far.
std::string Nearest(
    std::string_view word, const std::vector<std::string>& candidates);

}  // namespace kv::tool
