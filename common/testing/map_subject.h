#pragma once

// A Subject over std::map that is right by its simplicity: what the testing
// tools are themselves tested with, as it is and with planted faults.
//
// A path makes it persistent in a MapDisk, which stands for a directory.
// Faults are planted by overriding a member.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/subject.h"

namespace kv::testing {

using MapDisk = std::map<std::string, std::string>;

class MapSubject : public Subject {
 public:
  MapSubject(const SubjectOptions& options, std::shared_ptr<MapDisk> disk)
      : options_(options), map_(std::move(disk)) {
    if (map_ == nullptr) map_ = std::make_shared<MapDisk>();
  }

  Status Put(
      std::string_view key, std::string_view value, WriteMode mode) override {
    return Write(
        {{BatchOperation::Kind::kPut, std::string(key), std::string(value)}},
        mode);
  }

  Status Delete(std::string_view key, WriteMode mode) override {
    return Write({{BatchOperation::Kind::kDelete, std::string(key), ""}}, mode);
  }

  Status Write(const std::vector<BatchOperation>& batch, WriteMode) override {
    for (const BatchOperation& operation : batch) {
      KV_RETURN_IF_ERROR(Check(operation));
    }
    for (const BatchOperation& operation : batch) Apply(operation);
    return Status::Ok();
  }

  Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) override {
    KV_ASSIGN_OR_RETURN(const std::string value, MapSubject::Get(from));
    if (from == to) return Status::Ok();
    return Write(
        {
            {BatchOperation::Kind::kDelete, std::string(from), ""},
            {BatchOperation::Kind::kPut, std::string(to), value},
        },
        mode);
  }

  Result<std::string> Get(std::string_view key) override {
    const auto found = map_->find(std::string(key));
    if (found == map_->end()) return Status::NotFound();
    return found->second;
  }

  Result<bool> Exists(std::string_view key) override {
    return map_->count(std::string(key)) > 0;
  }

  std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string>& keys) override {
    std::vector<Result<std::string>> results;
    for (const std::string& key : keys) results.push_back(MapSubject::Get(key));
    return results;
  }

  Result<std::vector<std::string>> Keys(std::string_view prefix) override {
    std::vector<std::string> keys;
    for (auto at = map_->lower_bound(std::string(prefix));
         at != map_->end() && at->first.compare(0, prefix.size(), prefix) == 0;
         ++at) {
      keys.push_back(at->first);
    }
    return keys;
  }

  Result<uint64_t> EstimatedKeys() override { return map_->size(); }

  Result<std::vector<std::pair<std::string, std::string>>> Scan(
      std::string_view start, std::string_view end) override {
    std::vector<std::pair<std::string, std::string>> entries;
    for (auto at = map_->lower_bound(std::string(start));
         at != map_->end() && (end.empty() || at->first < end); ++at) {
      entries.emplace_back(at->first, at->second);
    }
    return entries;
  }

  Status Sync() override { return Status::Ok(); }
  Status Close() override { return Status::Ok(); }

 protected:
  Status Check(const BatchOperation& operation) const {
    if (operation.key.size() > options_.key_bytes_max) {
      return Status::InvalidArgument("the key is too long");
    }
    if (operation.value.size() > options_.value_bytes_max) {
      return Status::InvalidArgument("the value is too long");
    }
    return Status::Ok();
  }

  virtual void Apply(const BatchOperation& operation) {
    switch (operation.kind) {
      case BatchOperation::Kind::kPut:
        (*map_)[operation.key] = operation.value;
        break;
      case BatchOperation::Kind::kDelete:
        map_->erase(operation.key);
        break;
    }
  }

  MapDisk& map() { return *map_; }
  const SubjectOptions& options() const { return options_; }

 private:
  const SubjectOptions options_;
  std::shared_ptr<MapDisk> map_;
};

}  // namespace kv::testing
