#include "common/fs/memory_file_nodes.h"

#include <algorithm>
#include <cstring>

#include "common/base/checksum.h"

namespace kv {

void MemoryFileSystem::Shared::CountCall() {
  const uint64_t call = calls.fetch_add(1) + 1;
  if (observer) {
    observer(call);
  }
}

void MemoryContent::Append(std::string_view data) {
  while (!data.empty()) {
    const size_t used = static_cast<size_t>(size_ % kChunkBytes);
    if (used == 0) {
      chunks_.emplace_back(new char[kChunkBytes]);
      bytes_in_use_->fetch_add(kChunkBytes, std::memory_order_relaxed);
    }
    const size_t n = std::min(data.size(), kChunkBytes - used);
    std::memcpy(chunks_.back().get() + used, data.data(), n);
    data.remove_prefix(n);
    size_ += n;
  }
}

void MemoryContent::Truncate(uint64_t size) {
  KV_CHECK(size <= size_, "a truncate must not make a file longer");
  size_ = size;
  const size_t needed =
      static_cast<size_t>((size + kChunkBytes - 1) / kChunkBytes);
  bytes_in_use_->fetch_sub(
      (chunks_.size() - needed) * kChunkBytes, std::memory_order_relaxed);
  chunks_.resize(needed);
}

std::string_view MemoryContent::Read(
    uint64_t offset, std::span<char> scratch) const {
  if (offset >= size_) {
    return {};
  }
  const size_t wanted =
      static_cast<size_t>(std::min<uint64_t>(scratch.size(), size_ - offset));
  size_t chunk = static_cast<size_t>(offset / kChunkBytes);
  size_t begin = static_cast<size_t>(offset % kChunkBytes);
  if (begin + wanted <= kChunkBytes) {
    return std::string_view(chunks_[chunk].get() + begin, wanted);
  }
  size_t done = 0;
  while (done < wanted) {
    const size_t n = std::min(wanted - done, kChunkBytes - begin);
    std::memcpy(scratch.data() + done, chunks_[chunk].get() + begin, n);
    done += n;
    ++chunk;
    begin = 0;
  }
  return std::string_view(scratch.data(), done);
}

std::string MemoryContent::Copy(uint64_t begin, uint64_t end) const {
  KV_CHECK(begin <= end && end <= size_, "a range within the file");
  std::string bytes(static_cast<size_t>(end - begin), '\0');
  const std::span<char> scratch(bytes.data(), bytes.size());
  const std::string_view piece = Read(begin, scratch);
  if (piece.data() != bytes.data()) {
    bytes.assign(piece);
  }
  return bytes;
}

uint64_t MemoryContent::Hash(uint64_t seed) const {
  uint64_t left = size_;
  for (const auto& chunk : chunks_) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(left, kChunkBytes));
    seed = Checksum64(std::string_view(chunk.get(), n), seed);
    left -= n;
  }
  return Checksum64({}, seed ^ size_);
}

void MemoryFileSystem::File::Append(std::string_view data) {
  const MutexLock lock(&mutex);
  if (shared->records) {
    unsynced.push_back(Undo{false, content.size(), data.size(), {}});
  }
  content.Append(data);
}

bool MemoryFileSystem::File::Truncate(uint64_t size) {
  const MutexLock lock(&mutex);
  if (size > content.size()) {
    return false;
  }
  if (shared->records) {
    unsynced.push_back(Undo{true, size, 0, content.Copy(size, content.size())});
  }
  content.Truncate(size);
  return true;
}

void MemoryFileSystem::File::Sync() {
  const MutexLock lock(&mutex);
  // What was cut off, and written anew since, is durable like the rest.
  for (const Undo& undo : unsynced) {
    if (!undo.is_truncate) continue;
    for (Range& range : lost) {
      range.end = std::min(range.end, undo.offset);
    }
  }
  std::erase_if(
      lost, [](const Range& range) { return range.begin >= range.end; });
  unsynced.clear();
}

void MemoryFileSystem::File::LoseUnsynced() {
  const MutexLock lock(&mutex);
  for (const Undo& undo : unsynced) {
    if (!undo.is_truncate) {
      lost.push_back(Range{undo.offset, undo.offset + undo.size});
    }
  }
  unsynced.clear();
}

DirtyFile MemoryFileSystem::File::Describe() const {
  DirtyFile file;
  file.id = id;
  std::string bytes = content.Copy(0, content.size());
  file.writes.resize(unsynced.size());
  for (size_t i = unsynced.size(); i-- > 0;) {
    const Undo& undo = unsynced[i];
    UnsyncedWrite& write = file.writes[i];
    write.is_truncate = undo.is_truncate;
    write.offset = undo.offset;
    if (undo.is_truncate) {
      bytes += undo.removed;
    } else {
      write.data = bytes.substr(static_cast<size_t>(undo.offset));
      bytes.resize(static_cast<size_t>(undo.offset));
    }
  }
  // Dropped pages read as zeros; at the end of the file, the length that
  // covers them was dropped too.
  for (size_t i = lost.size(); i-- > 0;) {
    const uint64_t end = std::min<uint64_t>(lost[i].end, bytes.size());
    if (lost[i].begin >= end) continue;
    const size_t begin = static_cast<size_t>(lost[i].begin);
    if (end == bytes.size()) {
      bytes.resize(begin);
    } else {
      std::fill(
          bytes.begin() + static_cast<std::ptrdiff_t>(begin),
          bytes.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    }
  }
  file.durable = std::move(bytes);
  return file;
}

void MemoryFileSystem::Directory::Apply(const Change& change, Names* names) {
  switch (change.what.kind) {
    case NameChange::Kind::kAdd:
      (*names)[change.what.name] = change.entry;
      return;
    case NameChange::Kind::kRemove:
      names->erase(change.what.name);
      return;
    case NameChange::Kind::kRename:
      names->erase(change.what.old_name);
      (*names)[change.what.name] = change.entry;
      return;
  }
}

void ApplyWrite(const UnsyncedWrite& write, std::string* content) {
  const size_t offset = static_cast<size_t>(write.offset);
  if (write.is_truncate) {
    content->resize(std::min(content->size(), offset));
    return;
  }
  if (content->size() < offset + write.data.size()) {
    content->resize(offset + write.data.size(), '\0');
  }
  content->replace(offset, write.data.size(), write.data);
}

}  // namespace kv
