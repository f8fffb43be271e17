// The first error of a build is found in what compilers, linkers and CMake
// print.

#include "common/tool/run/build.h"

#include <gtest/gtest.h>

namespace kv::tool {
namespace {

TEST(BuildErrorTest, FirstErrorOfTheCompilerWithItsCode) {
  const BuildError error = FindBuildError(
      "[1/3] Building CXX object x.o\n"
      "FAILED: x.o \n"
      "c++ -o x.o -c /c/stage01/index/hash_table.cc\n"
      "/c/stage01/index/hash_table.cc: In member function 'void F()':\n"
      "/c/stage01/index/hash_table.cc:12:5: warning: unused [-Wunused]\n"
      "/c/stage01/index/hash_table.cc:55:10: error: 'x' was not declared\n"
      "   55 |   return x;\n"
      "      |          ^\n"
      "/c/stage01/index/hash_table.cc:60:1: error: another\n"
      "ninja: build stopped: subcommand failed.\n");
  EXPECT_EQ(error.file, "/c/stage01/index/hash_table.cc");
  EXPECT_EQ(error.line, 55);
  EXPECT_EQ(error.source, "/c/stage01/index/hash_table.cc");
  EXPECT_EQ(error.message, "'x' was not declared");
  EXPECT_EQ(error.block.size(), 3u);
}

TEST(BuildErrorTest, UndefinedFunctionOfTheLinker) {
  const BuildError error = FindBuildError(
      "/usr/bin/ld: x.o: in function `main':\n"
      "x.cc:(.text+0x1): undefined reference to `kv::HashTable::Find(int)'\n"
      "collect2: error: ld returned 1 exit status\n");
  EXPECT_EQ(error.undefined, "kv::HashTable::Find(int)");
}

TEST(BuildErrorTest, MessageOfCmake) {
  const BuildError error = FindBuildError(
      "CMake Error at common/CMakeLists.txt:3 (message):\n"
      "  GTest was not found.\n"
      "\n"
      "-- Configuring incomplete, errors occurred!\n");
  ASSERT_GE(error.block.size(), 2u);
  EXPECT_EQ(error.block[1], "  GTest was not found.");
}

TEST(BuildErrorTest, NothingWrongIsNoError) {
  EXPECT_EQ(FindBuildError("[1/1] Linking\n").message, "");
}

}  // namespace
}  // namespace kv::tool
