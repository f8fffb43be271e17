#include "kv/write_batch.h"

#include "common/base/check.h"

namespace kv {

void WriteBatch::Put(std::string_view key, std::string_view value) {
  entries_.push_back({Kind::kPut, payload_.size(), key.size(), value.size()});
  payload_.append(key);
  payload_.append(value);
}

void WriteBatch::Delete(std::string_view key) {
  entries_.push_back({Kind::kDelete, payload_.size(), key.size(), 0});
  payload_.append(key);
}

void WriteBatch::Clear() {
  payload_.clear();
  entries_.clear();
}

WriteBatch::Operation WriteBatch::At(size_t index) const {
  KV_CHECK(index < entries_.size(), "an operation that the batch has");
  const Entry& entry = entries_[index];
  const std::string_view payload = payload_;
  return {
      entry.kind,
      payload.substr(entry.offset, entry.key_bytes),
      payload.substr(entry.offset + entry.key_bytes, entry.value_bytes),
  };
}

}  // namespace kv
