#include "base/weight_cache.h"

#include <gtest/gtest.h>

namespace qrt {
namespace {

class WeightCacheTest : public testing::Test {
 protected:
  WeightCache::Packed get(const std::shared_ptr<int>& weights, const std::string& key) {
    return cache_
        .get(weights, weights.get(), key,
             [&]() -> Result<AlignedBuffer> {
               ++packings_;
               return AlignedBuffer(64);
             })
        .value();
  }

  WeightCache cache_;
  int packings_ = 0;
};

TEST_F(WeightCacheTest, PacksOnceByWeightsAndKey) {
  const auto a = std::make_shared<int>(1);
  const auto b = std::make_shared<int>(2);
  const auto first = get(a, "x");
  EXPECT_EQ(get(a, "x"), first);
  EXPECT_EQ(packings_, 1);
  const auto otherKey = get(a, "y");
  const auto otherWeights = get(b, "x");
  EXPECT_EQ(packings_, 3);
  EXPECT_EQ(cache_.size(), 3u);
}

TEST_F(WeightCacheTest, ForgetsWhatNobodyHolds) {
  auto weights = std::make_shared<int>(1);
  auto held = get(weights, "x");
  // The packing keeps its source, so that its address cannot be another's meanwhile.
  EXPECT_EQ(weights.use_count(), 2);
  held.reset();
  EXPECT_EQ(weights.use_count(), 1);
  EXPECT_EQ(cache_.size(), 0u);
  held = get(weights, "x");
  EXPECT_EQ(packings_, 2);
}

TEST_F(WeightCacheTest, PassesOnAFailureAndTriesAgain) {
  const auto weights = std::make_shared<int>(1);
  const auto failed = cache_.get(weights, weights.get(), "x", []() -> Result<AlignedBuffer> {
    return Status(StatusCode::outOfMemory, "no memory for panels");
  });
  EXPECT_EQ(failed.status().message(), "no memory for panels");
  EXPECT_NE(get(weights, "x"), nullptr);
}

}  // namespace
}  // namespace qrt
