// The part of MemoryFileSystem that loses power.

#include <unordered_map>
#include <utility>

#include "common/base/checksum.h"
#include "common/fs/memory_file_nodes.h"
#include "common/fs/memory_file_system.h"

namespace kv {
namespace {

using File = MemoryFileSystem::File;
using Directory = MemoryFileSystem::Directory;
using Entry = MemoryFileSystem::Entry;

// Every file and directory that a name leads to, now or in the durable form,
// with a path: that of now where there is one.
struct Reached {
  std::map<uint64_t, std::pair<const File*, std::string>> files;
  std::map<uint64_t, std::pair<const Directory*, std::string>> directories;
};

void Reach(const Directory& directory, const std::string& path, Reached* all) {
  if (!all->directories.emplace(directory.id, std::pair(&directory, path))
           .second) {
    return;
  }
  const auto reach_entry = [&](const std::string& name, const Entry& entry) {
    if (entry.file != nullptr) {
      all->files.emplace(
          entry.file->id, std::pair(entry.file.get(), JoinPath(path, name)));
    } else if (entry.directory != nullptr) {
      Reach(*entry.directory, JoinPath(path, name), all);
    }
  };
  for (const auto& [name, entry] : directory.names) {
    reach_entry(name, entry);
  }
  for (const auto& [name, entry] : directory.durable) {
    reach_entry(name, entry);
  }
  for (const auto& change : directory.unsynced) {
    reach_entry(change.what.name, change.entry);
  }
}

uint64_t HashDirectory(const Directory& directory, uint64_t seed);

uint64_t HashEntry(const std::string& name, const Entry& entry, uint64_t seed) {
  seed = Checksum64(name, seed);
  if (entry.directory != nullptr) {
    return HashDirectory(*entry.directory, seed + 1);
  }
  const MutexLock lock(&entry.file->mutex);
  return entry.file->content.Hash(seed + 2);
}

uint64_t HashDirectory(const Directory& directory, uint64_t seed) {
  for (const auto& [name, entry] : directory.names) {
    seed = HashEntry(name, entry, seed);
  }
  return Checksum64({}, seed ^ directory.names.size());
}

}  // namespace

UnsyncedChanges MemoryFileSystem::Unsynced() const {
  KV_CHECK(shared_->records, "CrashModel::kNone records nothing");
  const MutexLock lock(&mutex_);
  Reached reached;
  Reach(*root_, "", &reached);
  UnsyncedChanges changes;
  for (const auto& [id, found] : reached.files) {
    const File& file = *found.first;
    const MutexLock file_lock(&file.mutex);
    if (file.IsDirty()) {
      changes.files.push_back(file.Describe());
      changes.files.back().path = found.second;
    }
  }
  for (const auto& [id, found] : reached.directories) {
    if (found.first->unsynced.empty()) continue;
    DirtyDirectory dirty{id, found.second, {}};
    for (const Directory::Change& change : found.first->unsynced) {
      dirty.changes.push_back(change.what);
    }
    changes.directories.push_back(std::move(dirty));
  }
  return changes;
}

// Copies what survives into a file system in which all is durable.
class MemoryFileSystem::CrashBuilder {
 public:
  CrashBuilder(const CrashChoice& choice, MemoryFileSystem* target)
      : choice_(choice), target_(target) {}

  void CopyDirectory(const Directory& from, Directory* to) {
    const auto chosen = choice_.names.find(from.id);
    const bool is_chosen = chosen != choice_.names.end();
    if (is_chosen) {
      KV_CHECK(
          chosen->second.size() == from.unsynced.size(),
          "a crash choice has one flag for each change of the directory");
    }
    Directory::Names names =
        choice_.keep_unsynced && !is_chosen ? from.names : from.durable;
    for (size_t i = 0; is_chosen && i < from.unsynced.size(); ++i) {
      if (chosen->second[i]) {
        Directory::Apply(from.unsynced[i], &names);
      }
    }
    for (const auto& [name, entry] : names) {
      Entry& copy = to->names[name];
      if (entry.file != nullptr) {
        copy.file = CopyFile(*entry.file);
      } else {
        // Two names that a cut rename left for one directory become two.
        copy.directory =
            std::make_shared<Directory>(target_->shared_->next_id.fetch_add(1));
        CopyDirectory(*entry.directory, copy.directory.get());
      }
    }
    to->durable = to->names;
  }

