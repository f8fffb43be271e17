#pragma once

// What stands in a starter where a function is still to be written.

#include <stdexcept>
#include <string>

namespace kv {

/// The exit code of a test program that ended in an unsolved exercise where
/// no exception could be caught (a destructor, a noexcept function, a thread).
inline constexpr int kExerciseTodoExitCode = 86;

/// Thrown by ExerciseTodo. what() names the exercise and its chapter section.
class ExerciseTodoError : public std::logic_error {
 public:
  /// `place` ("Find, index/hash_table.cc:40") may be empty.
  explicit ExerciseTodoError(
      const std::string& id, const std::string& place = "");
  const std::string& id() const { return id_; }

 private:
  std::string id_;
};

/// Reports that exercise `id` ("5.2") is still to be written, and throws
/// ExerciseTodoError. The rest says where the call stands.
[[noreturn]] void ExerciseTodo(
    const char* id, const char* function = __builtin_FUNCTION(),
    const char* file = __builtin_FILE(), int line = __builtin_LINE());

/// Makes std::terminate print the unsolved exercise and exit with
/// kExerciseTodoExitCode when an ExerciseTodoError is what ended the program.
/// Called once by the tests' main.
void InstallExerciseTerminateHandler();

}  // namespace kv
