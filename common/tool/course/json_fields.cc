#include "common/tool/course/json_fields.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace kv::tool {

JsonFields::JsonFields(const nlohmann::json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) {
    Fail("", "must be an object");
  }
}

std::string JsonFields::Text(const char* name, bool required) {
  const nlohmann::json* value = Find(name, required);
  if (value == nullptr) {
    return "";
  }
  if (!value->is_string() || (required && value->get<std::string>() == "")) {
    Fail(name, "must be a text that is not empty");
    return "";
  }
  return value->get<std::string>();
}

double JsonFields::Number(const char* name, bool required) {
  const nlohmann::json* value = Find(name, required);
  if (value == nullptr) {
    return 0;
  }
  if (!value->is_number() || value->get<double>() < 0) {
    Fail(name, "must be a number that is not negative");
    return 0;
  }
  return value->get<double>();
}

int JsonFields::Integer(const char* name, bool required) {
  const nlohmann::json* value = Find(name, required);
  if (value == nullptr) {
    return 0;
  }
  if (!value->is_number_integer() || value->get<int64_t>() < 0 ||
      value->get<int64_t>() > 1'000'000) {
    Fail(name, "must be a whole number that is not negative");
    return 0;
  }
  return value->get<int>();
}

bool JsonFields::Boolean(const char* name) {
  const nlohmann::json* value = Find(name, true);
  if (value != nullptr && !value->is_boolean()) {
    Fail(name, "must be true or false");
    return false;
  }
  return value != nullptr && value->get<bool>();
}

std::vector<std::string> JsonFields::Texts(const char* name, bool required) {
  std::vector<std::string> texts;
  const nlohmann::json* value = Find(name, required);
  if (value == nullptr) {
    return texts;
  }
  if (!value->is_array()) {
    Fail(name, "must be a list of texts");
    return texts;
  }
  for (const nlohmann::json& item : *value) {
    if (!item.is_string() || item.get<std::string>().empty()) {
      Fail(name, "must be a list of texts that are not empty");
      return texts;
    }
    const std::string text = item.get<std::string>();
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) {
      Fail(name, fmt::format("lists '{}' twice", text));
    }
    texts.push_back(text);
  }
  return texts;
}

const nlohmann::json* JsonFields::List(const char* name) {
  const nlohmann::json* value = Find(name, true);
  if (value != nullptr && !value->is_array()) {
    Fail(name, "must be a list");
    return nullptr;
  }
  return value;
}

void JsonFields::Fail(const std::string& name, const std::string& what) {
  if (error_.empty()) {
    error_ = name.empty() ? fmt::format("{} {}", where_, what)
                          : fmt::format("{}: '{}' {}", where_, name, what);
  }
}

Status JsonFields::Done() {
  if (error_.empty() && object_.is_object()) {
    for (const auto& [name, value] : object_.items()) {
      if (known_.count(name) == 0) {
        Fail(name, "is not a field that belongs here");
      }
    }
  }
  return error_.empty() ? Status::Ok() : Status::Corruption(error_);
}

const nlohmann::json* JsonFields::Find(const char* name, bool required) {
  known_.insert(name);
  if (!object_.is_object()) {
    return nullptr;
  }
  const auto it = object_.find(name);
  if (it == object_.end()) {
    if (required) {
      Fail(name, "is missing");
    }
    return nullptr;
  }
  return &*it;
}

}  // namespace kv::tool
