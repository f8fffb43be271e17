#include "common/base/exercise.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace kv {
namespace {

std::string Explain(const std::string& id) {
  return "exercise " + id + " is not written yet: see section 'Exercise " + id +
      "' of the chapter, or run 'wb hint " + id + "'";
}

// The id outlives the exception, for a terminate that is called without one.
std::string& LastTodo() {
  static std::string id;
  return id;
}

[[noreturn]] void OnTerminate() {
  std::string text = "terminate called";
  bool is_todo = false;
  if (std::exception_ptr current = std::current_exception()) {
    try {
      std::rethrow_exception(current);
    } catch (const ExerciseTodoError& error) {
      text = error.what();
      is_todo = true;
    } catch (const std::exception& error) {
      text = std::string("uncaught exception: ") + error.what();
    } catch (...) {
      text = "uncaught exception of an unknown type";
    }
  } else if (!LastTodo().empty()) {
    text = Explain(LastTodo());
    is_todo = true;
  }
  std::fprintf(stderr, "%s\n", text.c_str());
  std::fflush(nullptr);
  if (is_todo) {
    std::_Exit(kExerciseTodoExitCode);
  }
  std::abort();
}

}  // namespace

ExerciseTodoError::ExerciseTodoError(const std::string& id)
    : std::logic_error(Explain(id)), id_(id) {}

void ExerciseTodo(const char* id) {
  LastTodo() = id;
  throw ExerciseTodoError(id);
}

void InstallExerciseTerminateHandler() {
  std::set_terminate(&OnTerminate);
}

}  // namespace kv
