#include "common/shell/run_shell.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <utility>

#include "common/shell/arguments.h"
#include "common/shell/escape.h"
#include "common/shell/line_reader.h"
#include "common/shell/load_dump.h"
#include "common/shell/tokenizer.h"

namespace kv::shell {
namespace {

std::string Describe(const Status& status) {
  // NotFound carries no text of its own.
  return status.IsNotFound() ? "NotFound: there is no such key"
                             : status.ToString();
}

std::unique_ptr<LineReader> NewReader(
    bool in_terminal, const CommandTable& table) {
  if (!in_terminal) {
    return NewPipeReader(&std::cin);
  }
  return NewTerminalReader(
      DefaultHistoryFile("kv_shell_history"),
      [&table](std::string_view prefix) {
        return table.NamesWithPrefix(prefix);
      });
}

// Runs one line; an error is returned, not printed.
Status RunLine(
    const CommandTable& table, const std::string& line, std::ostream& out) {
  KV_ASSIGN_OR_RETURN(const std::vector<std::string> words, Tokenize(line));
  if (words.empty()) {
    return Status::Ok();
  }
  try {
    return table.Run(words, out);
  } catch (const std::exception& error) {
    // An exercise that is not written yet, or no memory.
    return Status::Unavailable(error.what());
  }
}

// Reads and runs commands to the end of the input or `quit`.
int RunCommands(const ShellSpec& spec, ShellSession* session, bool in_memory) {
  bool quit = false;
  bool failed = false;
  CommandTable table;
  session->AddCommands(&table);
  table.Add(
      "Shell",
      {"quit", "", "ends the shell; so does the end of input (Ctrl-D)", "",
       [&quit](const CommandCall&) {
         quit = true;
         return Status::Ok();
       }});
  const bool in_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
  const std::unique_ptr<LineReader> reader = NewReader(in_terminal, table);
  if (in_terminal) {
    std::cout << spec.name
              << (in_memory ? ": in memory; the data ends with the shell. "
                            : ": ")
              << "'help' lists the commands.\n"
              << std::flush;
  }
  while (!quit) {
    const std::optional<std::string> line = reader->ReadLine(session->Prompt());
    if (!line.has_value()) break;
    const Status status = RunLine(table, *line, std::cout);
    if (!status.ok()) {
      std::cout << "error: " << Describe(status) << "\n";
      failed = true;
    }
    // After each line, so that a program at the other end of the pipe sees
    // the answer before it sends the next command.
    std::cout.flush();
  }
  const Status finished = session->EndOfCommands();
  if (!finished.ok()) {
    std::cout << "error: " << Describe(finished) << "\n";
    failed = true;
  }
  return failed ? kExitCommandFailed : kExitOk;
}

class Program {
 public:
  explicit Program(const ShellSpec& spec) : spec_(spec) {}

  int Run(const std::vector<std::string>& words) {
    const Result<ShellArguments> arguments = ParseArguments(words, spec_);
    if (!arguments.ok()) {
      std::cerr << spec_.name << ": " << arguments.status().message()
                << "\nTry '" << spec_.name << " --help'.\n";
      return kExitUsage;
    }
    if (arguments->help) {
      std::cout << UsageText(spec_);
      return kExitOk;
    }
    if (arguments->format.has_value() && !arguments->dump &&
        !arguments->load_file.has_value()) {
      std::cerr << spec_.name << ": --format goes with --dump or --load\n";
      return kExitUsage;
    }
    return LoadAndRun(*arguments);
  }

 private:
  int Fail(int exit_code, const std::string& what, const Status& status) {
    std::cerr << spec_.name << ": " << what << ": " << Describe(status) << "\n";
    return exit_code;
  }

