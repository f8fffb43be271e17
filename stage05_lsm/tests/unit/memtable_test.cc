// Goal: a memtable keeps every version of every key, sorted, whatever structure
// it is made of; finds the newest that a reader may see; and its bounds on
// memory hold.
// Method: each test runs on both kinds. Versions are written as
// "user:key@sequence=value"; a std::map does the same for random ones. One
// thread adds to a skip list while others read.

#include "memtable/memtable.h"

#include <gtest/gtest.h>

#include <atomic>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

class MemTableTest : public ::testing::TestWithParam<MemTableKind> {
 protected:
  std::shared_ptr<MemTable> NewMemTable() {
    return MemTable::Create(GetParam(), &random_);
  }

  SeededRandom random_{testing::TestSeed()};
};

INSTANTIATE_TEST_SUITE_P(
    , MemTableTest,
    ::testing::Values(MemTableKind::kSkipList, MemTableKind::kBPlusTree),
    [](const auto& test) {
      return test.param == MemTableKind::kSkipList ? "SkipList" : "BPlusTree";
    });

InternalKey KeyAt(
    std::string_view user_key, uint64_t sequence,
    KeySpace space = KeySpace::kUser) {
  return {space, user_key, sequence, RecordKind::kPut};
}

void Put(
    MemTable* memtable, uint64_t sequence, std::string_view user_key,
    std::string_view value, KeySpace space = KeySpace::kUser) {
  memtable->Add({space, user_key, sequence, RecordKind::kPut}, value);
}

void Delete(MemTable* memtable, uint64_t sequence, std::string_view user_key) {
  memtable->Add({KeySpace::kUser, user_key, sequence, RecordKind::kDelete}, {});
}

// What Find says: "value@sequence", "deleted@sequence" or "(none)".
std::string Found(
    const MemTable& memtable, std::string_view user_key,
    uint64_t sequence = kSequenceMax, KeySpace space = KeySpace::kUser) {
  const auto entry = memtable.Find(KeyAt(user_key, sequence, space));
  if (!entry.has_value()) return "(none)";
  const bool deleted = entry->kind == RecordKind::kDelete;
  return (deleted ? "deleted" : std::string(entry->value)) + "@" +
      std::to_string(entry->sequence);
}

std::string Described(const InternalKey& key, std::string_view value) {
  return std::to_string(static_cast<int>(key.space)) + ":" +
      std::string(key.user_key) + "@" + std::to_string(key.sequence) +
      (key.kind == RecordKind::kDelete ? " deleted" : "=" + std::string(value));
}

// Where an iterator is: "1:key@sequence=value", or "(none)".
std::string At(const InternalIterator& iterator) {
  if (!iterator.Valid()) return "(none)";
  return Described(iterator.Key(), iterator.Value());
}

Strings Forwards(const MemTable& memtable) {
  Strings entries;
  const auto iterator = memtable.NewIterator();
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    entries.push_back(At(*iterator));
  }
  EXPECT_TRUE(iterator->GetStatus().ok());
  return entries;
}

Strings Backwards(const MemTable& memtable) {
  Strings entries;
  const auto iterator = memtable.NewIterator();
  for (iterator->SeekToLast(); iterator->Valid(); iterator->Prev()) {
    entries.push_back(At(*iterator));
  }
  EXPECT_TRUE(iterator->GetStatus().ok());
  return {entries.rbegin(), entries.rend()};
}

TEST_P(MemTableTest, AnEmptyOneHasNothing) {
  const auto memtable = NewMemTable();
  EXPECT_EQ(Found(*memtable, "a"), "(none)");
  EXPECT_EQ(Found(*memtable, ""), "(none)") << "the empty key is a key";
  EXPECT_EQ(memtable->Count(), 0u);
  EXPECT_LE(memtable->Bytes(), MemTable::kEmptyBytesMax);
  EXPECT_EQ(Forwards(*memtable), Strings{});
  EXPECT_EQ(Backwards(*memtable), Strings{});
  const auto iterator = memtable->NewIterator();
  iterator->Seek(KeyAt("", kSequenceMax));
  EXPECT_FALSE(iterator->Valid());
  iterator->SeekForPrev(KeyAt("\xff", 0));
  EXPECT_FALSE(iterator->Valid());
  memtable->CheckInvariants();
}

