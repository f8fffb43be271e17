#pragma once

// A mutex that clang's thread-safety analysis understands: it reports a
// guarded member that is touched without its mutex, at compile time.
//
// Contract: `int count KV_GUARDED_BY(mutex_);` may be touched only while a
//   MutexLock of `mutex_` lives, or in a function marked KV_REQUIRES(mutex_).

#include <mutex>

#if defined(__clang__)
#define KV_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define KV_THREAD_ANNOTATION(x)
#endif

#define KV_GUARDED_BY(x) KV_THREAD_ANNOTATION(guarded_by(x))
#define KV_REQUIRES(...) KV_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define KV_ACQUIRE(...) KV_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define KV_RELEASE(...) KV_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define KV_EXCLUDES(...) KV_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define KV_NO_THREAD_ANALYSIS KV_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace kv {

class KV_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() KV_ACQUIRE() { mutex_.lock(); }
  void Unlock() KV_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds the mutex while it lives.
class KV_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) KV_ACQUIRE(mutex) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() KV_RELEASE() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

}  // namespace kv
