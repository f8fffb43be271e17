#pragma once

// The keys and values of one moment, over everything that a ReadView has.
//
// Of each key's versions it shows the newest one that is not above its
// sequence number, and none if that is a delete.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "db/read_view.h"
#include "kv/internal_iterator.h"
#include "kv/iterator.h"

namespace kv {

class DatabaseIterator : public Iterator {
 public:
  DatabaseIterator(ReadView view, uint64_t sequence);

  bool Valid() const override { return valid_; }
  void SeekToFirst() override;
  void Seek(std::string_view target) override;
  void Next() override;
  std::string_view Key() const override;
  std::string_view Value() const override;
  Status GetStatus() const override { return versions_->GetStatus(); }
  void SeekToLast() override;
  void SeekForPrev(std::string_view target) override;
  void Prev() override;

 private:
  void FindForward(bool skips_key);
  void FindBackward();
  bool IsAtUserKey() const;

  const ReadView view_;  // keeps what is read alive
  const uint64_t sequence_;
  const std::unique_ptr<InternalIterator> versions_;
  bool valid_ = false;
  // Forward, versions_ stands at the version that is shown. Backward, it stands
  // before all versions of the key that is shown, which key_ and value_ hold.
  bool forward_ = true;
  std::string key_;
  std::string value_;
};

}  // namespace kv
