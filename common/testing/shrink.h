#pragma once

// Makes a failing list smaller by leaving parts out (delta debugging).
//
// Limits: at most `budget` calls of `fails`; the smallest list found by then
//   is returned. Without the limit, the result fails, and no single element
//   can be left out of it.
// Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing
//   Input, section 3; complements only, from half of the list down to single
//   elements.

#include <cstddef>
#include <functional>
#include <vector>

namespace kv::testing {

/// `list` must fail. `*budget` is reduced by the calls made.
template <typename T>
std::vector<T> ShrinkList(
    std::vector<T> list,
    const std::function<bool(const std::vector<T>&)>& fails, size_t* budget) {
  size_t part = (list.size() + 1) / 2;
  while (part > 0 && !list.empty()) {
    bool smaller = false;
    // From the end: later operations depend on earlier ones.
    for (size_t end = list.size(); end > 0;) {
      const size_t begin = end > part ? end - part : 0;
      if (*budget == 0) return list;
      --*budget;
      std::vector<T> without(
          list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
      without.insert(
          without.end(), list.begin() + static_cast<std::ptrdiff_t>(end),
          list.end());
      if (fails(without)) {
        list = std::move(without);
        smaller = true;
      }
      end = begin;
    }
    if (part == 1 && !smaller) break;
    if (part > 1) part = (part + 1) / 2;
  }
  return list;
}

}  // namespace kv::testing
