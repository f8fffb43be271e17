#include "common/tool/help.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include <fmt/format.h>

namespace kv::tool {
namespace {

constexpr const char* kIntroduction =
    "A database in ten stages: read one, write its heart yourself, test it, "
    "and compare it with the next.";

constexpr const char* kFooter =
    "New here?\n"
    "  wb tour             watch the stages at work, nothing to know before\n"
    "  wb start 01         make your own folder, with the starter of stage 01\n"
    "  wb test 01          run its tests, exercise by exercise\n"
    "  wb hint 1.1         a first nudge\n"
    "\n"
    "NN is a stage or a part of one (01, 07a); N.M is an exercise (1.2).\n"
    "wb COMMAND --help says more.\n";

// Prints each command with its example under it.
class TeachingFormatter : public CLI::Formatter {
 public:
  explicit TeachingFormatter(const Terminal& terminal) : terminal_(terminal) {}

  // The kind of value, but for switches; nothing of what the parser knows
  // beyond that.
  std::string make_option_opts(const CLI::Option* option) const override {
    const bool has_value =
        option->get_type_size() != 0 && !option->get_positional();
    return has_value ? " " + option->get_type_name() : "";
  }

  // Wrapped: the parser's own formatter indents the lines that follow.
  std::string make_option_desc(const CLI::Option* option) const override {
    const size_t taken = get_column_width();
    const Terminal narrow = Terminal::Plain(
        terminal_.width() > taken + 20 ? terminal_.width() - taken : 20);
    std::string text = narrow.Wrap(option->get_description());
    if (!text.empty()) text.pop_back();
    return text;
  }

  std::string make_subcommand(const CLI::App* command) const override {
    std::string text = fmt::format(
        "  {}{}\n", terminal_.Bold(fmt::format("{:<10}", command->get_name())),
        command->get_description());
    const std::string example = command->get_footer();
    const size_t line = example.find_last_of('\n');
    text += fmt::format(
        "            {}\n",
        terminal_.Dim(
            line == std::string::npos ? example : example.substr(line + 1)));
    return text;
  }

 private:
  const Terminal& terminal_;
};

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min(
          {above + 1, row[j - 1] + 1,
           diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void SetUpHelp(CLI::App& app, Context& context) {
  app.name("wb");
  app.description(kIntroduction);
  app.footer(kFooter);
  app.formatter(std::make_shared<TeachingFormatter>(context.terminal()));
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_flag_function(
      "--json", [&context](int64_t) { context.set_json(true); },
      "Print results as JSON where a command has them");
  app.add_flag_function(
      "--no-color",
      [&context](int64_t) { context.terminal().set_colour(false); },
      "Plain text, as with NO_COLOR set");
  // Without a command: the help.
  app.callback([&app] {
    if (app.get_subcommands().empty()) {
      throw CLI::CallForHelp();
    }
  });
}

namespace {

// The name at the front of "NAME: what is wrong".
std::string Subject(const std::string& text) {
  return text.substr(0, text.find_first_of(": "));
}

// What the parser did not expect: the last word of its complaint.
std::string LastWord(const std::string& text) {
  return text.substr(text.find_last_of(' ') + 1);
}

std::string ExplainExtra(const CLI::App* command, const std::string& word) {
  if (word.substr(0, 1) != "-") {
    return fmt::format("'{}' is one word too many.", word);
  }
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options()) {
    if (!option->get_positional()) known.push_back(option->get_name());
  }
  const std::string nearest = Nearest(word.substr(0, word.find('=')), known);
  return fmt::format("there is no option '{}'.", word) +
      (nearest.empty() ? "" : fmt::format(" Did you mean '{}'?", nearest));
}

// The parser's complaint as a sentence.
std::string Explain(const CLI::App* command, const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return Subject(text) + " wants a value.";
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    return fmt::format(
        "{} and {} do not go together.", Subject(text), LastWord(text));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return ExplainExtra(command, LastWord(text));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return Subject(text) + " is missing.";
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    const size_t name = text.find("--");
    return fmt::format(
        "{} wants a number, not '{}'.",
        name == std::string::npos ? "it" : Subject(text.substr(name)),
        LastWord(text));
  }
  return text;
}

}  // namespace

int ExplainParseError(
    const CLI::App& app, Context& context, const CLI::ParseError& error,
    int argc, char** argv) {
  if (error.get_exit_code() == 0) {
    app.exit(error);  // prints the help of the command that was asked about
    return 0;
  }
  std::string text = Explain(&app, error);
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  const auto is_name = [&names](std::string_view word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.substr(0, 1) == "-") {
      continue;
    }
    if (is_name(word)) {
      text = Explain(app.get_subcommand(std::string(word)), error);
      text += fmt::format("\n  See: wb {} --help", word);
    } else {
      text = fmt::format("there is no command '{}'.", word);
      const std::string nearest = Nearest(word, names);
      text += nearest.empty() ? " 'wb --help' lists them."
                              : fmt::format(" Did you mean 'wb {}'?", nearest);
    }
    break;
  }
  PrintError(context.terminal(), Status::InvalidArgument(text));
  return 2;
}

std::string Nearest(
    std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  // Of a short word little may differ, or everything is near.
  const size_t distance_max =
      word.size() <= 3 ? 1 : std::max<size_t>(2, word.size() / 2);
  size_t best_distance = distance_max + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace kv::tool
