#pragma once

// The fields of a JSON object, read one by one.
//
// Contract: read every field that may be there, then ask Done: what was not
//   read does not belong there, so that a misspelt field is found.
// Errors: the first one is kept; readers return an empty value where there is
//   one, and Done tells it.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/status.h"

namespace kv::tool {

class JsonFields {
 public:
  /// `object` must outlive this; `where` begins every error.
  JsonFields(const nlohmann::json& object, std::string where);

  std::string Text(const char* name, bool required = true);
  double Number(const char* name, bool required = true);
  int Integer(const char* name, bool required = true);
  bool Boolean(const char* name);
  /// Texts that are not empty, none of them twice.
  std::vector<std::string> Texts(const char* name, bool required = true);
  /// Null if it is missing or no list.
  const nlohmann::json* List(const char* name);

  /// Adds an error; an empty name stands for the object itself.
  void Fail(const std::string& name, const std::string& what);
  /// Corruption with the first error.
  Status Done();

 private:
  const nlohmann::json* Find(const char* name, bool required);

  const nlohmann::json& object_;
  const std::string where_;
  std::set<std::string> known_;
  std::string error_;
};

}  // namespace kv::tool
