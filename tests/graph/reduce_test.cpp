// ReduceMean/Sum/Max/Min and ArgMax: by hand, and every set of axes of a 3-D tensor against sums that
// are kept per output index.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;

TEST(Reduce, EverySetOfAxes) {
  const int64_t sizes[3] = {2, 3, 4};
  Floats x(24);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 7) % 24) - 11;
  for (int set = 1; set < 8; ++set) {
    std::map<std::array<int64_t, 3>, Floats> groups;  // ordered as the output is
    std::vector<int64_t> axes;
    Shape kept;
    for (int a = 0; a < 3; ++a) {
      if ((set >> a) & 1) axes.insert(axes.begin(), a - (a == 1 ? 3 : 0));
      kept.append(((set >> a) & 1) != 0 ? 1 : sizes[a]);
    }
    for (int64_t i = 0; i < 24; ++i) {
      std::array<int64_t, 3> index{i / 12, i / 4 % 3, i % 4};
      for (size_t a = 0; a < 3; ++a) index[a] *= ((set >> a) & 1) != 0 ? 0 : 1;
      groups[index].push_back(x[static_cast<size_t>(i)]);
    }
    Floats sum, mean, max, min;
    for (const auto& [index, values] : groups) {
      float total = 0, most = -99, least = 99;
      for (const float value : values) {
        total += value;
        most = std::max(most, value);
        least = std::min(least, value);
      }
      sum.push_back(total);
      mean.push_back(total / static_cast<float>(values.size()));
      max.push_back(most);
      min.push_back(least);
    }
    const auto run = [&](OpType op) {
      const auto out = runOne(op, ReduceAttrs{.axes = axes}, {floats({2, 3, 4}, x)});
      EXPECT_TRUE(out.ok()) << out.status().message();
      EXPECT_EQ(out->shape, kept);
      return out->values<float>();
    };
    EXPECT_EQ(run(OpType::ReduceSum), sum) << set;
    EXPECT_EQ(run(OpType::ReduceMean), mean) << set;
    EXPECT_EQ(run(OpType::ReduceMax), max) << set;
    EXPECT_EQ(run(OpType::ReduceMin), min) << set;
  }
}

TEST(Reduce, NoAxesMeansAllAndDimsMayGo) {
  const auto out = runOne(OpType::ReduceSum, ReduceAttrs{.keepDims = false},
                          {floats({2, 2}, {1, 2, 3, 4})});
  EXPECT_EQ(out.value().shape, Shape());
  EXPECT_EQ(out.value().values<float>(), Floats{10});
  const auto rows = runOne(OpType::ReduceMax, ReduceAttrs{.axes = {1}, .keepDims = false},
                           {floats({2, 2}, {1, 2, 4, 3})});
  EXPECT_EQ(rows.value().shape, Shape{2});
  EXPECT_EQ(rows.value().values<float>(), (Floats{2, 4}));
  const auto scalar = runOne(OpType::ReduceMean, ReduceAttrs{}, {floats({}, {3})});
  EXPECT_EQ(scalar.value().values<float>(), Floats{3});
}

TEST(Reduce, OtherDTypes) {
  const auto run = [](OpType op, const TestTensor& x) {
    return runOne(op, ReduceAttrs{}, {x}).value();
  };
  EXPECT_EQ(run(OpType::ReduceMean, tensorOf<int32_t>({3}, {-1, -2, -4})).values<int32_t>()[0], -2);
  EXPECT_EQ(run(OpType::ReduceSum, tensorOf<int8_t>({2}, {100, 100})).values<int8_t>()[0], -56);
  EXPECT_EQ(run(OpType::ReduceMax, tensorOf<int8_t>({2}, {-128, -127})).values<int8_t>()[0], -127);
  EXPECT_EQ(run(OpType::ReduceMin, tensorOf<uint8_t>({2}, {255, 254})).values<uint8_t>()[0], 254);
  const uint64_t large = uint64_t{1} << 63;
  EXPECT_EQ(run(OpType::ReduceMean, tensorOf<uint64_t>({1}, {large})).values<uint64_t>()[0], large);
  EXPECT_EQ(float(run(OpType::ReduceSum, tensorOf<Half>({2}, {1.5f, 2})).values<Half>()[0]), 3.5f);
  EXPECT_EQ(run(OpType::ReduceMin, tensorOf<double>({2}, {0.5, 0.25})).values<double>()[0], 0.25);
}

