#include "common/shell/arguments.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "common/shell/escape.h"

namespace kv::shell {
namespace {

// What the words say before --load is sorted out.
struct Words {
  std::vector<std::string> names;  // what is no option
  std::optional<size_t> load_at;  // how many names stood before --load
};

bool IsExistingFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) &&
      !std::filesystem::is_directory(path, error);
}

std::vector<ShellFlag> AllFlags(
    const ShellSpec& spec, ShellArguments* arguments) {
  std::vector<ShellFlag> flags = {
      {"--help", "", "prints this text and ends",
       [arguments](std::string_view) {
         arguments->help = true;
         return Status::Ok();
       }},
      {"--dump", "", "writes the whole database to stdout and ends",
       [arguments](std::string_view) {
         arguments->dump = true;
         return Status::Ok();
       }},
      {"--format", "ops|tsv|csv",
       "the dump's format; ops by default; a dump that is loaded is known by "
       "its first line",
       [arguments](std::string_view name) {
         KV_ASSIGN_OR_RETURN(arguments->format, ParseDumpFormat(name));
         return Status::Ok();
       }},
  };
  flags.insert(flags.end(), spec.flags.begin(), spec.flags.end());
  return flags;
}

// Tells the dump's file from the database's directory.
Status SortNames(const Words& words, ShellArguments* arguments) {
  std::vector<std::string> names = words.names;
  if (words.load_at.has_value() && !arguments->load_file.has_value()) {
    const size_t at = *words.load_at;
    const bool has_file = at < names.size() &&
        (names.size() > 1 || names[at] == "-" || IsExistingFile(names[at]));
    arguments->load_file = has_file ? names[at] : "-";
    if (has_file) {
      names.erase(names.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  if (names.size() > 1) {
    return Status::InvalidArgument(
        "one database directory at most, got '" + EscapeBytes(names[0]) +
        "' and '" + EscapeBytes(names[1]) + "'");
  }
  if (names.size() == 1 && names[0].empty()) {
    return Status::InvalidArgument("the database directory's name is empty");
  }
  if (names.size() == 1) {
    arguments->path = names[0];
  }
  return Status::Ok();
}

}  // namespace

Result<ShellArguments> ParseArguments(
    const std::vector<std::string>& words, const ShellSpec& spec) {
  ShellArguments arguments;
  const std::vector<ShellFlag> flags = AllFlags(spec, &arguments);
  Words sorted;
  bool options_ended = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_ended || !word.starts_with("-") || word == "-") {
      sorted.names.push_back(word);
      continue;
    }
    if (word == "--") {
      options_ended = true;
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    if (name == "--load") {
      sorted.load_at = sorted.names.size();
      if (equals != std::string::npos) {
        arguments.load_file = word.substr(equals + 1);
      }
      continue;
    }
    const auto flag = std::find_if(
        flags.begin(), flags.end(),
        [&name](const ShellFlag& candidate) { return candidate.name == name; });
    if (flag == flags.end()) {
      return Status::InvalidArgument(
          "unknown option '" + EscapeBytes(name) + "'");
    }
    std::string argument;
    if (flag->argument.empty() && equals != std::string::npos) {
      return Status::InvalidArgument(name + " takes no argument");
    }
    if (!flag->argument.empty() && equals != std::string::npos) {
      argument = word.substr(equals + 1);
    } else if (!flag->argument.empty()) {
      if (i + 1 == words.size()) {
        return Status::InvalidArgument(name + " needs " + flag->argument);
      }
      argument = words[++i];
    }
    const Status set = flag->set(argument);
    if (!set.ok()) {
      return Status::InvalidArgument(name + ": " + std::string(set.message()));
    }
  }
  KV_RETURN_IF_ERROR(SortNames(sorted, &arguments));
  return arguments;
}

std::string UsageText(const ShellSpec& spec) {
  std::ostringstream out;
  out << spec.about << "\n\nUsage:\n"
      << "  " << spec.name << " [OPTION...] [DIR]   "
      << "commands from the terminal or a pipe\n"
      << "  " << spec.name << " --dump DIR > FILE   "
      << "the whole database as text\n"
      << "  " << spec.name << " --load FILE DIR     "
      << "stores what a dump holds ('-': stdin)\n"
      << "  " << spec.name << " --load FILE         "
      << "the same in memory, then commands\n"
      << "  " << spec.name << " --dump OLD | " << spec.name << " --load NEW\n"
      << "Without DIR the database is in memory and ends with the shell.\n"
      << "\nOptions:\n";
  ShellArguments ignored;
  std::vector<ShellFlag> flags = AllFlags(spec, &ignored);
  flags.insert(
      flags.begin() + 1,
      {"--load", "[FILE]",
       "checks a whole dump, then stores it; '-' or nothing: stdin", nullptr});
  for (const ShellFlag& flag : flags) {
    std::string usage = flag.name;
    if (!flag.argument.empty()) usage += " " + flag.argument;
    constexpr size_t kHelpColumn = 27;
    usage.resize(std::max(usage.size() + 1, kHelpColumn), ' ');
    out << "  " << usage << flag.help << "\n";
  }
  out << "\nExit codes: 0 ok; 1 a command, load or dump failed; 2 wrong usage; "
         "3 the database could not be opened.\n";
  return out.str();
}

}  // namespace kv::shell