TEST_P(MemTableTest, FindGivesTheNewestVersionUpToASequence) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 3, "a", "three");
  Put(memtable.get(), 7, "a", "seven");
  Put(memtable.get(), 5, "a", "five");
  EXPECT_EQ(Found(*memtable, "a"), "seven@7");
  EXPECT_EQ(Found(*memtable, "a", 7), "seven@7");
  EXPECT_EQ(Found(*memtable, "a", 6), "five@5");
  EXPECT_EQ(Found(*memtable, "a", 5), "five@5");
  EXPECT_EQ(Found(*memtable, "a", 4), "three@3");
  EXPECT_EQ(Found(*memtable, "a", 2), "(none)");
  EXPECT_EQ(memtable->Count(), 3u) << "all versions are kept";
  memtable->CheckInvariants();
}

TEST_P(MemTableTest, LongKeysAndValuesAreKeptWhole) {
  const auto memtable = NewMemTable();
  const auto iterator = memtable->NewIterator();
  uint64_t sequence = 0;
  for (const size_t bytes :
       std::vector<size_t>{255, 256, 65535, 65536, 70000}) {
    const std::string key(bytes, 'k');
    const std::string value(2 * bytes, 'v');
    Put(memtable.get(), ++sequence, key, value);
    const std::string expected = value + "@" + std::to_string(sequence);
    EXPECT_TRUE(Found(*memtable, key) == expected) << bytes << " bytes";
    iterator->SeekToLast();
    ASSERT_TRUE(iterator->Valid());
    EXPECT_TRUE(iterator->Key().user_key == key) << bytes << " bytes";
    EXPECT_TRUE(iterator->Value() == value) << bytes << " bytes";
  }
}

TEST_P(MemTableTest, FindGivesNoOtherKeysVersions) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "ab", "of ab");
  Put(memtable.get(), 2, "c", "of c");
  for (const char* absent : {"", "a", "aa", "abc", "b", "d"}) {
    EXPECT_EQ(Found(*memtable, absent), "(none)") << Show(absent);
  }
  EXPECT_EQ(Found(*memtable, "ab", 0), "(none)")
      << "the next entry is that of another key";
}

TEST_P(MemTableTest, ADeleteIsAVersionLikeOthers) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "a", "one");
  Delete(memtable.get(), 2, "a");
  Delete(memtable.get(), 3, "b");
  EXPECT_EQ(Found(*memtable, "a"), "deleted@2")
      << "older versions, also those in tables, are hidden by it";
  EXPECT_EQ(Found(*memtable, "a", 1), "one@1");
  EXPECT_EQ(Found(*memtable, "b"), "deleted@3")
      << "a table may have what it deletes";
  EXPECT_EQ(
      Forwards(*memtable),
      (Strings{"1:a@2 deleted", "1:a@1=one", "1:b@3 deleted"}));
}

TEST_P(MemTableTest, KeySpacesAreApart) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "k", "of a user");
  Put(memtable.get(), 2, "k", "of an index", KeySpace::kIndex);
  Put(memtable.get(), 3, "a", "of the cluster", KeySpace::kCluster);
  EXPECT_EQ(Found(*memtable, "k"), "of a user@1");
  EXPECT_EQ(
      Found(*memtable, "k", kSequenceMax, KeySpace::kIndex), "of an index@2");
  EXPECT_EQ(Found(*memtable, "k", kSequenceMax, KeySpace::kDocument), "(none)");
  EXPECT_EQ(
      Forwards(*memtable),
      (Strings{"1:k@1=of a user", "3:k@2=of an index", "4:a@3=of the cluster"}))
      << "the space comes first in the order";
}

TEST_P(MemTableTest, KeysAndValuesAreAnyBytes) {
  const std::string zero("\0", 1);
  const std::string zero_a("\0a", 2);
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "", "of the empty key");
  Put(memtable.get(), 2, zero, "");
  Put(memtable.get(), 3, zero_a, zero);
  EXPECT_EQ(Found(*memtable, ""), "of the empty key@1");
  EXPECT_EQ(Found(*memtable, zero), "@2") << "an empty value is a value";
  EXPECT_EQ(Found(*memtable, zero_a), zero + "@3");
  memtable->CheckInvariants();
}

TEST_P(MemTableTest, EntriesAreInOrderOfUnsignedBytes) {
  const auto memtable = NewMemTable();
  uint64_t sequence = 0;
  for (const char* key : {"\xff", "a", "\x80", "\x7f", "", "ab", "Z"}) {
    Put(memtable.get(), ++sequence, key, "v");
  }
  const Strings expected = {"1:@5=v",     "1:Z@7=v",    "1:a@2=v",   "1:ab@6=v",
                            "1:\x7f@4=v", "1:\x80@3=v", "1:\xff@1=v"};
  EXPECT_EQ(Forwards(*memtable), expected);
  EXPECT_EQ(Backwards(*memtable), expected);
}

