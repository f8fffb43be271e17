#pragma once

// The key under which the engine keeps one version of a value.
//
// Every put and every delete makes a version of its own; none is changed. The
// order puts the versions of a key together, the newest first: so a search for
// (key, sequence) ends at the newest version that is not above the sequence.
// Ownership: an InternalKey is a view of the user key.
// Format: on disk the space stands before the user key, as one byte: the two
//   together are the stored key. See docs/format/table.md.

#include <cstdint>
#include <string>
#include <string_view>

#include "kv/record_kind.h"
#include "kv/sequence_number.h"

namespace kv {

/// Who a key belongs to. The calls of a Database use kUser and never see the
/// others. On disk: append-only, 0 is reserved.
enum class KeySpace : uint8_t {
  kUser = 1,
  kDocument = 2,
  kIndex = 3,
  kCluster = 4,
};

struct InternalKey {
  KeySpace space = KeySpace::kUser;
  std::string_view user_key;
  uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
};

/// Less than, equal to or greater than 0 as `a` stands before, at or behind
/// `b`: by space, then by user key as unsigned bytes, then the higher sequence
/// first.
int Compare(const InternalKey& a, const InternalKey& b);

/// Whether both are versions of one key.
bool IsSameKey(const InternalKey& a, const InternalKey& b);

/// Appends the stored key.
void PutStoredKey(
    std::string* output, KeySpace space, std::string_view user_key);

/// Sets space and user key, a view into `stored`. False if the bytes are no
/// stored key.
[[nodiscard]] bool GetStoredKey(std::string_view stored, InternalKey* key);

}  // namespace kv
