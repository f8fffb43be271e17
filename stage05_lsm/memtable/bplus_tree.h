#pragma once

// A search tree of wide nodes, with all items in its leaves.
//
// A node has up to kFanOut slots side by side, so a step from node to node
// halves what is left six times, where a list or a binary tree does so once.
// An inner node has children and, for all but the first, a separator: the
// smallest item that the child had when it was split off. A full node is split
// in two and the new one comes into the parent, which may be split in turn; if
// the root is, the tree gets a new root above it. So all leaves are equally
// deep. A leaf has links to both neighbours: a scan never goes up.
//
// Threads: one at a time; several may read while none writes. (An insertion
//   moves what stands behind it in the node: a reader would see a slot twice or
//   not at all.)
// Ownership: nodes are in the arena, which lives longer than the tree.
// Invariants (CheckInvariants):
//   1. Items are in strictly ascending order, in a node and over all leaves.
//   2. All items below a child are not before its separator, and before the
//      next one.
//   3. All leaves are equally deep.
//   4. A node is at least half full, but for the last of each level, which has
//      at least one slot in use. The root, if inner, has two children or more.
//   5. Links of leaves lead through all of them, in order, and back.
// Source: Bayer and McCreight, "Organization and Maintenance of Large Ordered
//   Indices" (1972); Comer, "The Ubiquitous B-Tree" (1979), section 3.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "common/base/check.h"
#include "memtable/arena.h"

namespace kv {

/// Order is that of SkipList.
template <typename Item, typename Order, int kFanOut = 64>
class BPlusTree {
 public:
  using Target = typename Order::Target;

  class Iterator;

  explicit BPlusTree(Arena* arena);
  BPlusTree(const BPlusTree&) = delete;
  BPlusTree& operator=(const BPlusTree&) = delete;

  /// No item in the tree may be equal to `item`.
  void Insert(const Item& item);

  /// Check-fails unless the invariants hold. Linear time.
  void CheckInvariants() const;

  /// How many levels of nodes there are.
  int Height() const { return height_; }

  /// What an item takes in the arena at most, in bytes: its share of nodes that
  /// are half full.
  static constexpr size_t ItemBytesMax() {
    return (sizeof(Leaf) + sizeof(Inner)) / (kFanOut / 2) + 1;
  }

 private:
  static_assert(kFanOut >= 4 && kFanOut % 2 == 0);
  static_assert(std::is_trivially_copyable_v<Item>);

  static constexpr int kHeightMax = 16;

  struct Node {
    int count = 0;  // of items in a leaf, of children in an inner node
    Item items[kFanOut] = {};  // in an inner node: the separators, from 1 on
  };
  struct Leaf : Node {
    Leaf* prev = nullptr;
    Leaf* next = nullptr;
  };
  struct Inner : Node {
    Node* children[kFanOut] = {};
  };

  // Which child the way from the root to a leaf takes, at each level.
  struct Step {
    Inner* inner;
    int slot;
  };
  struct Bounds;

  template <typename NodeType>
  NodeType* NewNode();

  // The first slot, from `first` on, whose item stands at or behind `target`;
  // with kBehind: behind it.
  enum class Bound { kAtOrBehind, kBehind };
  static int FindSlot(
      const Node& node, int first, const Target& target, Bound bound);

  // The leaf in which `target` belongs. If `path` is not null, it gets the
  // steps on the way.
  Leaf* FindLeaf(const Target& target, Step* path) const;

  static void InsertItem(Node* node, int slot, const Item& item);
  static void InsertChild(
      Inner* inner, int slot, const Item& separator, Node* child);
  Leaf* SplitLeaf(Leaf* leaf, int keep);
  Inner* SplitInner(Inner* inner, int keep);
  void InsertIntoParents(const Step* path, Leaf* child);
  void AddRoot(const Item& separator, Node* child);

  void CheckNode(
      const Node& node, int level, const Bounds& bounds,
      const Leaf** next_leaf) const;

  Arena* const arena_;
  Node* root_;
  Leaf* first_;
  Leaf* last_;
  int height_ = 1;
  uint64_t inserted_ = 0;
};

/// A position in the tree. It stays valid while items are inserted, and sees
/// them when it moves.
template <typename Item, typename Order, int kFanOut>
class BPlusTree<Item, Order, kFanOut>::Iterator {
 public:
  explicit Iterator(const BPlusTree* tree) : tree_(tree) {}

  bool Valid() const { return leaf_ != nullptr; }
  const Item& Get() const { return item_; }

  void SeekToFirst() { SetPlace(tree_->first_, 0); }
  void SeekToLast() { SetPlace(tree_->last_, tree_->last_->count - 1); }

  /// To the first item that does not stand before `target`.
  void Seek(const Target& target) {
    const Leaf* const leaf = tree_->FindLeaf(target, nullptr);
    SetPlace(leaf, FindSlot(*leaf, 0, target, Bound::kAtOrBehind));
  }

