#include "common/shell/line_reader.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

#include "common/base/check.h"

#ifdef KV_HAVE_LIBEDIT
#include <editline/readline.h>

#include <clocale>
#endif

namespace kv::shell {
namespace {

class StreamReader : public LineReader {
 public:
  // `prompt_out` is null if there are no prompts.
  StreamReader(std::istream* in, std::ostream* prompt_out)
      : in_(in), prompt_out_(prompt_out) {}

  std::optional<std::string> ReadLine(const std::string& prompt) override {
    if (prompt_out_ != nullptr) {
      *prompt_out_ << prompt << std::flush;
    }
    std::string line;
    if (!std::getline(*in_, line)) {
      return std::nullopt;
    }
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    return line;
  }

 private:
  std::istream* in_;
  std::ostream* prompt_out_;
};

#ifdef KV_HAVE_LIBEDIT

constexpr int kHistoryLinesMax = 1000;

// libedit calls back through plain function pointers, so that what they need
// must be reachable without an object.
Completer* active_completer = nullptr;

char* CopyForLibedit(const std::string& text) {
  return strdup(text.c_str());  // libedit frees it
}

// Called with state 0, then with others, until it returns null.
char* NextCompletion(const char* text, int state) {
  static std::vector<std::string> names;
  static size_t next = 0;
  if (state == 0) {
    names = (*active_completer)(text);
    next = 0;
  }
  return next < names.size() ? CopyForLibedit(names[next++]) : nullptr;
}

char** Complete(const char* text, int start, int) {
  rl_attempted_completion_over = 1;  // never file names
  const std::string_view before(rl_line_buffer, static_cast<size_t>(start));
  // Only a command's name, and the name after "help".
  const bool is_name = before.find_first_not_of(' ') == std::string_view::npos;
  if (!is_name && before != "help ") {
    return nullptr;
  }
  return rl_completion_matches(text, NextCompletion);
}

char* NoCompletion(const char*, int) {
  return nullptr;
}

class LibeditReader : public LineReader {
 public:
  LibeditReader(std::string history_file, Completer completer)
      : history_file_(std::move(history_file)),
        completer_(std::move(completer)) {
    KV_CHECK(active_completer == nullptr, "one terminal reader at a time");
    active_completer = &completer_;
    std::setlocale(LC_CTYPE, "");  // letters that are several bytes
    rl_readline_name = "kv_shell";
    rl_attempted_completion_function = Complete;
    rl_completion_entry_function = NoCompletion;
    using_history();
    stifle_history(kHistoryLinesMax);
    if (!history_file_.empty()) {
      std::error_code ignored;  // without a history the shell works as well
      std::filesystem::create_directories(
          std::filesystem::path(history_file_).parent_path(), ignored);
      read_history(history_file_.c_str());
    }
  }

  ~LibeditReader() override { active_completer = nullptr; }

  std::optional<std::string> ReadLine(const std::string& prompt) override {
    char* text = readline(prompt.c_str());
    if (text == nullptr) {
      std::cout << std::endl;  // what follows Ctrl-D stands on its own line
      return std::nullopt;
    }
    std::string line(text);
    std::free(text);
    if (!line.empty() && line != last_line_) {
      add_history(line.c_str());
      last_line_ = line;
      if (!history_file_.empty()) {
        // After each line, so that Ctrl-C loses nothing.
        write_history(history_file_.c_str());
      }
    }
    return line;
  }

 private:
  const std::string history_file_;
  Completer completer_;
  std::string last_line_;
};

#endif

}  // namespace

std::unique_ptr<LineReader> NewPipeReader(std::istream* in) {
  return std::make_unique<StreamReader>(in, nullptr);
}

std::unique_ptr<LineReader> NewPlainReader(
    std::istream* in, std::ostream* out) {
  return std::make_unique<StreamReader>(in, out);
}

std::unique_ptr<LineReader> NewTerminalReader(
    std::string history_file, Completer completer) {
#ifdef KV_HAVE_LIBEDIT
  return std::make_unique<LibeditReader>(
      std::move(history_file), std::move(completer));
#else
  static_cast<void>(history_file);
  static_cast<void>(completer);
  return NewPlainReader(&std::cin, &std::cout);
#endif
}

std::string DefaultHistoryFile(std::string_view name) {
  const char* state_home = std::getenv("XDG_STATE_HOME");
  // The XDG specification has relative paths ignored.
  if (state_home != nullptr && state_home[0] == '/') {
    return std::string(state_home) + "/" + std::string(name);
  }
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] != '\0') {
    return std::string(home) + "/.local/state/" + std::string(name);
  }
  return "";
}

}  // namespace kv::shell
