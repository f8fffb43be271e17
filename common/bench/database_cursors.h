#pragma once

// The entries of a kv::Database one after another: by its iterators where it
// has them, else by a list of its keys.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/bench/store.h"

namespace kv::bench {

/// Lists the keys at the first Next, then gets one after another.
template <typename Database>
class KeysCursor : public Cursor {
 public:
  explicit KeysCursor(Database* database) : database_(database) {}

  Status Next(std::string* value) override {
    if (!listed_) {
      KV_ASSIGN_OR_RETURN(keys_, database_->Keys());
      listed_ = true;
    }
    if (next_ == keys_.size()) return Status::NotFound();
    return database_->GetInto(keys_[next_++], value);
  }

 private:
  Database* const database_;
  std::vector<std::string> keys_;
  size_t next_ = 0;
  bool listed_ = false;
};

template <typename Iterator>
class IteratorCursor : public Cursor {
 public:
  IteratorCursor(std::unique_ptr<Iterator> iterator, std::string_view start)
      : iterator_(std::move(iterator)) {
    iterator_->Seek(start);
  }

  Status Next(std::string* value) override {
    if (!iterator_->Valid()) {
      KV_RETURN_IF_ERROR(iterator_->GetStatus());
      return Status::NotFound();
    }
    value->assign(iterator_->Value());
    iterator_->Next();
    return Status::Ok();
  }

 private:
  const std::unique_ptr<Iterator> iterator_;
};

template <typename Database>
inline constexpr bool kHasIterators = requires(Database database) {
  database.NewIterator();
};

/// Null where the database cannot begin at `start`. The database must outlive
/// the cursor.
template <typename Database>
std::unique_ptr<Cursor> NewDatabaseCursor(
    Database* database, std::string_view start) {
  if constexpr (kHasIterators<Database>) {
    auto made = database->NewIterator();
    KV_CHECK(made.ok(), "an open database makes an iterator");
    using Iterator = typename std::decay_t<decltype(*made)>::element_type;
    return std::make_unique<IteratorCursor<Iterator>>(
        std::move(made).value(), start);
  } else {
    if (!start.empty()) return nullptr;
    return std::make_unique<KeysCursor<Database>>(database);
  }
}

}  // namespace kv::bench
