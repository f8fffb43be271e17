#include "kv/internal_key.h"

namespace kv {

int Compare(const InternalKey& a, const InternalKey& b) {
  if (a.space != b.space) {
    return a.space < b.space ? -1 : 1;
  }
  const int order = a.user_key.compare(b.user_key);
  if (order != 0) {
    return order;
  }
  if (a.sequence == b.sequence) {
    return 0;
  }
  return a.sequence > b.sequence ? -1 : 1;
}

bool IsSameKey(const InternalKey& a, const InternalKey& b) {
  return a.space == b.space && a.user_key == b.user_key;
}

void PutStoredKey(
    std::string* output, KeySpace space, std::string_view user_key) {
  output->push_back(static_cast<char>(space));
  output->append(user_key);
}

bool GetStoredKey(std::string_view stored, InternalKey* key) {
  if (stored.empty()) {
    return false;
  }
  const auto space = static_cast<KeySpace>(stored.front());
  switch (space) {
    case KeySpace::kUser:
    case KeySpace::kDocument:
    case KeySpace::kIndex:
    case KeySpace::kCluster:
      key->space = space;
      key->user_key = stored.substr(1);
      return true;
  }
  return false;
}

}  // namespace kv
