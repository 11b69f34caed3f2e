#include "base/closest.h"

#include <gtest/gtest.h>

#include <vector>

namespace qrt {
namespace {

TEST(SuggestNames, NearestFirst) {
  const std::vector<std::string> names = {"conv1", "conv2", "pool", "conv10", "fc"};
  EXPECT_EQ(suggestNames("conv1x", names), "; did you mean 'conv1', 'conv10' or 'conv2'?");
  EXPECT_EQ(suggestNames("pol", names), "; did you mean 'pool'?");
}

TEST(SuggestNames, ListsWhatThereIsWhenNothingIsNear) {
  const std::vector<std::string> few = {"alpha", "beta"};
  EXPECT_EQ(suggestNames("something else", few), "; there are 'alpha', 'beta'");
  EXPECT_EQ(suggestNames("x", {}), "; there are none");
  const std::vector<std::string> many(9, "a long name");
  EXPECT_EQ(suggestNames("zzz", many).substr(0, 26), "; there are 'a long name',");
  EXPECT_EQ(suggestNames("zzz", many).substr(suggestNames("zzz", many).size() - 3), "…");
}

}  // namespace
}  // namespace qrt
