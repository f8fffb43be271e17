#pragma once

// Lets a test of a real program say which exercise the program waits for.

#include <string_view>

namespace kv::testing {

/// Throws ExerciseTodoError if `output`, of a program that was run, says that
/// an exercise is not written yet.
void ThrowIfExerciseTodo(std::string_view output);

}  // namespace kv::testing