TEST(Reduce, NaNAndInfinity) {
  const auto max = [](const Floats& x) {
    return runOne(OpType::ReduceMax, ReduceAttrs{}, {floats({3}, x)}).value().values<float>()[0];
  };
  EXPECT_TRUE(std::isnan(max({1, NAN, 2})));
  EXPECT_EQ(max({-INFINITY, -INFINITY, -INFINITY}), -INFINITY);
}

TEST(Reduce, EmptyDims) {
  const auto run = [](OpType op, const Shape& shape, std::vector<int64_t> axes) {
    return runOne(op, ReduceAttrs{.axes = std::move(axes)}, {floats(shape, {})});
  };
  EXPECT_EQ(run(OpType::ReduceSum, {2, 0}, {1}).value().values<float>(), (Floats{0, 0}));
  EXPECT_EQ(run(OpType::ReduceMax, {0, 2}, {1}).value().shape, (Shape{0, 1}));
  QRT_EXPECT_ERROR(run(OpType::ReduceMax, {2, 0}, {1}), "dimension 1 of 2x0 is empty");
  QRT_EXPECT_ERROR(run(OpType::ReduceMean, {2, 0}, {}), "is empty, wanted at least one element");
}

TEST(Reduce, ShapeRule) {
  const auto infer = [](const Shape& x, std::vector<int64_t> axes) {
    return inferOne(OpType::ReduceMin, ReduceAttrs{.axes = std::move(axes)}, {shaped(x)});
  };
  EXPECT_EQ(infer({-1, 3, -1}, {2}).value().shape, (Shape{-1, 3, 1}));
  EXPECT_FALSE(infer(Shape::unranked(), {2}).value().shape.ranked());
  QRT_EXPECT_ERROR(infer({2, 3}, {2}), "axis 2");
  QRT_EXPECT_ERROR(infer({2, 3}, {-3}), "axis -3");
  QRT_EXPECT_ERROR(infer({2, 3}, {1, -1}), "axis -1 is listed twice");
  QRT_EXPECT_ERROR(inferOne(OpType::ReduceMin, ReduceAttrs{}, {shaped({2}, DType::boolean)}),
                   "input 0 is bool");
}

TEST(ArgMax, ByHand) {
  const TestTensor x = floats({2, 3}, {1, 5, 5, 7, 2, 7});
  const auto run = [&](const ArgMaxAttrs& attrs) { return runOne(OpType::ArgMax, attrs, {x}).value(); };
  using Ints = std::vector<int64_t>;
  EXPECT_EQ(run({.axis = 1}).values<int64_t>(), (Ints{1, 0}));
  EXPECT_EQ(run({.axis = 1}).shape, (Shape{2, 1}));
  EXPECT_EQ(run({.axis = -1, .keepDims = false, .selectLast = true}).values<int64_t>(), (Ints{2, 2}));
  EXPECT_EQ(run({.axis = 0, .keepDims = false}).values<int64_t>(), (Ints{1, 0, 1}));
  EXPECT_EQ(run({.axis = 0, .keepDims = false}).shape, Shape{3});
  const auto bytes = runOne(OpType::ArgMax, ArgMaxAttrs{}, {tensorOf<int8_t>({3}, {-3, -1, -2})});
  EXPECT_EQ(bytes.value().values<int64_t>(), Ints{1});
}

TEST(ArgMax, IsTheFirstNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const TestTensor x = floats({2, 4}, {1, nan, 9, nan, nan, 1, 2, 3});
  const auto run = [&](const ArgMaxAttrs& attrs) {
    return runOne(OpType::ArgMax, attrs, {x}).value().values<int64_t>();
  };
  EXPECT_EQ(run({.axis = 1}), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(run({.axis = 1, .selectLast = true}), (std::vector<int64_t>{3, 0}));
}

TEST(ArgMax, ShapeRule) {
  const auto infer = [](const Shape& x, const ArgMaxAttrs& attrs) {
    return inferOne(OpType::ArgMax, attrs, {shaped(x)});
  };
  EXPECT_EQ(infer({-1, 4}, {.axis = 1}).value().shape, (Shape{-1, 1}));
  EXPECT_EQ(infer({-1, 4}, {.axis = 1}).value().dtype, DType::s64);
  QRT_EXPECT_ERROR(infer({2, 0}, {.axis = 1}), "dimension 1 of 2x0 is empty");
  QRT_EXPECT_ERROR(infer({2, 3}, {.axis = 2}), "axis 2");
}

}  // namespace
}  // namespace qrt::test
