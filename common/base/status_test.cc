#include "common/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace kv {
namespace {

TEST(StatusTest, OkIsTheDefaultAndSmall) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kOk);
  EXPECT_EQ(status.message(), "");
  EXPECT_EQ(status.ToString(), "Ok");
  EXPECT_EQ(sizeof(Status), sizeof(void*));
}

TEST(StatusTest, EachFactoryHasItsCodeNameAndMessage) {
  const std::pair<Status, std::string> cases[] = {
      {Status::InvalidArgument("m"), "InvalidArgument"},
      {Status::ResourceExhausted("m"), "ResourceExhausted"},
      {Status::Corruption("m"), "Corruption"},
      {Status::IoError("m"), "IoError"},
      {Status::NotSupported("m"), "NotSupported"},
      {Status::Busy("m"), "Busy"},
      {Status::Aborted("m"), "Aborted"},
      {Status::Conflict("m"), "Conflict"},
      {Status::Unavailable("m"), "Unavailable"},
      {Status::TimedOut("m"), "TimedOut"},
      {Status::ReadOnly("m"), "ReadOnly"},
  };
  for (const auto& [status, name] : cases) {
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(StatusCodeName(status.code()), name);
    EXPECT_EQ(status.ToString(), name + ": m");
  }
}

TEST(StatusTest, CodesKeepTheirNumbers) {
  EXPECT_EQ(static_cast<int>(StatusCode::kNotFound), 1);
  EXPECT_EQ(static_cast<int>(StatusCode::kCorruption), 4);
  EXPECT_EQ(static_cast<int>(StatusCode::kReadOnly), 12);
}

TEST(StatusTest, NotFoundHasNoText) {
  const Status status = Status::NotFound();
  EXPECT_TRUE(status.IsNotFound());
  EXPECT_EQ(status.ToString(), "NotFound");
}

TEST(StatusTest, CopiesAreIndependent) {
  Status status = Status::IoError("one");
  const Status copy = status;
  status = Status::Busy("two");
  EXPECT_EQ(copy.ToString(), "IoError: one");
  EXPECT_EQ(status.ToString(), "Busy: two");
  Status not_found = Status::NotFound();
  const Status shared = not_found;
  not_found = copy;
  EXPECT_TRUE(shared.IsNotFound());
  EXPECT_EQ(not_found.ToString(), "IoError: one");
  not_found = Status::Ok();
  EXPECT_TRUE(not_found.ok());
}

TEST(StatusTest, AssigningToItselfChangesNothing) {
  Status status = Status::IoError("one");
  const Status& alias = status;
  status = alias;
  EXPECT_EQ(status.ToString(), "IoError: one");
}

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> value = 7;
  EXPECT_TRUE(value.ok());
  EXPECT_TRUE(value.status().ok());
  EXPECT_EQ(*value, 7);
  const Result<int> error = Status::NotFound();
  EXPECT_FALSE(error.ok());
  EXPECT_TRUE(error.status().IsNotFound());
}

TEST(ResultTest, MovesAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

Status ReturnIfError(const Status& status) {
  KV_RETURN_IF_ERROR(status);
  return Status::Busy("went on");
}

Result<int> AssignOrReturn(Result<int> result) {
  KV_ASSIGN_OR_RETURN(const int value, std::move(result));
  return value + 1;
}

TEST(ResultTest, MacrosPassErrorsOn) {
  EXPECT_EQ(ReturnIfError(Status::IoError("x")).code(), StatusCode::kIoError);
  EXPECT_EQ(ReturnIfError(Status::Ok()).code(), StatusCode::kBusy);
  EXPECT_EQ(*AssignOrReturn(1), 2);
  EXPECT_TRUE(AssignOrReturn(Status::NotFound()).status().IsNotFound());
}

TEST(ResultDeathTest, TheValueOfAnErrorIsAMistakeOfTheProgram) {
  const Result<int> error = Status::NotFound();
  EXPECT_DEATH(static_cast<void>(error.value()), "holds an error");
}

}  // namespace
}  // namespace kv
