#include "app/kv_inspect/field_cutter.h"

#include <algorithm>
#include <iostream>
#include <utility>

namespace kv {

void FieldCutter::Add(size_t size, std::string meaning) {
  const size_t taken = std::min(size, rest_.size());
  // What a file that is too short has not is not there to be explained.
  if (taken == 0 && size > 0) return;
  fields_.push_back({rest_.substr(0, taken), std::move(meaning)});
  rest_.remove_prefix(taken);
}

void FieldCutter::AddNumber(size_t size, std::string_view name) {
  const uint64_t number = shell::LittleEndian(rest_.substr(0, size));
  Add(size, std::string(name) + " " + std::to_string(number));
}

void FieldCutter::Print(uint64_t offset) const {
  shell::PrintFields(offset, fields_, kFieldBytesMax, std::cout);
}

void PrintBytes(uint64_t offset, std::string_view bytes, std::string meaning) {
  shell::PrintFields(
      offset, {{bytes, std::move(meaning)}}, kFieldBytesMax, std::cout);
}

}  // namespace kv
