// Goal: many sorted sequences are one, in both directions, wherever the
// direction changes; and an error of one is an error of the whole.
// Method: entries dealt at random to children, and a random walk over them that
// is compared with one over a std::map of all.

#include "table/merging_iterator.h"

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

// A key that owns its bytes.
struct Version {
  KeySpace space = KeySpace::kUser;
  std::string user_key;
  uint64_t sequence = 0;

  InternalKey Key() const {
    return {space, user_key, sequence, RecordKind::kPut};
  }
  bool operator<(const Version& other) const {
    return Compare(Key(), other.Key()) < 0;
  }
};

using Entries = std::map<Version, std::string>;

// Over a map; it copies key and value into buffers that every move overwrites,
// so that a view that is kept too long is seen. Fails at an entry, if it is
// told to.
class MapIterator : public InternalIterator {
 public:
  explicit MapIterator(Entries entries)
      : entries_(std::move(entries)), position_(entries_.end()) {}

  void FailAt(const Version& version) { bad_ = version; }
  void BeWell() { bad_.reset(); }

  bool Valid() const override { return valid_; }
  void SeekToFirst() override { MoveTo(entries_.begin()); }
  void SeekToLast() override { MoveBefore(entries_.end()); }
  void Seek(const InternalKey& target) override {
    MoveTo(entries_.lower_bound(Owned(target)));
  }
  void SeekForPrev(const InternalKey& target) override {
    MoveBefore(entries_.upper_bound(Owned(target)));
  }
  void Next() override {
    ASSERT_TRUE(valid_);
    MoveTo(std::next(position_));
  }
  void Prev() override {
    ASSERT_TRUE(valid_);
    MoveBefore(position_);
  }
  const InternalKey& Key() const override {
    EXPECT_TRUE(valid_);
    return key_;
  }
  std::string_view Value() const override {
    EXPECT_TRUE(valid_);
    return value_;
  }
  Status GetStatus() const override { return status_; }

 private:
  static Version Owned(const InternalKey& key) {
    return {key.space, std::string(key.user_key), key.sequence};
  }

  void MoveBefore(Entries::iterator position) {
    MoveTo(position == entries_.begin() ? entries_.end() : std::prev(position));
  }

  void MoveTo(Entries::iterator position) {
    position_ = position;
    status_ = Status::Ok();
    valid_ = position != entries_.end();
    user_key_.assign(user_key_.size(), '#');
    value_.assign(value_.size(), '#');
    if (!valid_) return;
    if (bad_ && Compare(bad_->Key(), position->first.Key()) == 0) {
      valid_ = false;
      status_ = Status::Corruption("the child's error");
      return;
    }
    user_key_ = position->first.user_key;
    value_ = position->second;
    key_ = position->first.Key();
    key_.user_key = user_key_;
  }

  Entries entries_;
  Entries::iterator position_;
  std::optional<Version> bad_;
  bool valid_ = false;
  Status status_;
  std::string user_key_;
  std::string value_;
  InternalKey key_;
};

// Children with these entries, and a way to reach them afterwards.
struct Merged {
  explicit Merged(const std::vector<Entries>& parts) {
    std::vector<std::unique_ptr<InternalIterator>> iterators;
    for (const Entries& part : parts) {
      auto child = std::make_unique<MapIterator>(part);
      children.push_back(child.get());
      iterators.push_back(std::move(child));
    }
    iterator = NewMergingIterator(std::move(iterators));
  }

  std::vector<MapIterator*> children;
  std::unique_ptr<InternalIterator> iterator;
};

Entries Part(std::string_view user_keys) {
  Entries entries;
  for (const char c : user_keys) {
    const std::string user_key(1, c);
    entries[{KeySpace::kUser, user_key, 1}] = "value of " + user_key;
  }
  return entries;
}

InternalKey KeyOf(std::string_view user_key) {
  return {KeySpace::kUser, user_key, 1, RecordKind::kPut};
}

// The user key where the iterator is, or why it is nowhere.
std::string Where(const InternalIterator& iterator) {
  if (iterator.Valid()) return std::string(iterator.Key().user_key);
  return iterator.GetStatus().ok() ? "(end)" : "(error)";
}

