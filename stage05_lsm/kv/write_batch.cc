#include "kv/write_batch.h"

#include "common/base/check.h"
#include "kv/coding.h"

namespace kv {

void WriteBatch::Put(std::string_view key, std::string_view value) {
  payload_.push_back(static_cast<char>(Kind::kPut));
  PutVarint32(&payload_, static_cast<uint32_t>(key.size()));
  PutVarint32(&payload_, static_cast<uint32_t>(value.size()));
  entries_.push_back({Kind::kPut, payload_.size(), key.size(), value.size()});
  payload_.append(key);
  payload_.append(value);
}

void WriteBatch::Delete(std::string_view key) {
  payload_.push_back(static_cast<char>(Kind::kDelete));
  PutVarint32(&payload_, static_cast<uint32_t>(key.size()));
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

Result<bool> BatchReader::Next(WriteBatch::Operation* operation) {
  if (rest_.empty()) {
    return false;
  }
  const auto kind = static_cast<WriteBatch::Kind>(rest_.front());
  rest_.remove_prefix(1);
  uint32_t key_bytes = 0;
  uint32_t value_bytes = 0;
  bool whole = false;
  switch (kind) {
    case WriteBatch::Kind::kPut:
      whole =
          GetVarint32(&rest_, &key_bytes) && GetVarint32(&rest_, &value_bytes);
      break;
    case WriteBatch::Kind::kDelete:
      whole = GetVarint32(&rest_, &key_bytes);
      break;
  }
  const uint64_t bytes = uint64_t{key_bytes} + value_bytes;
  if (!whole || bytes > rest_.size()) {
    return Status::Corruption("the bytes of a batch are no operation");
  }
  operation->kind = kind;
  operation->key = rest_.substr(0, key_bytes);
  operation->value = rest_.substr(key_bytes, value_bytes);
  rest_.remove_prefix(static_cast<size_t>(bytes));
  return true;
}

}  // namespace kv