  /// To the last item that does not stand behind `target`.
  void SeekForPrev(const Target& target) {
    const Leaf* const leaf = tree_->FindLeaf(target, nullptr);
    SetPlace(leaf, FindSlot(*leaf, 0, target, Bound::kBehind) - 1);
  }

  void Next() {
    FollowItem();
    SetPlace(leaf_, slot_ + 1);
  }

  void Prev() {
    FollowItem();
    SetPlace(leaf_, slot_ - 1);
  }

 private:
  // `slot` may be one beside those of the leaf.
  void SetPlace(const Leaf* leaf, int slot) {
    if (slot < 0) {
      leaf = leaf->prev;
      slot = leaf == nullptr ? 0 : leaf->count - 1;
    } else if (slot == leaf->count) {
      leaf = leaf->next;
      slot = 0;
    }
    leaf_ = leaf;
    slot_ = slot;
    inserted_ = tree_->inserted_;
    if (leaf != nullptr) {
      item_ = leaf->items[slot];
    }
  }

  // An insertion may have moved the item to another slot or leaf.
  void FollowItem() {
    if (inserted_ != tree_->inserted_) {
      Seek(Order::TargetOf(item_));
    }
  }

  const BPlusTree* const tree_;
  const Leaf* leaf_ = nullptr;
  int slot_ = 0;
  Item item_ = {};
  uint64_t inserted_ = 0;  // of the tree, when the place was set
};

template <typename Item, typename Order, int kFanOut>
BPlusTree<Item, Order, kFanOut>::BPlusTree(Arena* arena)
    : arena_(arena),
      root_(NewNode<Leaf>()),
      first_(static_cast<Leaf*>(root_)),
      last_(first_) {}

template <typename Item, typename Order, int kFanOut>
template <typename NodeType>
NodeType* BPlusTree<Item, Order, kFanOut>::NewNode() {
  static_assert(alignof(NodeType) <= Arena::kAlignment);
  static_assert(sizeof(NodeType) <= Arena::kSmallBytesMax);
  return new (arena_->Allocate(sizeof(NodeType))) NodeType();
}

template <typename Item, typename Order, int kFanOut>
int BPlusTree<Item, Order, kFanOut>::FindSlot(
    const Node& node, int first, const Target& target, Bound bound) {
  const int behind = bound == Bound::kBehind ? 1 : 0;
  const Item* const found = std::partition_point(
      node.items + first, node.items + node.count,
      [&](const Item& item) { return Order::Compare(item, target) < behind; });
  return static_cast<int>(found - node.items);
}

template <typename Item, typename Order, int kFanOut>
typename BPlusTree<Item, Order, kFanOut>::Leaf*
BPlusTree<Item, Order, kFanOut>::FindLeaf(
    const Target& target, Step* path) const {
  Node* node = root_;
  for (int level = height_ - 1; level > 0; --level) {
    Inner* const inner = static_cast<Inner*>(node);
    // The last child whose separator is not behind the target.
    const int slot = FindSlot(*inner, 1, target, Bound::kBehind) - 1;
    if (path != nullptr) {
      path[level] = {inner, slot};
    }
    node = inner->children[slot];
  }
  return static_cast<Leaf*>(node);
}

template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::InsertItem(
    Node* node, int slot, const Item& item) {
  KV_CHECK(node->count < kFanOut, "a node has a slot for what comes in");
  KV_CHECK(slot >= 0 && slot <= node->count, "it is beside one in use");
  Item* const items = node->items;
  std::copy_backward(
      items + slot, items + node->count, items + node->count + 1);
  items[slot] = item;
  ++node->count;
}

template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::InsertChild(
    Inner* inner, int slot, const Item& separator, Node* child) {
  InsertItem(inner, slot, separator);
  Node** const children = inner->children;
  std::copy_backward(
      children + slot, children + inner->count - 1, children + inner->count);
  children[slot] = child;
}

// Moves all but the first `keep` items to a new leaf behind this one.
template <typename Item, typename Order, int kFanOut>
typename BPlusTree<Item, Order, kFanOut>::Leaf*
BPlusTree<Item, Order, kFanOut>::SplitLeaf(Leaf* leaf, int keep) {
  Leaf* const right = NewNode<Leaf>();
  std::copy(leaf->items + keep, leaf->items + leaf->count, right->items);
  right->count = leaf->count - keep;
  leaf->count = keep;

  right->prev = leaf;
  right->next = leaf->next;
  (right->next == nullptr ? last_ : right->next->prev) = right;
  leaf->next = right;
  return right;
}

template <typename Item, typename Order, int kFanOut>
typename BPlusTree<Item, Order, kFanOut>::Inner*
BPlusTree<Item, Order, kFanOut>::SplitInner(Inner* inner, int keep) {
  Inner* const right = NewNode<Inner>();
  std::copy(inner->items + keep, inner->items + inner->count, right->items);
  std::copy(
      inner->children + keep, inner->children + inner->count, right->children);
  right->count = inner->count - keep;
  inner->count = keep;
  return right;
}

template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::Insert(const Item& item) {
  const Target target = Order::TargetOf(item);
  Step path[kHeightMax];
  Leaf* const leaf = FindLeaf(target, path);
  const int slot = FindSlot(*leaf, 0, target, Bound::kAtOrBehind);
  KV_CHECK(
      slot == leaf->count || Order::Compare(leaf->items[slot], target) > 0,
      "an item is inserted once");
  ++inserted_;
  if (leaf->count < kFanOut) {
    InsertItem(leaf, slot, item);
    return;
  }
  // What comes in order fills the leaves to the end: the next one begins with
  // the new item.
  const bool at_end = leaf == last_ && slot == kFanOut;
  const int keep = at_end ? kFanOut : kFanOut / 2;
  Leaf* const right = SplitLeaf(leaf, keep);
  if (slot > keep || at_end) {
    InsertItem(right, slot - keep, item);
  } else {
    InsertItem(leaf, slot, item);
  }
  InsertIntoParents(path, right);
}

// Makes `leaf`, which was split off, a child of those on the way to the one
// before it.
template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::InsertIntoParents(
    const Step* path, Leaf* leaf) {
  const bool at_end = leaf == last_;
  Node* child = leaf;
  for (int level = 1; level < height_; ++level) {
    const Item separator = child->items[0];
    Inner* const inner = path[level].inner;
    const int slot = path[level].slot + 1;
    if (inner->count < kFanOut) {
      InsertChild(inner, slot, separator, child);
      return;
    }
    const int keep = at_end ? kFanOut : kFanOut / 2;
    Inner* const right = SplitInner(inner, keep);
    if (slot > keep || at_end) {
      InsertChild(right, slot - keep, separator, child);
    } else {
      InsertChild(inner, slot, separator, child);
    }
    child = right;
  }
  AddRoot(child->items[0], child);
}

template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::AddRoot(
    const Item& separator, Node* child) {
  KV_CHECK(height_ < kHeightMax, "the tree is not too high");
  Inner* const root = NewNode<Inner>();
  root->children[0] = root_;
  root->count = 1;
  InsertChild(root, 1, separator, child);
  root_ = root;
  ++height_;
}

// What stands in a node is not before `first` and before `end`; null: no bound.
template <typename Item, typename Order, int kFanOut>
struct BPlusTree<Item, Order, kFanOut>::Bounds {
  const Item* first = nullptr;
  const Item* end = nullptr;
  bool last_of_level = true;

