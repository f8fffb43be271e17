#include "common/shell/command_table.h"

#include <algorithm>
#include <sstream>

#include "common/base/check.h"
#include "common/shell/escape.h"

namespace kv::shell {
namespace {

struct ArgumentCount {
  size_t least = 0;
  size_t most = 0;
  bool unlimited = false;
};

ArgumentCount CountArguments(const std::string& spec) {
  ArgumentCount count;
  std::istringstream words(spec);
  std::string word;
  bool optional = false;
  while (words >> word) {
    optional = optional || word.front() == '[';
    if (word.find("...") != std::string::npos) {
      count.unlimited = true;
    } else {
      ++count.most;
      if (!optional) ++count.least;
    }
    optional = optional && word.back() != ']';
  }
  return count;
}

std::string Usage(const Command& command) {
  return command.arguments.empty() ? command.name
                                   : command.name + " " + command.arguments;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  // Row i holds the distances of a[0, i) to all prefixes of b.
  std::vector<std::vector<size_t>> rows(
      a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      rows[i][j] = std::min(
          {rows[i - 1][j] + 1, rows[i][j - 1] + 1,
           rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.size()][b.size()];
}

CommandTable::CommandTable() {
  Add("Shell",
      {"help", "[COMMAND]", "lists the commands, or explains one", "",
       [this](const CommandCall& call) {
         if (!call.arguments.empty()) {
           return PrintHelpFor(call.arguments[0], call.out);
         }
         PrintHelp(call.out);
         return Status::Ok();
       }});
}

void CommandTable::Add(std::string_view group, Command command) {
  KV_CHECK(Find(command.name) == nullptr, "a command is added once");
  KV_CHECK(command.handler != nullptr, "a command has a handler");
  entries_.push_back({std::string(group), std::move(command)});
}

const Command* CommandTable::Find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.command.name == name) return &entry.command;
  }
  return nullptr;
}

Status CommandTable::UnknownCommand(std::string_view name) const {
  std::string message = "unknown command '" + EscapeBytes(name) + "'";
  // A name is long enough to be a word, and short enough to be a typo.
  constexpr size_t kNameBytesMax = 32;
  const Command* nearest = nullptr;
  size_t nearest_distance = 3;
  if (name.size() <= kNameBytesMax) {
    for (const Entry& entry : entries_) {
      const size_t distance = EditDistance(Lower(name), entry.command.name);
      if (distance < nearest_distance &&
          distance < entry.command.name.size() - 1) {
        nearest = &entry.command;
        nearest_distance = distance;
      }
    }
  }
  if (nearest != nullptr) {
    message += "; did you mean '" + nearest->name + "'?";
  } else {
    message += "; 'help' lists the commands";
  }
  return Status::InvalidArgument(message);
}

Status CommandTable::Run(
    const std::vector<std::string>& words, std::ostream& out) const {
  KV_CHECK(!words.empty(), "a command line has a first word");
  const Command* command = Find(words[0]);
  if (command == nullptr) {
    return UnknownCommand(words[0]);
  }
  const std::vector<std::string> arguments(words.begin() + 1, words.end());
  const ArgumentCount count = CountArguments(command->arguments);
  if (arguments.size() < count.least ||
      (!count.unlimited && arguments.size() > count.most)) {
    return Status::InvalidArgument(
        "got " + std::to_string(arguments.size()) +
        " arguments; the command is '" + Usage(*command) + "'");
  }
  return command->handler({arguments, out});
}

std::vector<std::string> CommandTable::NamesWithPrefix(
    std::string_view prefix) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.command.name.starts_with(prefix)) {
      names.push_back(entry.command.name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void CommandTable::PrintHelp(std::ostream& out) const {
  size_t width = 0;
  std::vector<std::string> groups;
  for (const Entry& entry : entries_) {
    width = std::max(width, Usage(entry.command).size());
    if (std::find(groups.begin(), groups.end(), entry.group) == groups.end()) {
      groups.push_back(entry.group);
    }
  }
  // What belongs to the shell itself comes after what belongs to the data.
  std::rotate(groups.begin(), groups.begin() + 1, groups.end());
  for (const std::string& group : groups) {
    out << group << "\n";
    for (const Entry& entry : entries_) {
      if (entry.group != group) continue;
      const std::string usage = Usage(entry.command);
      out << "  " << usage << std::string(width - usage.size() + 2, ' ')
          << entry.command.help << "\n";
    }
  }
  out << "'help COMMAND' says more. Words may be quoted, \"like this\"; "
         "\\xNN is any byte.\n";
}

Status CommandTable::PrintHelpFor(
    std::string_view name, std::ostream& out) const {
  const Command* command = Find(name);
  if (command == nullptr) {
    return UnknownCommand(name);
  }
  out << Usage(*command) << "\n  " << command->help << "\n";
  std::istringstream lines(command->more_help);
  std::string line;
  while (std::getline(lines, line)) {
    out << "  " << line << "\n";
  }
  return Status::Ok();
}

}  // namespace kv::shell