TEST(MergingIteratorTest, OfNothingThereIsNothing) {
  for (const size_t parts : std::vector<size_t>{0, 1, 2, 3}) {
    Merged merged{std::vector<Entries>(parts)};
    EXPECT_EQ(Where(*merged.iterator), "(end)") << "a new one is at no entry";
    merged.iterator->SeekToFirst();
    EXPECT_EQ(Where(*merged.iterator), "(end)");
    merged.iterator->SeekToLast();
    EXPECT_EQ(Where(*merged.iterator), "(end)");
    merged.iterator->Seek(KeyOf("a"));
    EXPECT_EQ(Where(*merged.iterator), "(end)");
    merged.iterator->SeekForPrev(KeyOf("a"));
    EXPECT_EQ(Where(*merged.iterator), "(end)");
  }
}

TEST(MergingIteratorTest, EntriesComeInOneOrderInBothDirections) {
  Merged merged({Part("adg"), Part(""), Part("be"), Part("cfh")});
  std::string forward;
  for (merged.iterator->SeekToFirst(); merged.iterator->Valid();
       merged.iterator->Next()) {
    forward += merged.iterator->Key().user_key;
    EXPECT_EQ(
        merged.iterator->Value(),
        "value of " + std::string(merged.iterator->Key().user_key));
  }
  EXPECT_EQ(forward, "abcdefgh");
  std::string backward;
  for (merged.iterator->SeekToLast(); merged.iterator->Valid();
       merged.iterator->Prev()) {
    backward += merged.iterator->Key().user_key;
  }
  EXPECT_EQ(backward, "hgfedcba");
}

TEST(MergingIteratorTest, VersionsOfAKeyInDifferentChildrenComeNewestFirst) {
  const auto of_sequence = [](uint64_t sequence) {
    return Entries{{{KeySpace::kUser, "k", sequence}, "v"}};
  };
  Merged merged({of_sequence(3), of_sequence(20), of_sequence(7)});
  std::vector<uint64_t> sequences;
  for (merged.iterator->SeekToFirst(); merged.iterator->Valid();
       merged.iterator->Next()) {
    sequences.push_back(merged.iterator->Key().sequence);
  }
  EXPECT_EQ(sequences, (std::vector<uint64_t>{20, 7, 3}));
  merged.iterator->Seek({KeySpace::kUser, "k", 10, RecordKind::kPut});
  ASSERT_TRUE(merged.iterator->Valid());
  EXPECT_EQ(merged.iterator->Key().sequence, 7u)
      << "the newest version that is not above the target's sequence";
}

TEST(MergingIteratorTest, TheDirectionMayChangeAnywhere) {
  const std::string all = "abcdefgh";
  for (size_t at = 0; at < all.size(); ++at) {
    Merged merged({Part("adg"), Part("be"), Part("cfh")});
    InternalIterator& iterator = *merged.iterator;
    iterator.Seek(KeyOf(all.substr(at, 1)));
    ASSERT_EQ(Where(iterator), all.substr(at, 1));
    iterator.Prev();
    EXPECT_EQ(Where(iterator), at == 0 ? "(end)" : all.substr(at - 1, 1));
    if (at == 0) continue;
    iterator.Next();
    EXPECT_EQ(Where(iterator), all.substr(at, 1)) << "there and back";
    iterator.Next();
    EXPECT_EQ(
        Where(iterator), at + 1 < all.size() ? all.substr(at + 1, 1) : "(end)");
  }
}

TEST(MergingIteratorTest, AnErrorOfAChildIsOneOfTheWhole) {
  const std::vector<Entries> parts = {Part("adg"), Part("be"), Part("cf")};
  const Version bad = {KeySpace::kUser, "e", 1};
  Merged merged(parts);
  InternalIterator& iterator = *merged.iterator;
  merged.children[1]->FailAt(bad);

  iterator.SeekToFirst();
  EXPECT_EQ(Where(iterator), "a") << "the child is not there yet";
  iterator.Next();
  EXPECT_EQ(Where(iterator), "b");
  iterator.Next();
  EXPECT_EQ(Where(iterator), "(error)")
      << "the child has something before d or not: nobody knows";
  EXPECT_TRUE(Fails(
      iterator.GetStatus(), StatusCode::kCorruption, {"the child's error"}));

  iterator.SeekToLast();
  EXPECT_EQ(Where(iterator), "(error)");
  iterator.Seek(KeyOf("c"));
  EXPECT_EQ(Where(iterator), "(error)");
  iterator.SeekForPrev(KeyOf("g"));
  EXPECT_EQ(Where(iterator), "(error)");

  iterator.SeekForPrev(KeyOf("b"));
  EXPECT_EQ(Where(iterator), "b");
  iterator.Next();
  EXPECT_EQ(Where(iterator), "(error)") << "on the way back";

  merged.children[1]->BeWell();
  iterator.Seek(KeyOf("c"));
  EXPECT_EQ(Where(iterator), "c") << "a seek makes it valid again";
  EXPECT_TRUE(iterator.GetStatus().ok());
  iterator.Next();
  iterator.Next();
  EXPECT_EQ(Where(iterator), "e");
  merged.children[0]->FailAt({KeySpace::kUser, "d", 1});
  iterator.Prev();
  EXPECT_EQ(Where(iterator), "(error)") << "the direction changed";
}

