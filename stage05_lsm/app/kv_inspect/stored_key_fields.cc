#include "app/kv_inspect/stored_key_fields.h"

#include <string>

#include "common/shell/annotate.h"
#include "kv/internal_key.h"

namespace kv {
namespace {

std::string_view SpaceName(KeySpace space) {
  switch (space) {
    case KeySpace::kUser:
      return "user";
    case KeySpace::kDocument:
      return "document";
    case KeySpace::kIndex:
      return "index";
    case KeySpace::kCluster:
      return "cluster";
  }
  return "unknown";
}

}  // namespace

void AddStoredKey(
    std::string_view stored, std::string_view name, FieldCutter* cutter) {
  InternalKey key;
  if (!GetStoredKey(stored, &key)) {
    cutter->Add(stored.size(), "NO KEY");
    return;
  }
  cutter->Add(1, "key space: " + std::string(SpaceName(key.space)));
  cutter->Add(
      key.user_key.size(),
      std::string(name) + " " + shell::QuotedSample(key.user_key));
}

}  // namespace kv
