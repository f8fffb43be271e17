#include "table/merging_iterator.h"

#include <utility>

#include "common/base/check.h"

namespace kv {
namespace {

// The children that are at an entry form a heap: at its top is the one whose
// entry comes first in the direction of travel, and no child's entry comes
// before that of its parent. Every entry that is still to come is one of those
// or lies behind one of them.
class MergingIterator : public InternalIterator {
 public:
  explicit MergingIterator(
      std::vector<std::unique_ptr<InternalIterator>> children)
      : children_(std::move(children)) {}

  bool Valid() const override { return !heap_.empty(); }

  void SeekToFirst() override {
    for (const auto& child : children_) {
      child->SeekToFirst();
    }
    MakeHeap(Direction::kForward);
  }

  void SeekToLast() override {
    for (const auto& child : children_) {
      child->SeekToLast();
    }
    MakeHeap(Direction::kBackward);
  }

  void Seek(const InternalKey& target) override {
    for (const auto& child : children_) {
      child->Seek(target);
    }
    MakeHeap(Direction::kForward);
  }

  void SeekForPrev(const InternalKey& target) override {
    for (const auto& child : children_) {
      child->SeekForPrev(target);
    }
    MakeHeap(Direction::kBackward);
  }

  // Where the direction changes, the other children stand on the wrong side of
  // the current entry. Its own child moves last, for the key is in there.
  void Next() override {
    KV_CHECK(Valid(), "Next is for an iterator that is at an entry");
    InternalIterator* const current = heap_.front();
    if (direction_ == Direction::kForward) {
      current->Next();
      FirstHasMoved();
      return;
    }
    for (const auto& child : children_) {
      if (child.get() != current) {
        child->Seek(current->Key());
      }
    }
    current->Next();
    MakeHeap(Direction::kForward);
  }

  void Prev() override {
    KV_CHECK(Valid(), "Prev is for an iterator that is at an entry");
    InternalIterator* const current = heap_.front();
    if (direction_ == Direction::kBackward) {
      current->Prev();
      FirstHasMoved();
      return;
    }
    for (const auto& child : children_) {
      if (child.get() != current) {
        child->SeekForPrev(current->Key());
      }
    }
    current->Prev();
    MakeHeap(Direction::kBackward);
  }

  const InternalKey& Key() const override {
    KV_CHECK(Valid(), "Key is for an iterator that is at an entry");
    return heap_.front()->Key();
  }

  std::string_view Value() const override {
    KV_CHECK(Valid(), "Value is for an iterator that is at an entry");
    return heap_.front()->Value();
  }

  Status GetStatus() const override { return status_; }

 private:
  enum class Direction { kForward, kBackward };

  // Whether the entry of `a` comes before that of `b` in the direction.
  bool ComesFirst(const InternalIterator& a, const InternalIterator& b) const {
    const int order = Compare(a.Key(), b.Key());
    return direction_ == Direction::kForward ? order < 0 : order > 0;
  }

  // Of the children where they are now.
  void MakeHeap(Direction direction) {
    direction_ = direction;
    status_ = Status::Ok();
    heap_.clear();
    for (const auto& child : children_) {
      if (child->Valid()) {
        heap_.push_back(child.get());
      } else if (!child->GetStatus().ok()) {
        Fail(child->GetStatus());
        return;
      }
    }
    for (size_t i = heap_.size() / 2; i > 0; --i) {
      SiftDown(i - 1);
    }
  }

  // The child at the top has moved by one entry, or to its end.
  void FirstHasMoved() {
    const InternalIterator& first = *heap_.front();
    if (!first.Valid()) {
      if (!first.GetStatus().ok()) {
        Fail(first.GetStatus());
        return;
      }
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    SiftDown(0);
  }

  // Puts the child at `parent`, below which all is in order, in its place.
  void SiftDown(size_t parent) {
    for (;;) {
      size_t first = 2 * parent + 1;
      if (first >= heap_.size()) {
        return;
      }
      const size_t second = first + 1;
      if (second < heap_.size() && ComesFirst(*heap_[second], *heap_[first])) {
        first = second;
      }
      if (!ComesFirst(*heap_[first], *heap_[parent])) {
        return;
      }
      std::swap(heap_[first], heap_[parent]);
      parent = first;
    }
  }

  void Fail(const Status& status) {
    heap_.clear();
    status_ = status;
  }

  const std::vector<std::unique_ptr<InternalIterator>> children_;
  std::vector<InternalIterator*> heap_;
  Direction direction_ = Direction::kForward;
  Status status_;
};

}  // namespace

std::unique_ptr<InternalIterator> NewMergingIterator(
    std::vector<std::unique_ptr<InternalIterator>> children) {
  if (children.size() == 1) {
    return std::move(children.front());
  }
  return std::make_unique<MergingIterator>(std::move(children));
}

}  // namespace kv
