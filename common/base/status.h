#pragma once

// The outcome of an operation: Ok, or a code with a message that says what
// went wrong, where, and what to do about it.
//
// Contract: a Status or Result that is returned must be looked at; both are
//   [[nodiscard]]. Operating errors and bad bytes travel as Status; a mistake
//   in the program is a KV_CHECK (common/base/check.h).
// Limits: a Status is one pointer. Ok and NotFound never allocate.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/check.h"

namespace kv {

/// What kind of outcome. Append-only: the values are printed, compared and
/// sent over the network.
enum class StatusCode {
  kOk = 0,
  kNotFound = 1,
  kInvalidArgument = 2,
  kResourceExhausted = 3,
  kCorruption = 4,
  kIoError = 5,
  kNotSupported = 6,
  kBusy = 7,
  kAborted = 8,
  kConflict = 9,
  kUnavailable = 10,
  kTimedOut = 11,
  kReadOnly = 12,
};

/// The name of a code as it is printed, for example "NotFound".
std::string_view StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // Ok
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  static Status Ok() { return Status(); }
  static Status NotFound();
  static Status InvalidArgument(std::string message);
  static Status ResourceExhausted(std::string message);
  static Status Corruption(std::string message);
  static Status IoError(std::string message);
  static Status NotSupported(std::string message);
  static Status Busy(std::string message);
  static Status Aborted(std::string message);
  static Status Conflict(std::string message);
  static Status Unavailable(std::string message);
  static Status TimedOut(std::string message);
  static Status ReadOnly(std::string message);

  bool ok() const { return rep_ == nullptr; }
  StatusCode code() const { return ok() ? StatusCode::kOk : rep_->code; }
  std::string_view message() const {
    return ok() ? std::string_view() : std::string_view(rep_->message);
  }
  bool IsNotFound() const { return code() == StatusCode::kNotFound; }

  /// "Ok", "NotFound", or "Corruption: data.log at offset 96: …".
  std::string ToString() const;

 private:
  struct Rep {
    StatusCode code;
    std::string message;
  };
  // The one NotFound is shared by all and belongs to nobody.
  struct RepDeleter {
    void operator()(const Rep* rep) const;
  };

  Status(StatusCode code, std::string message);
  static const Rep& SharedNotFound();

  std::unique_ptr<const Rep, RepDeleter> rep_;
};

/// A value, or the Status that says why there is none (never Ok).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Status status) : status_(std::move(status)) {  // NOLINT: likewise
    KV_CHECK(!status_.ok(), "a Result without a value needs an error");
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }

  T& value() & {
    KV_CHECK(ok(), "value() of a Result that holds an error");
    return *value_;
  }
  const T& value() const& {
    KV_CHECK(ok(), "value() of a Result that holds an error");
    return *value_;
  }
  T&& value() && {
    KV_CHECK(ok(), "value() of a Result that holds an error");
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace kv

/// Returns from the enclosing function if `expression` is a Status other
/// than Ok.
#define KV_RETURN_IF_ERROR(expression) \
  do { \
    ::kv::Status kv_status = (expression); \
    if (!kv_status.ok()) return kv_status; \
  } while (false)

/// `KV_ASSIGN_OR_RETURN(auto file, fs->OpenForRead(path));`
#define KV_ASSIGN_OR_RETURN(declaration, expression) \
  KV_ASSIGN_OR_RETURN_IMPL_( \
      KV_CONCATENATE_(kv_result_, __LINE__), declaration, expression)
#define KV_ASSIGN_OR_RETURN_IMPL_(result, declaration, expression) \
  auto result = (expression); \
  if (!result.ok()) return result.status(); \
  declaration = std::move(result).value()
#define KV_CONCATENATE_(a, b) KV_CONCATENATE_IMPL_(a, b)
#define KV_CONCATENATE_IMPL_(a, b) a##b
