#include "base/weight_cache.h"

#include <gtest/gtest.h>

#include <array>

namespace qrt {
namespace {

class WeightCacheTest : public testing::Test {
 protected:
  WeightCache::Packed get(const std::shared_ptr<int>& weights, const std::string& key) {
    return cache_
        .get(weights, std::as_bytes(std::span(weights.get(), 1)), key,
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

TEST_F(WeightCacheTest, TellsApartConstantsOfOneAddress) {
  const auto weights = std::make_shared<std::array<int, 2>>();
  const auto get = [&](size_t count) {
    const auto bytes = std::as_bytes(std::span(weights->data(), count));
    return cache_.get(weights, bytes, "x", [&]() -> Result<AlignedBuffer> {
      return AlignedBuffer(bytes.size());
    }).value();
  };
  const auto one = get(1), two = get(2);
  EXPECT_EQ(one->size(), 4u);
  EXPECT_EQ(two->size(), 8u);
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
  const auto failed = cache_.get(
      weights, std::as_bytes(std::span(weights.get(), 1)), "x", []() -> Result<AlignedBuffer> {
        return Status(StatusCode::outOfMemory, "no memory for panels");
      });
  EXPECT_EQ(failed.status().message(), "no memory for panels");
  EXPECT_NE(get(weights, "x"), nullptr);
}

}  // namespace
}  // namespace qrt