  int LoadAndRun(const ShellArguments& arguments) {
    // Before the database is opened, since to open can create a directory.
    std::optional<ValidDump> dump;
    if (arguments.load_file.has_value()) {
      if (*arguments.load_file == "-" && isatty(STDIN_FILENO)) {
        std::cerr << spec_.name << ": --load: no such file, and stdin is a "
                  << "terminal; nothing to load\n";
        return kExitUsage;
      }
      Result<ValidDump> opened = ValidDump::Open(
          *arguments.load_file,
          arguments.dump ? std::nullopt : arguments.format, spec_.limits());
      if (!opened.ok()) {
        return Fail(kExitCommandFailed, "nothing was loaded", opened.status());
      }
      dump = std::move(*opened);
    }
    Result<std::unique_ptr<ShellSession>> session = Open(arguments);
    if (!session.ok()) {
      const std::string name = arguments.path.empty()
          ? "a database in memory"
          : "'" + EscapeBytes(arguments.path) + "'";
      return Fail(kExitCannotOpen, "cannot open " + name, session.status());
    }
    int exit_code = Use(arguments, &dump, session->get());
    const Status closed = (*session)->Close();
    if (!closed.ok()) {
      exit_code = Fail(kExitCommandFailed, "closing failed", closed);
    }
    std::cout.flush();
    if (!std::cout) {
      std::cerr << spec_.name << ": stdout could not be written\n";
      exit_code = kExitCommandFailed;
    }
    return exit_code;
  }

  Result<std::unique_ptr<ShellSession>> Open(const ShellArguments& arguments) {
    try {
      // A dump of a database that is not there must not make one.
      const bool create = !arguments.dump || arguments.load_file.has_value();
      return spec_.open(arguments.path, create);
    } catch (const std::exception& error) {
      return Status::Unavailable(error.what());
    }
  }

  int Use(
      const ShellArguments& arguments, std::optional<ValidDump>* dump,
      ShellSession* session) {
    if (dump->has_value()) {
      Status loaded = Guarded([&] { return (*dump)->LoadInto(session); });
      if (!loaded.ok()) {
        return Fail(kExitCommandFailed, "loading stopped", loaded);
      }
      std::cerr << spec_.name << ": loaded " << (*dump)->summary().operations
                << " operations\n";
    }
    if (arguments.dump) {
      const DumpFormat format = arguments.format.value_or(DumpFormat::kOps);
      Status dumped =
          Guarded([&] { return Dump(session, format, &std::cout); });
      return dumped.ok()
          ? kExitOk
          : Fail(kExitCommandFailed, "the dump is not whole", dumped);
    }
    // What was loaded into memory is of use only to commands that follow.
    if (dump->has_value() && !arguments.path.empty()) {
      return kExitOk;
    }
    return RunCommands(spec_, session, arguments.path.empty());
  }

  static Status Guarded(const std::function<Status()>& work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return Status::Unavailable(error.what());
    }
  }

  const ShellSpec& spec_;
};

}  // namespace

ShellFlag NumberFlag(std::string name, std::string help, uint64_t* number) {
  return {
      std::move(name), "N", std::move(help), [number](std::string_view text) {
        uint64_t value = 0;
        if (text.empty()) {
          return Status::InvalidArgument("the number is missing");
        }
        for (const char c : text) {
          const uint64_t digit = static_cast<uint64_t>(c - '0');
          if (c < '0' || c > '9' || value > (UINT64_MAX - digit) / 10) {
            return Status::InvalidArgument(
                "'" + EscapeBytes(text) + "' is no whole number");
          }
          value = value * 10 + digit;
        }
        *number = value;
        return Status::Ok();
      }};
}

ShellFlag ChoiceFlag(
    std::string name, std::string argument, std::string help,
    std::vector<std::string> words, std::function<void(size_t)> set) {
  return {
      std::move(name), std::move(argument), std::move(help),
      [words = std::move(words), set = std::move(set)](std::string_view word) {
        const auto found = std::find(words.begin(), words.end(), word);
        if (found != words.end()) {
          set(static_cast<size_t>(found - words.begin()));
          return Status::Ok();
        }
        std::string known;
        for (const std::string& one : words) {
          known += (known.empty() ? "" : ", ") + one;
        }
        return Status::InvalidArgument(
            "'" + EscapeBytes(word) + "' is none of " + known);
      }};
}

int RunShell(int argc, char** argv, const ShellSpec& spec) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> words(argv + 1, argv + argc);
  return Program(spec).Run(words);
}

}  // namespace kv::shell