  bool Hold(const Item& item) const {
    return (first == nullptr ||
            Order::Compare(item, Order::TargetOf(*first)) >= 0) &&
        (end == nullptr || Order::Compare(item, Order::TargetOf(*end)) < 0);
  }
};

template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::CheckInvariants() const {
  const Leaf* next_leaf = first_;
  CheckNode(*root_, height_ - 1, Bounds(), &next_leaf);
  KV_CHECK(next_leaf == nullptr, "the links lead to no other leaf");
  KV_CHECK(first_->prev == nullptr, "no leaf is before the first");
  KV_CHECK(last_->next == nullptr, "no leaf is behind the last");
}

// Leaves come in order: the next one is `next_leaf`, by the links.
template <typename Item, typename Order, int kFanOut>
void BPlusTree<Item, Order, kFanOut>::CheckNode(
    const Node& node, int level, const Bounds& bounds,
    const Leaf** next_leaf) const {
  const int first = level == 0 ? 0 : 1;  // slot with an item
  KV_CHECK(node.count <= kFanOut, "a node is not over-full");
  if (&node == root_) {
    KV_CHECK(level == 0 || node.count >= 2, "an inner root has two children");
  } else {
    KV_CHECK(
        node.count >= (bounds.last_of_level ? 1 : kFanOut / 2),
        "a node is half full");
  }
  for (int slot = first; slot < node.count; ++slot) {
    KV_CHECK(bounds.Hold(node.items[slot]), "an item is in its bounds");
    KV_CHECK(
        slot == first ||
            Order::Compare(
                node.items[slot - 1], Order::TargetOf(node.items[slot])) < 0,
        "items of a node are in strictly ascending order");
  }
  if (level == 0) {
    const Leaf* const leaf = static_cast<const Leaf*>(&node);
    KV_CHECK(leaf == *next_leaf, "the links lead to each leaf in order");
    KV_CHECK(
        leaf->next == nullptr ? leaf == last_ : leaf->next->prev == leaf,
        "the links lead back");
    *next_leaf = leaf->next;
    return;
  }
  const Inner& inner = static_cast<const Inner&>(node);
  for (int slot = 0; slot < inner.count; ++slot) {
    const bool last = slot == inner.count - 1;
    const Bounds below = {
        .first = slot == 0 ? bounds.first : &inner.items[slot],
        .end = last ? bounds.end : &inner.items[slot + 1],
        .last_of_level = last && bounds.last_of_level,
    };
    CheckNode(*inner.children[slot], level - 1, below, next_leaf);
  }
}

}  // namespace kv
