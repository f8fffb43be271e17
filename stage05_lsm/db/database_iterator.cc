#include "db/database_iterator.h"

#include <utility>
#include <vector>

#include "common/base/check.h"
#include "table/merging_iterator.h"

namespace kv {
namespace {

std::unique_ptr<InternalIterator> NewVersionIterator(const ReadView& view) {
  std::vector<std::unique_ptr<InternalIterator>> children;
  children.push_back(view.memtable->NewIterator());
  if (view.immutable != nullptr) {
    children.push_back(view.immutable->NewIterator());
  }
  for (const Version::Table& table : view.version->tables) {
    children.push_back(table.reader->NewIterator());
  }
  return NewMergingIterator(std::move(children));
}

// Behind every user key, and before every key of another space.
InternalKey EndOfUserKeys() {
  InternalKey end;
  end.space = static_cast<KeySpace>(static_cast<uint8_t>(KeySpace::kUser) + 1);
  end.sequence = kSequenceMax;
  return end;
}

}  // namespace

DatabaseIterator::DatabaseIterator(ReadView view, uint64_t sequence)
    : view_(std::move(view)),
      sequence_(sequence),
      versions_(NewVersionIterator(view_)) {}

void DatabaseIterator::SeekToFirst() {
  Seek({});
}

void DatabaseIterator::Seek(std::string_view target) {
  versions_->Seek({KeySpace::kUser, target, sequence_});
  FindForward(false);
}

void DatabaseIterator::SeekToLast() {
  versions_->SeekForPrev(EndOfUserKeys());
  FindBackward();
}

void DatabaseIterator::SeekForPrev(std::string_view target) {
  versions_->SeekForPrev({KeySpace::kUser, target, 0});
  FindBackward();
}

void DatabaseIterator::Next() {
  KV_CHECK(valid_, "Next is called at an entry");
  if (forward_) {
    key_.assign(versions_->Key().user_key);
    versions_->Next();
  } else if (versions_->Valid()) {
    versions_->Next();
  } else {
    versions_->Seek({KeySpace::kUser, {}, kSequenceMax});
  }
  FindForward(true);
}

void DatabaseIterator::Prev() {
  KV_CHECK(valid_, "Prev is called at an entry");
  if (forward_) {
    // The key's versions before this one are too new to be shown.
    versions_->Prev();
  }
  FindBackward();
}

std::string_view DatabaseIterator::Key() const {
  KV_CHECK(valid_, "Key is called at an entry");
  return forward_ ? versions_->Key().user_key : std::string_view(key_);
}

std::string_view DatabaseIterator::Value() const {
  KV_CHECK(valid_, "Value is called at an entry");
  return forward_ ? versions_->Value() : std::string_view(value_);
}

// To the first key from here on that has a value; not to key_ if `skips_key`.
void DatabaseIterator::FindForward(bool skips_key) {
  forward_ = true;
  valid_ = false;
  for (; IsAtUserKey(); versions_->Next()) {
    const InternalKey& key = versions_->Key();
    if (key.sequence > sequence_ || (skips_key && key.user_key == key_)) {
      continue;
    }
    switch (key.kind) {
      case RecordKind::kPut:
        valid_ = true;
        return;
      case RecordKind::kDelete:
        // The older versions behind it are over.
        key_.assign(key.user_key);
        skips_key = true;
        break;
    }
  }
}

// To the last key from here back that has a value. A key's versions come oldest
// first: which one is shown is known when the key before is reached.
void DatabaseIterator::FindBackward() {
  forward_ = false;
  valid_ = false;
  for (; IsAtUserKey(); versions_->Prev()) {
    const InternalKey& key = versions_->Key();
    if (key.sequence > sequence_) {
      continue;
    }
    if (valid_ && key.user_key != key_) {
      return;
    }
    valid_ = key.kind == RecordKind::kPut;
    if (valid_) {
      key_.assign(key.user_key);
      value_.assign(versions_->Value());
    }
  }
  // Where a read failed there may be more versions.
  valid_ = valid_ && versions_->GetStatus().ok();
}

bool DatabaseIterator::IsAtUserKey() const {
  return versions_->Valid() && versions_->Key().space == KeySpace::kUser;
}

}  // namespace kv
