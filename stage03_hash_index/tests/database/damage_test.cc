// Goal: no damage to any file makes a read return a wrong value or a silent
// "not found".
// Method: common/testing/damage_sweep.h flips, zeroes, swaps, cuts, lengthens,
// replaces and deletes, and reads everything each time.

#include <gtest/gtest.h>

#include "common/testing/database_tests.h"

namespace kv {
namespace {

TEST(DamageTest, NoDamageMakesAWrongAnswer) {
  testing::RunDatabaseDamageTest();
}

}  // namespace
}  // namespace kv
