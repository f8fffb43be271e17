#include "common/base/exercise.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace kv {
namespace {

std::string Explain(const std::string& id, const std::string& place) {
  return "exercise " + id + " is not written yet" +
      (place.empty() ? "" : " (" + place + ")") + ": see section 'Exercise " +
      id + "' of the chapter, or run 'wb hint " + id + "'";
}

// "Find, index/hash_table.cc:40": the file with the folder that it is in.
std::string PlaceOf(const char* function, const std::string& file, int line) {
  size_t begin = file.rfind('/');
  if (begin != std::string::npos && begin > 0) {
    begin = file.rfind('/', begin - 1);
  }
  return std::string(function) + ", " +
      (begin == std::string::npos ? file : file.substr(begin + 1)) + ":" +
      std::to_string(line);
}

// The text outlives the exception, for a terminate that is called without one.
std::string& LastTodo() {
  static std::string text;
  return text;
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
    text = LastTodo();
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

ExerciseTodoError::ExerciseTodoError(
    const std::string& id, const std::string& place)
    : std::logic_error(Explain(id, place)), id_(id) {}

void ExerciseTodo(
    const char* id, const char* function, const char* file, int line) {
  const ExerciseTodoError error(id, PlaceOf(function, file, line));
  LastTodo() = error.what();
  throw error;
}

void InstallExerciseTerminateHandler() {
  std::set_terminate(&OnTerminate);
}

}  // namespace kv
