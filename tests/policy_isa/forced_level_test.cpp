// Run under QRT_ISA=<level> by with_isa: the forced level is the one that runs.
#include <gtest/gtest.h>

#include <cstdlib>

#include "isa_levels.h"
#include "kernels/run_layer.h"

namespace qrt {
namespace {

// The level whose float kernels a forced level uses: its own, or the next below that has any.
IsaLevel floatLevel(IsaLevel forced) {
  IsaLevel best = IsaLevel::scalar;
#define QRT_PICK(name) \
  if (IsaLevel::name <= forced) best = IsaLevel::name;
  QRT_FLOAT_LEVELS(QRT_PICK)
#undef QRT_PICK
  return best;
}

TEST(ForcedLevel, IsTheOneThatRuns) {
  const char* forced = std::getenv("QRT_ISA");
  if (forced == nullptr) GTEST_SKIP() << "QRT_ISA is not set";
  ASSERT_TRUE(activeIsa().ok()) << activeIsa().status().message();
  EXPECT_EQ(isaName(activeIsa().value()), forced);
  test::LayerCase layer{OpType::FullyConnected, FullyConnectedAttrs{}, {}, {false, true}};
  layer.inputs = {test::floats({1, 2}, {3, 5}), test::floats({1, 2}, {7, 11})};
  const test::LayerRun run = test::runLayer(layer, activeIsa().value(), 1);
  EXPECT_EQ(run.values, std::vector<float>{76});
  const std::string suffix = concat("_", isaName(floatLevel(activeIsa().value())));
  EXPECT_TRUE(run.kernel.ends_with(suffix)) << run.kernel << ", wanted …" << suffix;
}

}  // namespace
}  // namespace qrt
