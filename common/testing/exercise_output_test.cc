// Goal: a program's output names the exercise that it waits for.

#include "common/testing/exercise_output.h"

#include <gtest/gtest.h>

#include "common/base/exercise.h"

namespace kv::testing {
namespace {

TEST(ExerciseOutput, NamesTheExerciseThatIsNotWritten) {
  try {
    ThrowIfExerciseTodo(
        "ok\nerror: exercise 2.4 is not written yet: see the chapter\n");
    FAIL() << "nothing was thrown";
  } catch (const ExerciseTodoError& error) {
    EXPECT_EQ(error.id(), "2.4");
  }
}

TEST(ExerciseOutput, LetsOtherOutputPass) {
  EXPECT_NO_THROW(ThrowIfExerciseTodo("ok\n(not found)\nexercise 2.4\n"));
  EXPECT_NO_THROW(ThrowIfExerciseTodo(" is not written yet"));
}

}  // namespace
}  // namespace kv::testing
