// Goal: an iterator whose database was written since says so, and does not
// give a mixture of before and after.
// Method: each kind of write under an iterator in the middle of the keys.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

std::unique_ptr<Iterator> IteratorOf(Database& db) {
  Result<std::unique_ptr<Iterator>> iterator = db.NewIterator();
  MustBeOk(iterator.status(), "NewIterator");
  return std::move(iterator).value();
}

TEST(IteratorValidityTest, AWriteEndsIt) {
  using Write = std::function<void(Database&)>;
  const std::vector<std::pair<std::string, Write>> writes = {
      {"a put of its key", [](Database& db) { Put(db, "b", "newer"); }},
      {"a put of a new key", [](Database& db) { Put(db, "z", "new"); }},
      {"a delete of its key", [](Database& db) { Delete(db, "b"); }},
      {"a delete of the next key", [](Database& db) { Delete(db, "c"); }},
      {"a rename", [](Database& db) { Rename(db, "a", "z"); }},
      {"a batch",
       [](Database& db) {
         WriteBatch batch;
         batch.Put("c", "newer");
         batch.Delete("a");
         kv::Write(db, batch);
       }},
  };
  for (const auto& [name, write] : writes) {
    auto db = OpenEmpty();
    for (const char* key : {"a", "b", "c"}) Put(*db, key, "value");
    auto iterator = IteratorOf(*db);
    iterator->Seek("b");
    ASSERT_TRUE(iterator->Valid());
    write(*db);
    EXPECT_FALSE(iterator->Valid()) << "after " << name;
    EXPECT_TRUE(Fails(iterator->GetStatus(), StatusCode::kAborted))
        << "after " << name << ": the end of the entries would be Ok";
    auto fresh = IteratorOf(*db);
    fresh->SeekToFirst();
    EXPECT_TRUE(fresh->Valid())
        << "an iterator made after " << name << " is valid";
  }
}

}  // namespace
}  // namespace kv