TEST_P(MemTableTest, ItKeepsCopiesOfWhatItIsGiven) {
  const auto memtable = NewMemTable();
  std::string key(100, 'k');
  std::string value(100, 'v');
  Put(memtable.get(), 1, key, value);
  key.assign(100, 'x');
  value.assign(100, 'x');
  EXPECT_EQ(
      Found(*memtable, std::string(100, 'k')), std::string(100, 'v') + "@1");
}

TEST_P(MemTableTest, ViewsStayWhatTheyWereWhileEntriesAreAdded) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "m", "the first");
  const auto entry = memtable->Find(KeyAt("m", kSequenceMax));
  ASSERT_TRUE(entry.has_value());
  const auto iterator = memtable->NewIterator();
  iterator->SeekToFirst();
  const std::string_view key = iterator->Key().user_key;
  for (uint64_t i = 2; i < 5000; ++i) {
    Put(memtable.get(), i, std::to_string(i * 7919 % 5000), "another");
  }
  Put(memtable.get(), 5000, "m", "a newer one");
  EXPECT_EQ(entry->value, "the first");
  EXPECT_EQ(key, "m");
  EXPECT_EQ(At(*iterator), "1:m@1=the first");
}

TEST_P(MemTableTest, SeeksGoByKeyThenByNewestSequence) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "b", "one");
  Put(memtable.get(), 2, "b", "two");
  Put(memtable.get(), 3, "d", "three");
  struct Case {
    const char* key;
    uint64_t sequence;
    const char* seek;
    const char* seek_for_prev;
  };
  for (const Case& c : {
           Case{"a", 9, "1:b@2=two", "(none)"},
           Case{"b", 9, "1:b@2=two", "(none)"},
           Case{"b", 2, "1:b@2=two", "1:b@2=two"},
           Case{"b", 1, "1:b@1=one", "1:b@1=one"},
           Case{"b", 0, "1:d@3=three", "1:b@1=one"},
           Case{"c", 9, "1:d@3=three", "1:b@1=one"},
           Case{"d", 3, "1:d@3=three", "1:d@3=three"},
           Case{"d", 0, "(none)", "1:d@3=three"},
           Case{"e", 9, "(none)", "1:d@3=three"},
       }) {
    SCOPED_TRACE(std::string(c.key) + "@" + std::to_string(c.sequence));
    const auto iterator = memtable->NewIterator();
    EXPECT_FALSE(iterator->Valid()) << "a new iterator is at no entry";
    iterator->Seek(KeyAt(c.key, c.sequence));
    EXPECT_EQ(At(*iterator), c.seek);
    iterator->SeekForPrev(KeyAt(c.key, c.sequence));
    EXPECT_EQ(At(*iterator), c.seek_for_prev);
  }
}

TEST_P(MemTableTest, AnIteratorMeetsWhatIsAddedBehindIt) {
  const auto memtable = NewMemTable();
  Put(memtable.get(), 1, "b", "one");
  Put(memtable.get(), 2, "d", "two");
  const auto iterator = memtable->NewIterator();
  iterator->SeekToFirst();
  Put(memtable.get(), 3, "c", "three");
  Put(memtable.get(), 4, "a", "four");
  Put(memtable.get(), 5, "b", "five");
  EXPECT_EQ(At(*iterator), "1:b@1=one");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "1:c@3=three");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "1:b@1=one");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "1:b@5=five");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "1:a@4=four");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "(none)");
}

