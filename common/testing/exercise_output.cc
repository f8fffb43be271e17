#include "common/testing/exercise_output.h"

#include <string>

#include "common/base/exercise.h"

namespace kv::testing {

void ThrowIfExerciseTodo(std::string_view output) {
  constexpr std::string_view kBefore = "exercise ";
  constexpr std::string_view kAfter = " is not written yet";
  const size_t after = output.find(kAfter);
  if (after == std::string_view::npos) {
    return;
  }
  const size_t before = output.rfind(kBefore, after);
  if (before == std::string_view::npos) {
    return;
  }
  const size_t begin = before + kBefore.size();
  throw ExerciseTodoError(std::string(output.substr(begin, after - begin)));
}

}  // namespace kv::testing
