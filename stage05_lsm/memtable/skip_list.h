#pragma once

// A sorted list with express lanes: a search skips most of it.
//
// A node stands in the list of level 0, which has all nodes, and in those above
// it up to its height; one in kBranching nodes of a level is in the next one
// too, by the throw of a die. A search starts in the highest list, goes on
// while the next node stands before the target, and then goes down a level.
//
// Threads: one calls Insert; any number may read meanwhile, without a lock.
// Ownership: nodes are in the arena, which lives longer than the list.
// Invariants, and why they hold while a node is being inserted:
//   1. A node never moves or changes, but for its links, and is never removed.
//      So a reader may stand at it for as long as it likes.
//   2. A node is whole before it can be seen. Its item and all its links are
//      written first; then a store with `release` puts it into a list. A reader
//      follows links with loads with `acquire`: who sees the link sees all that
//      was written before it, also the item that it points to.
//   3. Each list is in strictly ascending order at all times. A node comes into
//      a list by one store; before it, the node already points to the rest.
//   4. Each list has a part of the nodes of the one below, at all times and for
//      all readers: a node is linked from level 0 upwards. So who has seen a
//      node in any list finds it in all lists below too: it never vanishes.
//   5. Every node is in all lists below its height, and in no other.
//   6. A link changes from one node to another that stands before it, never
//      back. So what a reader finds is at least as new as what was linked
//      before its search began.
// 3 and 5 are checked by CheckInvariants, the others by tests with threads.
// Limits: fine up to kBranching to the power of kHeightMax nodes; then slower.
// Source: Pugh, "Skip Lists: A Probabilistic Alternative to Balanced Trees"
//   (1990); the rules for threads are those of LevelDB's skip list.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "common/base/check.h"
#include "common/base/random.h"
#include "memtable/arena.h"

namespace kv {

/// Order has a type Target, and
///   static Target TargetOf(const Item& item);
///   static int Compare(const Item& item, const Target& target);
/// Compare is below, equal to or above 0 as the item stands before, at or
/// behind the target.
template <typename Item, typename Order>
class SkipList {
 public:
  using Target = typename Order::Target;

  static constexpr int kHeightMax = 12;
  static constexpr uint64_t kBranching = 4;

  class Iterator;

  /// `seed` is that of the die.
  SkipList(Arena* arena, uint64_t seed);
  SkipList(const SkipList&) = delete;
  SkipList& operator=(const SkipList&) = delete;

  /// No item in the list may be equal to `item`.
  void Insert(const Item& item);

  /// Check-fails unless the invariants hold. Linear time; no Insert meanwhile.
  void CheckInvariants() const;

  /// What an item takes in the arena at most, in bytes.
  static constexpr size_t ItemBytesMax() { return NodeBytes(kHeightMax); }

 private:
  static_assert(std::is_trivially_destructible_v<Item>);

  class Node;

  static constexpr size_t NodeBytes(int height) {
    return sizeof(Node) +
        static_cast<size_t>(height) * sizeof(std::atomic<Node*>);
  }

  Node* NewNode(const Item& item, int height);
  int RandomHeight();

  // Where a target stands: between `last` (a node or the head) and `next` (a
  // node, or null for the end). Who follows the link of `last` once more may
  // meet a newer node, which the search has not compared.
  struct Place {
    Node* last;
    Node* next;
  };

  // `next` is the first node at or behind `target`; with kBehind: behind it. If
  // `before` is not null, it gets the node before that place in each list below
  // the height.
  enum class Bound { kAtOrBehind, kBehind };
  Place Find(const Target& target, Bound bound, Node** before) const;

  // The last node, or the head.
  Node* FindEnd() const;

  Arena* const arena_;
  Node* const head_;  // before the first node; has no item
  // The highest node's. A reader that sees it too early finds no node there;
  // one that sees it too late begins in a lower list. Both is right, so its
  // loads and stores are relaxed.
  std::atomic<int> height_ = 1;
  // The last node of each list, or the head: what comes in ascending order is
  // inserted without a search. For the one that inserts.
  Node* ends_[kHeightMax];
  SeededRandom random_;
};

/// A position in the list. It stays valid while items are inserted, and sees
/// them when it moves.
template <typename Item, typename Order>
class SkipList<Item, Order>::Iterator {
 public:
  explicit Iterator(const SkipList* list) : list_(list) {}

  bool Valid() const { return node_ != nullptr; }
  const Item& Get() const { return node_->item; }

  void SeekToFirst() { node_ = list_->head_->Next(0); }
  void SeekToLast() { SetUnlessHead(list_->FindEnd()); }

  /// To the first item that does not stand before `target`.
  void Seek(const Target& target) {
    node_ = list_->Find(target, Bound::kAtOrBehind, nullptr).next;
  }

  /// To the last item that does not stand behind `target`.
  void SeekForPrev(const Target& target) {
    SetUnlessHead(list_->Find(target, Bound::kBehind, nullptr).last);
  }

  void Next() { node_ = node_->Next(0); }

  /// A search: a node has no link back, which two readers could see torn.
  void Prev() {
    const Target target = Order::TargetOf(node_->item);
    SetUnlessHead(list_->Find(target, Bound::kAtOrBehind, nullptr).last);
  }