TEST_P(MemTableTest, EntriesTakeNoMoreThanTheirBound) {
  const std::pair<size_t, size_t> kSizes[] = {
      {0, 0}, {1, 0}, {16, 100}, {100, 10'000}, {1024, 0}, {8, 2040}};
  for (const auto& [key_bytes, value_bytes] : kSizes) {
    for (const bool ascending : {true, false}) {
      const auto memtable = NewMemTable();
      const std::string key(key_bytes, 'k');
      const std::string value(value_bytes, 'v');
      const uint64_t each = MemTable::EntryBytesMax(key_bytes, value_bytes);
      for (uint64_t i = 1; i <= 3000; ++i) {
        Put(memtable.get(), ascending ? i : 5000 - i, key, value);
        ASSERT_GE(memtable->Bytes(), i * (key_bytes + value_bytes));
        ASSERT_LE(memtable->Bytes(), MemTable::kEmptyBytesMax + i * each)
            << i << " entries with keys of " << key_bytes << " and values of "
            << value_bytes << " bytes";
      }
    }
  }
}

// The same order, told without kv::Compare: space, key, newest first.
using ModelKey = std::tuple<int, std::string, uint64_t>;
using Model = std::map<ModelKey, std::pair<RecordKind, std::string>>;

ModelKey ModelKeyOf(const InternalKey& key) {
  return {
      static_cast<int>(key.space), std::string(key.user_key), ~key.sequence};
}

std::string DescribedAt(const Model& model, Model::const_iterator place) {
  if (place == model.end()) return "(none)";
  const auto& [space, user_key, inverse] = place->first;
  const auto& [kind, value] = place->second;
  return Described(
      {static_cast<KeySpace>(space), user_key, ~inverse, kind}, value);
}

std::string LastNotBehind(const Model& model, const ModelKey& target) {
  const auto behind = model.upper_bound(target);
  return behind == model.begin() ? "(none)"
                                 : DescribedAt(model, std::prev(behind));
}

std::string ModelFound(const Model& model, const InternalKey& target) {
  const auto place = model.lower_bound(ModelKeyOf(target));
  if (place == model.end() ||
      std::get<0>(place->first) != static_cast<int>(target.space) ||
      std::get<1>(place->first) != target.user_key) {
    return "(none)";
  }
  const bool deleted = place->second.first == RecordKind::kDelete;
  return (deleted ? "deleted" : place->second.second) + "@" +
      std::to_string(~std::get<2>(place->first));
}

// Short keys of few bytes, the lowest and the highest among them: many are
// equal, and many begin alike.
std::string RandomKey(Random* random) {
  constexpr char kBytes[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
  std::string key(random->Below(4), '\0');
  if (random->OneIn(4)) key = "the same eight or more bytes" + key;
  for (size_t i = 0; i < key.size() && i < 4; ++i) {
    key[key.size() - 1 - i] = kBytes[random->Below(sizeof(kBytes))];
  }
  return key;
}

InternalKey RandomTarget(
    std::string* user_key, uint64_t sequence_max, Random* random) {
  *user_key = RandomKey(random);
  const auto space = random->OneIn(5) ? KeySpace::kIndex : KeySpace::kUser;
  return {space, *user_key, random->Below(sequence_max + 2), RecordKind::kPut};
}

// One iterator, and where a std::map says that it is, through random moves.
class Walk {
 public:
  Walk(const MemTable& memtable, const Model& model)
      : iterator_(memtable.NewIterator()), model_(model) {}

  void Step(uint64_t sequence_max, Random* random) {
    std::string user_key;
    const InternalKey target = RandomTarget(&user_key, sequence_max, random);
    switch (random->Below(8)) {
      case 0:
        iterator_->SeekToFirst();
        place_ = model_.begin();
        break;
      case 1:
        iterator_->SeekToLast();
        place_ = model_.empty() ? model_.end() : std::prev(model_.end());
        break;
      case 2:
        iterator_->Seek(target);
        place_ = model_.lower_bound(ModelKeyOf(target));
        break;
      case 3:
        iterator_->SeekForPrev(target);
        place_ = model_.upper_bound(ModelKeyOf(target));
        place_ = place_ == model_.begin() ? model_.end() : std::prev(place_);
        break;
      case 4:
      case 5:
        if (place_ == model_.end()) break;
        iterator_->Next();
        ++place_;
        break;
      default:
        if (place_ == model_.end()) break;
        iterator_->Prev();
        place_ = place_ == model_.begin() ? model_.end() : std::prev(place_);
        break;
    }
    ASSERT_EQ(At(*iterator_), DescribedAt(model_, place_));
  }

 private:
  const std::unique_ptr<InternalIterator> iterator_;
  const Model& model_;
  Model::const_iterator place_ = model_.end();
};

TEST_P(MemTableTest, RandomVersionsGiveWhatAMapGives) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE(testing::ReplayCommand(seed));
  const auto memtable = NewMemTable();
  Model model;
  Walk walk(*memtable, model);  // stays, while entries are added
  const uint64_t steps = testing::Pick(20'000u, 200'000u, 2'000'000u);
  for (uint64_t sequence = 1; sequence <= steps; ++sequence) {
    std::string user_key;
    InternalKey key = RandomTarget(&user_key, 0, &random_);
    key.sequence = sequence;
    std::string value;
    if (random_.OneIn(3)) {
      key.kind = RecordKind::kDelete;
    } else {
      value = RandomBytes(random_, random_.Below(20));
    }
    memtable->Add(key, value);
    model[ModelKeyOf(key)] = {key.kind, value};

    const InternalKey target = RandomTarget(&user_key, sequence, &random_);
    ASSERT_EQ(
        Found(*memtable, user_key, target.sequence, target.space),
        ModelFound(model, target));
    const auto iterator = memtable->NewIterator();
    iterator->SeekForPrev(target);
    ASSERT_EQ(At(*iterator), LastNotBehind(model, ModelKeyOf(target)));
    for (int i = 0; i < 3; ++i) {
      ASSERT_NO_FATAL_FAILURE(walk.Step(sequence, &random_))
          << "at sequence " << sequence;
    }
    if (sequence % (steps / 10) == 0) memtable->CheckInvariants();
  }
  EXPECT_EQ(memtable->Count(), steps);
  Strings expected;
  for (auto place = model.begin(); place != model.end(); ++place) {
    expected.push_back(DescribedAt(model, place));
  }
  EXPECT_EQ(Forwards(*memtable), expected);
  EXPECT_EQ(Backwards(*memtable), expected);
}

// Checks one snapshot of a memtable in which, by a plan that all know, number
// `n` has put the value "n" under the key of n % kKeys.
constexpr uint64_t kKeys = 100;

std::string PlannedKey(uint64_t number) {
  return "key " + std::to_string(number % kKeys);
}

std::string ReadSnapshot(const MemTable& memtable, uint64_t sequence) {
  const uint64_t count = memtable.Count();
  const uint64_t bytes = memtable.Bytes();
  if (count < sequence) return "Count is behind what was added";
  if (bytes < sequence * 5) return "Bytes is behind what was added";
  for (uint64_t n = sequence > kKeys ? sequence - kKeys + 1 : 1; n <= sequence;
       n += 7) {
    const std::string key = PlannedKey(n);
    const auto entry = memtable.Find(KeyAt(key, sequence));
    if (!entry.has_value()) return "an entry is not found: " + key;
    if (entry->sequence != n) return "not the newest version: " + key;
    if (entry->value != std::to_string(n)) return "another value: " + key;
  }
  const auto iterator = memtable.NewIterator();
  uint64_t seen = 0;  // of the versions up to the sequence
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const InternalKey& key = iterator->Key();
    if (key.user_key != PlannedKey(key.sequence)) return "another key";
    if (iterator->Value() != std::to_string(key.sequence)) return "a value";
    seen += key.sequence <= sequence ? 1 : 0;
  }
  return seen == sequence ? "" : "an iterator misses an entry";
}

TEST(MemTableThreadsTest, ASnapshotIsTheSameBesideAWriter) {
  constexpr size_t kReaders = 3;
  const uint64_t adds = testing::Pick(5000u, 20'000u, 50'000u);
  SeededRandom random(testing::TestSeed());
  const auto memtable = MemTable::Create(MemTableKind::kSkipList, &random);
  std::atomic<uint64_t> added = 0;
  std::atomic<uint64_t> rounds[kReaders] = {};
  std::string failures[kReaders];

  std::vector<std::thread> readers;
  for (size_t reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&, reader] {
      uint64_t sequence = 0;
      while (sequence < adds && failures[reader].empty()) {
        sequence = added.load(std::memory_order_acquire);
        failures[reader] = ReadSnapshot(*memtable, sequence);
        rounds[reader].fetch_add(1, std::memory_order_relaxed);
      }
      rounds[reader].store(UINT64_MAX / 2, std::memory_order_relaxed);
    });
  }
  for (uint64_t sequence = 1; sequence <= adds; ++sequence) {
    Put(memtable.get(), sequence, PlannedKey(sequence),
        std::to_string(sequence));
    added.store(sequence, std::memory_order_release);
    // So that reading goes on all the time that is written.
    for (const std::atomic<uint64_t>& round : rounds) {
      while (round.load(std::memory_order_relaxed) < sequence / 100) {
        std::this_thread::yield();
      }
    }
  }
  for (size_t reader = 0; reader < kReaders; ++reader) {
    readers[reader].join();
    EXPECT_EQ(failures[reader], "") << "reader " << reader;
  }
  memtable->CheckInvariants();
}

}  // namespace
}  // namespace kv
