#include "common/fs/memory_file_system.h"

#include <utility>

#include "common/fs/memory_file_handles.h"
#include "common/fs/memory_file_nodes.h"

namespace kv {
namespace {

Status Error(
    const char* what, const std::string& path, const std::string& reason) {
  return Status::IoError(
      std::string("cannot ") + what + " '" + path + "': " + reason);
}

// The next part of `*path`, or empty at its end.
std::string_view TakePart(std::string_view* path) {
  while (!path->empty()) {
    const size_t slash = path->find('/');
    const std::string_view part = path->substr(0, slash);
    path->remove_prefix(
        slash == std::string_view::npos ? path->size() : slash + 1);
    if (!part.empty() && part != ".") {
      return part;
    }
  }
  return {};
}

}  // namespace

MemoryFileSystem::MemoryFileSystem(CrashModel model)
    : shared_(std::make_shared<Shared>(model)),
      root_(std::make_shared<Directory>(0)) {}

MemoryFileSystem::~MemoryFileSystem() = default;

uint64_t MemoryFileSystem::BytesInUse() const {
  return shared_->bytes_in_use.load(std::memory_order_relaxed);
}

uint64_t MemoryFileSystem::MutatingCalls() const {
  return shared_->calls.load();
}

void MemoryFileSystem::SetObserver(
    std::function<void(uint64_t call)> observer) {
  shared_->observer = std::move(observer);
}

std::shared_ptr<MemoryFileSystem::File> MemoryFileSystem::NewFile() const {
  return std::make_shared<File>(shared_, shared_->next_id.fetch_add(1));
}

MemoryFileSystem::Directory* MemoryFileSystem::FindDirectory(
    std::string_view path) const {
  Directory* directory = root_.get();
  while (true) {
    const std::string_view part = TakePart(&path);
    if (part.empty()) {
      return directory;
    }
    const auto found = directory->names.find(part);
    if (found == directory->names.end() || found->second.directory == nullptr) {
      return nullptr;
    }
    directory = found->second.directory.get();
  }
}

Result<MemoryFileSystem::Place> MemoryFileSystem::FindPlace(
    const char* what, const std::string& path) const {
  Place place;
  place.name = BaseName(path);
  if (path.empty() || place.name == "." || place.name == "/" ||
      place.name == "..") {
    return Error(what, path, "this is not the name of a file");
  }
  place.directory = FindDirectory(ParentPath(path));
  if (place.directory == nullptr) {
    return Error(
        what, path,
        "the directory '" + ParentPath(path) +
            "' does not exist (create it first)");
  }
  return place;
}

Result<std::shared_ptr<MemoryFileSystem::File>> MemoryFileSystem::FindFile(
    const char* what, const std::string& path) const {
  const Directory* parent = FindDirectory(ParentPath(path));
  if (parent == nullptr) {
    return Status::NotFound();
  }
  const auto found = parent->names.find(BaseName(path));
  if (found == parent->names.end()) {
    return FindDirectory(path) == nullptr
        ? Status::NotFound()
        : Error(what, path, "a directory is there where a file is needed");
  }
  if (found->second.file == nullptr) {
    return Error(what, path, "a directory is there where a file is needed");
  }
  return found->second.file;
}

void MemoryFileSystem::Change(
    Directory* directory, NameChange::Kind kind, const std::string& name,
    const std::string& old_name, const Entry& entry) {
  Directory::Change change{NameChange{kind, name, old_name}, entry};
  Directory::Apply(change, &directory->names);
  if (shared_->records) {
    directory->unsynced.push_back(std::move(change));
  }
}

Result<std::unique_ptr<AppendFile>> MemoryFileSystem::OpenForAppend(
    const std::string& path, AppendMode mode) {
  std::shared_ptr<File> file;
  uint64_t size = 0;
  if (mode == AppendMode::kExisting) {
    const MutexLock lock(&mutex_);
    KV_ASSIGN_OR_RETURN(file, FindFile("open for writing", path));
    const MutexLock file_lock(&file->mutex);
    size = file->content.size();
  } else {
    {
      const MutexLock lock(&mutex_);
      KV_ASSIGN_OR_RETURN(const Place place, FindPlace("create", path));
      if (place.directory->names.count(place.name) > 0) {
        return Error(
            "create", path,
            "it is there already; remove it or choose another name");
      }
      file = NewFile();
      Change(
          place.directory, NameChange::Kind::kAdd, place.name, "",
          Entry{file, nullptr});
    }
    shared_->CountCall();
  }
  return NewAppendHandle(std::move(file), path, size);
}

Result<std::unique_ptr<RandomFile>> MemoryFileSystem::OpenForRandomRead(
    const std::string& path) {
  const MutexLock lock(&mutex_);
  KV_ASSIGN_OR_RETURN(
      std::shared_ptr<File> file, FindFile("open for reading", path));
  return NewRandomHandle(std::move(file));
}

Result<std::unique_ptr<SequentialFile>> MemoryFileSystem::OpenForSequentialRead(
    const std::string& path) {
  const MutexLock lock(&mutex_);
  KV_ASSIGN_OR_RETURN(
      std::shared_ptr<File> file, FindFile("open for reading", path));
  return NewSequentialHandle(std::move(file));
}

Result<std::vector<std::string>> MemoryFileSystem::List(
    const std::string& path) {
  const MutexLock lock(&mutex_);
  const Directory* directory = FindDirectory(path);
  if (directory == nullptr) {
    KV_RETURN_IF_ERROR(FindFile("list", path).status());
    return Error("list", path, "it is a file, not a directory");
  }
  std::vector<std::string> names;
  names.reserve(directory->names.size());
  for (const auto& [name, entry] : directory->names) {
    names.push_back(name);
  }
  return names;
}

Result<uint64_t> MemoryFileSystem::FileSize(const std::string& path) {
  const MutexLock lock(&mutex_);
  KV_ASSIGN_OR_RETURN(
      const std::shared_ptr<File> file, FindFile("read the size of", path));
  const MutexLock file_lock(&file->mutex);
  return file->content.size();
}

Result<bool> MemoryFileSystem::Exists(const std::string& path) {
  const MutexLock lock(&mutex_);
  return FindDirectory(path) != nullptr || FindFile("look for", path).ok();
}

Status MemoryFileSystem::CreateDirectory(const std::string& path) {
  {
    const MutexLock lock(&mutex_);
    if (FindDirectory(path) != nullptr) {
      return Status::Ok();
    }
    KV_ASSIGN_OR_RETURN(
        const Place place, FindPlace("create the directory", path));
    if (place.directory->names.count(place.name) > 0) {
      return Error("create the directory", path, "a file is there already");
    }
    Change(
        place.directory, NameChange::Kind::kAdd, place.name, "",
        Entry{
            nullptr,
            std::make_shared<Directory>(shared_->next_id.fetch_add(1))});
  }
  shared_->CountCall();
  return Status::Ok();
}

Status MemoryFileSystem::RemoveDirectory(const std::string& path) {
  {
    const MutexLock lock(&mutex_);
    const Directory* directory = FindDirectory(path);
    if (directory == nullptr) {
      KV_RETURN_IF_ERROR(FindFile("remove the directory", path).status());
      return Error("remove the directory", path, "it is a file");
    }
    if (!directory->names.empty()) {
      return Error("remove the directory", path, "the directory is not empty");
    }
    KV_ASSIGN_OR_RETURN(
        const Place place, FindPlace("remove the directory", path));
    Change(place.directory, NameChange::Kind::kRemove, place.name, "", Entry());
  }
  shared_->CountCall();
  return Status::Ok();
}

Status MemoryFileSystem::SyncDirectory(const std::string& path) {
  {
    const MutexLock lock(&mutex_);
    Directory* directory = FindDirectory(path);
    if (directory == nullptr) {
      KV_RETURN_IF_ERROR(FindFile("sync the directory", path).status());
      return Error("sync the directory", path, "it is a file");
    }
    for (const Directory::Change& change : directory->unsynced) {
      Directory::Apply(change, &directory->durable);
    }
    directory->unsynced.clear();
  }
  shared_->CountCall();
  return Status::Ok();
}

Status MemoryFileSystem::Rename(
    const std::string& from, const std::string& to) {
  {
    const MutexLock lock(&mutex_);
    Directory* source = FindDirectory(ParentPath(from));
    Directory* target = FindDirectory(ParentPath(to));
    if (source == nullptr || target == nullptr) {
      return Status::NotFound();
    }
    const std::string old_name = BaseName(from);
    const std::string new_name = BaseName(to);
    const auto moved = source->names.find(old_name);
    if (moved == source->names.end()) {
      return Status::NotFound();
    }
    const Entry entry = moved->second;
    const auto replaced = target->names.find(new_name);
    if (replaced != target->names.end()) {
      const Entry& old = replaced->second;
      if (old.directory == entry.directory && old.file == entry.file) {
        return Status::Ok();  // Two names of one file: nothing changes.
      }
      if ((old.file == nullptr) != (entry.file == nullptr) ||
          (old.directory != nullptr && !old.directory->names.empty())) {
        return Error(
            "rename", from,
            "'" + to + "' is there and cannot be replaced by it");
      }
    }
    if (source == target) {
      Change(source, NameChange::Kind::kRename, new_name, old_name, entry);
    } else {
      Change(target, NameChange::Kind::kAdd, new_name, "", entry);
      Change(source, NameChange::Kind::kRemove, old_name, "", Entry());
    }
  }
  shared_->CountCall();
  return Status::Ok();
}

Status MemoryFileSystem::Remove(const std::string& path) {
  {
    const MutexLock lock(&mutex_);
    KV_RETURN_IF_ERROR(FindFile("remove", path).status());
    Change(
        FindDirectory(ParentPath(path)), NameChange::Kind::kRemove,
        BaseName(path), "", Entry());
  }
  shared_->CountCall();
  return Status::Ok();
}

Status MemoryFileSystem::HardLink(
    const std::string& from, const std::string& to) {
  {
    const MutexLock lock(&mutex_);
    KV_ASSIGN_OR_RETURN(
        const std::shared_ptr<File> file, FindFile("link", from));
    Directory* target = FindDirectory(ParentPath(to));
    if (target == nullptr) {
      return Status::NotFound();
    }
    const std::string name = BaseName(to);
    if (target->names.count(name) > 0) {
      return Error("link", from, "'" + to + "' is there already");
    }
    Change(target, NameChange::Kind::kAdd, name, "", Entry{file, nullptr});
  }
  shared_->CountCall();
  return Status::Ok();
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::Lock(
    const std::string& path) {
  bool created = false;
  std::shared_ptr<File> file;
  {
    const MutexLock lock(&mutex_);
    auto found = FindFile("lock", path);
    if (found.ok()) {
      file = std::move(found).value();
    } else if (!found.status().IsNotFound()) {
      return found.status();
    } else {
      KV_ASSIGN_OR_RETURN(
          const Place place, FindPlace("open the lock file", path));
      file = NewFile();
      created = true;
      Change(
          place.directory, NameChange::Kind::kAdd, place.name, "",
          Entry{file, nullptr});
    }
    if (file->is_locked.exchange(true)) {
      return Status::Busy(
          "'" + path +
          "' is locked (only one may use it at a time; close that one first)");
    }
  }
  if (created) {
    shared_->CountCall();
  }
  return NewLockHandle(std::move(file));
}

}  // namespace kv