TEST(MergingIteratorTest, AnErrorAtTheEndIsNotTheEnd) {
  Merged merged({Part("a"), Part("b")});
  merged.children[1]->FailAt({KeySpace::kUser, "b", 1});
  merged.iterator->SeekToFirst();
  EXPECT_EQ(Where(*merged.iterator), "(error)");
  Merged one({Part("ab")});
  one.children[0]->FailAt({KeySpace::kUser, "b", 1});
  one.iterator->SeekToFirst();
  EXPECT_EQ(Where(*one.iterator), "a");
  one.iterator->Next();
  EXPECT_EQ(Where(*one.iterator), "(error)") << "of one child alone";
}

// A walk over a map, as MapIterator, in which the merged one must agree.
class Walk {
 public:
  Walk(uint64_t seed, size_t children, size_t entries, uint64_t key_count)
      : random_(seed), key_count_(key_count) {
    std::vector<Entries> parts(children);
    for (size_t i = 0; i < entries; ++i) {
      const Version version = RandomVersion();
      const std::string value = std::to_string(i);
      if (all_.emplace(version, value).second) {
        parts[random_.Below(children)].emplace(version, value);
      }
    }
    merged_ = std::make_unique<Merged>(parts);
    expected_ = std::make_unique<MapIterator>(all_);
  }

  void Step() {
    InternalIterator& merged = *merged_->iterator;
    const uint64_t dice = random_.Below(20);
    const bool can_move = expected_->Valid();
    if (dice == 0) {
      Both("SeekToFirst", [](InternalIterator& i) { i.SeekToFirst(); });
    } else if (dice == 1) {
      Both("SeekToLast", [](InternalIterator& i) { i.SeekToLast(); });
    } else if (dice < 4 || (!can_move && dice < 12)) {
      const Version target = RandomVersion();
      Both("Seek", [&target](InternalIterator& i) { i.Seek(target.Key()); });
    } else if (dice < 6 || !can_move) {
      const Version target = RandomVersion();
      Both("SeekForPrev", [&target](InternalIterator& i) {
        i.SeekForPrev(target.Key());
      });
    } else if (dice < 14) {
      Both("Next", [](InternalIterator& i) { i.Next(); });
    } else {
      Both("Prev", [](InternalIterator& i) { i.Prev(); });
    }
    ASSERT_TRUE(merged.GetStatus().ok());
    ASSERT_EQ(merged.Valid(), expected_->Valid()) << history_;
    if (!merged.Valid()) return;
    ASSERT_EQ(Compare(merged.Key(), expected_->Key()), 0)
        << "at " << Show(merged.Key().user_key) << "@" << merged.Key().sequence
        << ", expected " << Show(expected_->Key().user_key) << "@"
        << expected_->Key().sequence << ", after" << history_;
    ASSERT_EQ(merged.Value(), expected_->Value()) << history_;
  }

 private:
  template <typename Move>
  void Both(std::string_view name, Move move) {
    history_.append(" ").append(name);
    if (history_.size() > 300) history_.erase(0, 100);
    move(*merged_->iterator);
    move(*expected_);
  }

  Version RandomVersion() {
    return {
        static_cast<KeySpace>(1 + random_.Below(2)),
        std::to_string(random_.Below(key_count_)), random_.Below(4)};
  }

  SeededRandom random_;
  const uint64_t key_count_;
  Entries all_;
  std::unique_ptr<Merged> merged_;
  std::unique_ptr<MapIterator> expected_;
  std::string history_;
};

TEST(MergingIteratorTest, ARandomWalkGoesWhereOneOverAMapGoes) {
  const uint64_t seed = testing::TestSeed();
  for (const size_t children : std::vector<size_t>{1, 2, 3, 5, 17, 200}) {
    for (const size_t entries : std::vector<size_t>{0, 1, 10, 300}) {
      SCOPED_TRACE(
          std::to_string(children) + " children, " + std::to_string(entries) +
          " entries, KV_SEED=" + std::to_string(seed));
      Walk walk(seed + children, children, entries, 1 + entries / 2);
      for (int i = 0; i < 1000; ++i) {
        walk.Step();
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace kv