 private:
  std::shared_ptr<File> CopyFile(const File& from) {
    std::shared_ptr<File>& copy = copies_[&from];
    if (copy == nullptr) {
      copy = target_->NewFile();
      const std::string bytes = SurvivingBytes(from);
      const MutexLock lock(&copy->mutex);
      copy->content.Append(bytes);
    }
    return copy;
  }

  std::string SurvivingBytes(const File& from) const {
    const auto chosen = choice_.contents.find(from.id);
    if (chosen != choice_.contents.end()) {
      return chosen->second;
    }
    const MutexLock lock(&from.mutex);
    if (!from.IsDirty() || (choice_.keep_unsynced && from.lost.empty())) {
      return from.content.Copy(0, from.content.size());
    }
    DirtyFile file = from.Describe();
    if (choice_.keep_unsynced) {
      for (const UnsyncedWrite& write : file.writes) {
        ApplyWrite(write, &file.durable);
      }
    }
    return std::move(file.durable);
  }

  const CrashChoice& choice_;
  MemoryFileSystem* const target_;
  std::unordered_map<const File*, std::shared_ptr<File>> copies_;
};

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::Crash(
    const CrashChoice& choice) const {
  KV_CHECK(shared_->records, "CrashModel::kNone records nothing");
  auto after = std::make_unique<MemoryFileSystem>(CrashModel::kRecord);
  CrashBuilder builder(choice, after.get());
  const MutexLock lock(&mutex_);
  const MutexLock after_lock(&after->mutex_);
  builder.CopyDirectory(*root_, after->root_.get());
  return after;
}

// Copies all there is, durable or not.
class MemoryFileSystem::Cloner {
 public:
  explicit Cloner(MemoryFileSystem* target) : target_(target) {}

  std::shared_ptr<Directory> Clone(const Directory& from) {
    std::shared_ptr<Directory>& copy = directories_[&from];
    if (copy != nullptr) {
      return copy;
    }
    copy = std::make_shared<Directory>(from.id);
    const std::shared_ptr<Directory> result = copy;
    for (const auto& [name, entry] : from.names) {
      result->names[name] = Clone(entry);
    }
    for (const auto& [name, entry] : from.durable) {
      result->durable[name] = Clone(entry);
    }
    for (const Directory::Change& change : from.unsynced) {
      result->unsynced.push_back({change.what, Clone(change.entry)});
    }
    return result;
  }

 private:
  Entry Clone(const Entry& from) {
    Entry copy;
    if (from.file != nullptr) {
      copy.file = Clone(*from.file);
    }
    if (from.directory != nullptr) {
      copy.directory = Clone(*from.directory);
    }
    return copy;
  }

  std::shared_ptr<File> Clone(const File& from) {
    std::shared_ptr<File>& copy = files_[&from];
    if (copy == nullptr) {
      copy = std::make_shared<File>(target_->shared_, from.id);
      const MutexLock from_lock(&from.mutex);
      const MutexLock lock(&copy->mutex);
      copy->content.Append(from.content.Copy(0, from.content.size()));
      copy->unsynced = from.unsynced;
      copy->lost = from.lost;
    }
    return copy;
  }

  MemoryFileSystem* const target_;
  std::unordered_map<const File*, std::shared_ptr<File>> files_;
  std::unordered_map<const Directory*, std::shared_ptr<Directory>> directories_;
};

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::ProcessDeath() const {
  KV_CHECK(shared_->records, "CrashModel::kNone records nothing");
  auto after = std::make_unique<MemoryFileSystem>(CrashModel::kRecord);
  after->shared_->next_id = shared_->next_id.load();
  Cloner cloner(after.get());
  const MutexLock lock(&mutex_);
  const MutexLock after_lock(&after->mutex_);
  after->root_ = cloner.Clone(*root_);
  return after;
}

uint64_t MemoryFileSystem::TreeHash() const {
  const MutexLock lock(&mutex_);
  return HashDirectory(*root_, 0);
}

}  // namespace kv