 private:
  void SetUnlessHead(const Node* node) {
    node_ = node == list_->head_ ? nullptr : node;
  }

  const SkipList* const list_;
  const Node* node_ = nullptr;
};

// The links follow the node, as many as its height.
template <typename Item, typename Order>
class SkipList<Item, Order>::Node {
 public:
  Node(const Item& the_item, int height) : item(the_item) {
    for (int level = 0; level < height; ++level) {
      new (Links() + level) std::atomic<Node*>(nullptr);
    }
  }

  Node* Next(int level) const {
    return Links()[level].load(std::memory_order_acquire);
  }

  // Puts `node`, which is whole, behind this one.
  void Link(int level, Node* node) {
    Links()[level].store(node, std::memory_order_release);
  }

  // While no reader can see this node.
  void SetNext(int level, Node* node) {
    Links()[level].store(node, std::memory_order_relaxed);
  }

  const Item item;

 private:
  std::atomic<Node*>* Links() {
    return reinterpret_cast<std::atomic<Node*>*>(this + 1);
  }
  const std::atomic<Node*>* Links() const {
    return reinterpret_cast<const std::atomic<Node*>*>(this + 1);
  }
};

template <typename Item, typename Order>
SkipList<Item, Order>::SkipList(Arena* arena, uint64_t seed)
    : arena_(arena), head_(NewNode(Item(), kHeightMax)), random_(seed) {
  std::fill_n(ends_, kHeightMax, head_);
}

template <typename Item, typename Order>
typename SkipList<Item, Order>::Node* SkipList<Item, Order>::NewNode(
    const Item& item, int height) {
  static_assert(alignof(Node) <= Arena::kAlignment);
  static_assert(sizeof(Node) % alignof(std::atomic<Node*>) == 0);
  return new (arena_->Allocate(NodeBytes(height))) Node(item, height);
}

template <typename Item, typename Order>
int SkipList<Item, Order>::RandomHeight() {
  int height = 1;
  while (height < kHeightMax && random_.OneIn(kBranching)) {
    ++height;
  }
  return height;
}

template <typename Item, typename Order>
typename SkipList<Item, Order>::Place SkipList<Item, Order>::Find(
    const Target& target, Bound bound, Node** before) const {
  const int behind = bound == Bound::kBehind ? 1 : 0;
  Node* last = head_;
  Node* next = nullptr;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0;
       --level) {
    const Node* const end = next;  // compared a level higher
    next = last->Next(level);
    while (next != end && Order::Compare(next->item, target) < behind) {
      last = next;
      next = last->Next(level);
    }
    if (before != nullptr) {
      before[level] = last;
    }
  }
  return {last, next};
}

template <typename Item, typename Order>
typename SkipList<Item, Order>::Node* SkipList<Item, Order>::FindEnd() const {
  Node* node = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0;
       --level) {
    while (Node* const next = node->Next(level)) {
      node = next;
    }
  }
  return node;
}

template <typename Item, typename Order>
void SkipList<Item, Order>::Insert(const Item& item) {
  const Target target = Order::TargetOf(item);
  Node* before[kHeightMax];
  std::copy_n(ends_, kHeightMax, before);
  if (ends_[0] != head_ && Order::Compare(ends_[0]->item, target) >= 0) {
    const Node* const next = Find(target, Bound::kAtOrBehind, before).next;
    KV_CHECK(
        Order::Compare(next->item, target) > 0, "an item is inserted once");
  }

  const int height = RandomHeight();
  const int old_height = height_.load(std::memory_order_relaxed);
  for (int level = old_height; level < height; ++level) {
    before[level] = head_;
  }
  if (height > old_height) {
    height_.store(height, std::memory_order_relaxed);
  }
  Node* const node = NewNode(item, height);
  for (int level = 0; level < height; ++level) {
    node->SetNext(level, before[level]->Next(level));
  }
  for (int level = 0; level < height; ++level) {
    before[level]->Link(level, node);
    if (node->Next(level) == nullptr) {
      ends_[level] = node;
    }
  }
}

template <typename Item, typename Order>
void SkipList<Item, Order>::CheckInvariants() const {
  const int height = height_.load(std::memory_order_relaxed);
  KV_CHECK(height >= 1 && height <= kHeightMax, "the height is in its limits");
  for (int level = height; level < kHeightMax; ++level) {
    KV_CHECK(head_->Next(level) == nullptr, "no node is higher than the list");
  }
  for (int level = 0; level < height; ++level) {
    const Node* below = head_;  // in the list below
    const Node* last = nullptr;
    for (const Node* node = head_->Next(level); node != nullptr;
         node = node->Next(level)) {
      KV_CHECK(
          last == nullptr ||
              Order::Compare(last->item, Order::TargetOf(node->item)) < 0,
          "a list is in strictly ascending order");
      last = node;
      while (level > 0 && below != node) {
        below = below->Next(level - 1);
        KV_CHECK(below != nullptr, "a node is in all lists below its height");
      }
    }
  }
}

}  // namespace kv
