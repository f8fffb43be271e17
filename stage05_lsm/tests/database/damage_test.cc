// Goal: no damage to any file makes a read return a wrong value or a silent
// "not found".
// Method: common/testing/damage_sweep.h flips, zeroes, swaps, cuts, lengthens,
// replaces and deletes, and reads everything each time.

#include <gtest/gtest.h>

#include "common/testing/database_tests.h"

namespace kv {
namespace {

TEST(DamageTest, NoDamageMakesAWrongAnswer) {
  testing::DamageTestPlan plan = testing::DefaultDamageTestPlan();
  plan.history.writes = 112;  // some 20 KB: every byte of it is damaged
  testing::RunDatabaseDamageTest(plan);
}

}  // namespace
}  // namespace kv
