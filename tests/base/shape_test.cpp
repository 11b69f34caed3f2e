#include <gtest/gtest.h>

#include <vector>

#include "qrt/tensor.h"

namespace qrt {
namespace {

TEST(Shape, OfTooManyDimsIsUnranked) {
  const std::vector<int64_t> dims(9, 2);
  EXPECT_EQ(Shape(std::span(dims).first(8)).elements(), 256);
  EXPECT_EQ(Shape(dims), Shape::unranked());
  EXPECT_EQ((Shape{1, 2, 3, 4, 5, 6, 7, 8, 9}), Shape::unranked());
  EXPECT_EQ(Shape::filled(8, 2).elements(), 256);
  EXPECT_EQ(Shape::filled(9, 2), Shape::unranked());
  EXPECT_EQ(Shape::filled(-3, 2), Shape::unranked());
  Shape grown;
  for (int i = 0; i < 8; ++i) grown.append(2);
  EXPECT_EQ(grown.elements(), 256);
  grown.append(2);
  EXPECT_EQ(grown, Shape::unranked());
  grown.append(2);
  EXPECT_EQ(grown, Shape::unranked());
}

}  // namespace
}  // namespace qrt
