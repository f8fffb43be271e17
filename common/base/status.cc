#include "common/base/status.h"

namespace kv {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "Ok";
    case StatusCode::kNotFound:
      return "NotFound";
    case StatusCode::kInvalidArgument:
      return "InvalidArgument";
    case StatusCode::kResourceExhausted:
      return "ResourceExhausted";
    case StatusCode::kCorruption:
      return "Corruption";
    case StatusCode::kIoError:
      return "IoError";
    case StatusCode::kNotSupported:
      return "NotSupported";
    case StatusCode::kBusy:
      return "Busy";
    case StatusCode::kAborted:
      return "Aborted";
    case StatusCode::kConflict:
      return "Conflict";
    case StatusCode::kUnavailable:
      return "Unavailable";
    case StatusCode::kTimedOut:
      return "TimedOut";
    case StatusCode::kReadOnly:
      return "ReadOnly";
  }
  return "unknown status code";
}

const Status::Rep& Status::SharedNotFound() {
  static const Rep rep{StatusCode::kNotFound, std::string()};
  return rep;
}

void Status::RepDeleter::operator()(const Rep* rep) const {
  if (rep != &SharedNotFound()) {
    delete rep;
  }
}

Status::Status(StatusCode code, std::string message)
    : rep_(new Rep{code, std::move(message)}) {}

Status::Status(const Status& other) {
  *this = other;
}

Status& Status::operator=(const Status& other) {
  if (this == &other) {
    return *this;
  }
  if (other.ok()) {
    rep_.reset();
  } else if (other.rep_.get() == &SharedNotFound()) {
    rep_.reset(&SharedNotFound());
  } else {
    rep_.reset(new Rep(*other.rep_));
  }
  return *this;
}

Status Status::NotFound() {
  Status status;
  status.rep_.reset(&SharedNotFound());
  return status;
}

Status Status::InvalidArgument(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

Status Status::ResourceExhausted(std::string message) {
  return Status(StatusCode::kResourceExhausted, std::move(message));
}

Status Status::Corruption(std::string message) {
  return Status(StatusCode::kCorruption, std::move(message));
}

Status Status::IoError(std::string message) {
  return Status(StatusCode::kIoError, std::move(message));
}

Status Status::NotSupported(std::string message) {
  return Status(StatusCode::kNotSupported, std::move(message));
}

Status Status::Busy(std::string message) {
  return Status(StatusCode::kBusy, std::move(message));
}

Status Status::Aborted(std::string message) {
  return Status(StatusCode::kAborted, std::move(message));
}

Status Status::Conflict(std::string message) {
  return Status(StatusCode::kConflict, std::move(message));
}

Status Status::Unavailable(std::string message) {
  return Status(StatusCode::kUnavailable, std::move(message));
}

Status Status::TimedOut(std::string message) {
  return Status(StatusCode::kTimedOut, std::move(message));
}

Status Status::ReadOnly(std::string message) {
  return Status(StatusCode::kReadOnly, std::move(message));
}

std::string Status::ToString() const {
  std::string text(StatusCodeName(code()));
  if (!message().empty()) {
    text += ": ";
    text += message();
  }
  return text;
}

}  // namespace kv
