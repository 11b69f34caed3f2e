#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::expectCpuFloat;
using test::randomTensor;

// Values lie in [−2, 2]. Every sum is of at most some hundred vectors of partial sums.
void expectAll(const Shape& shape, const std::vector<int64_t>& axes) {
  const auto x = randomTensor(shape, 1);
  double count = 1;
  for (int i = 0; i < shape.rank(); ++i) count *= static_cast<double>(std::max<int64_t>(1, shape[i]));
  const double absolute = 1e-6 * std::sqrt(count);
  for (const bool keep : {true, false}) {
    const ReduceAttrs attrs{axes, keep};
    expectCpuFloat(OpType::ReduceSum, attrs, {x}, {0, absolute});
    if (shape.elements() == 0) continue;
    expectCpuFloat(OpType::ReduceMean, attrs, {x}, {0, 1e-6});
    expectCpuFloat(OpType::ReduceMax, attrs, {x}, {});
    expectCpuFloat(OpType::ReduceMin, attrs, {x}, {});
  }
}

TEST(Reduce, EveryLengthAroundTheVectorWidths) {
  for (int64_t n = 1; n <= 33; ++n) {
    expectAll({3, n}, {1});
    expectAll({3, n}, {0});
    expectAll({2, 3, n}, {1});
  }
  for (const int64_t n : {63, 64, 65, 127, 131, 200}) {
    expectAll({n}, {});
    expectAll({5, n}, {0});
  }
}

TEST(Reduce, AnyAxes) {
  const Shape shape{3, 4, 5, 7};
  for (int set = 1; set < 16; ++set) {
    std::vector<int64_t> axes;
    for (int i = 0; i < 4; ++i) {
      if ((set >> i & 1) != 0) axes.push_back(i % 2 == 0 ? i : i - 4);
    }
    expectAll(shape, axes);
  }
  expectAll({2, 1, 5, 1, 3, 1, 7, 2}, {1, 2, 5, 6});
  expectAll({2, 3, 1, 5}, {2});
  expectAll({}, {});
}

TEST(Reduce, LongSumsAreCutIntoBlocks) {
  expectAll({1, 112, 112, 8}, {1, 2});
  expectAll({2, 40003}, {1});
  expectAll({40001}, {});
  expectAll({2, 50001}, {0});
  expectAll({3, 12000, 3, 2}, {1, 3});
}

TEST(Reduce, EmptySums) { expectAll({3, 0, 2}, {1}); }

TEST(Reduce, NanWins) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (size_t at = 0; at < 40; ++at) {
    std::vector<float> x(40, -kInf);
    x[(at + 3) % 40] = kInf;
    x[at] = std::numeric_limits<float>::quiet_NaN();
    for (const OpType op : {OpType::ReduceMax, OpType::ReduceMin, OpType::ReduceSum}) {
      expectCpuFloat(op, ReduceAttrs{{1}}, {test::floats({1, 40}, x)}, {});
      expectCpuFloat(op, ReduceAttrs{{0}}, {test::floats({2, 20}, x)}, {});
    }
  }
}

}  // namespace
}  // namespace qrt
