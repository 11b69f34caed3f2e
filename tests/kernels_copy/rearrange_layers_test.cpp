// Split, Tile, Expand, Pad, DepthToSpace, SpaceToDepth and Gather of cpu-float against their reference
// kernels.
#include <gtest/gtest.h>

#include "backends/cpu_float/cpu_float.h"
#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::expectCpuFloat;
using test::randomTensor;
using test::tensorOf;
using test::TestTensor;

TestTensor ints(const std::vector<int64_t>& values) {
  return tensorOf<int64_t>({static_cast<int64_t>(values.size())}, values);
}

TestTensor bytesUpTo(const Shape& shape) {
  std::vector<uint8_t> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(i * 7);
  return tensorOf(shape, values);
}

void expectAnyDType(OpType op, const Attributes& attributes, const Shape& shape,
                    const std::vector<TestTensor>& parameters, size_t outputs = 1) {
  for (const TestTensor& tensor : {randomTensor(shape, 1), bytesUpTo(shape)}) {
    std::vector<TestTensor> inputs = {tensor};
    inputs.insert(inputs.end(), parameters.begin(), parameters.end());
    expectCpuFloat(op, attributes, inputs, {}, std::vector<TestTensor>(outputs));
  }
}

TEST(Rearrange, Split) {
  expectAnyDType(OpType::Split, SplitAttrs{3, {3, 0, 14}}, {2, 5, 7, 17}, {}, 3);
  expectAnyDType(OpType::Split, SplitAttrs{1, {}}, {2, 5, 7, 17}, {}, 2);
  expectAnyDType(OpType::Split, SplitAttrs{-2, {4, 3}}, {2, 5, 7, 1}, {}, 2);
}

TEST(Rearrange, TileAndExpand) {
  expectAnyDType(OpType::Tile, NoAttrs{}, {2, 3, 5}, {ints({2, 1, 3})});
  expectAnyDType(OpType::Tile, NoAttrs{}, {2, 3, 1}, {ints({1, 4, 50})});
  expectAnyDType(OpType::Tile, NoAttrs{}, {2, 3}, {ints({0, 2})});
  expectAnyDType(OpType::Expand, NoAttrs{}, {3, 1}, {ints({2, 3, 40})});
  expectAnyDType(OpType::Expand, NoAttrs{}, {4, 5}, {ints({1})});
  expectAnyDType(OpType::Expand, NoAttrs{}, {1, 17}, {ints({200, 17})});
}

TEST(Rearrange, Pad) {
  const auto pads = ints({0, 1, 2, 0, 0, 3, 1, 0});
  for (const PadMode mode : {PadMode::constant, PadMode::edge, PadMode::reflect}) {
    expectAnyDType(OpType::Pad, PadAttrs{mode}, {2, 5, 6, 3}, {pads});
    expectAnyDType(OpType::Pad, PadAttrs{mode}, {7}, {ints({2, 3})});
  }
  expectAnyDType(OpType::Pad, PadAttrs{}, {3, 4}, {ints({-1, 2, 3, -2})});
  expectAnyDType(OpType::Pad, PadAttrs{}, {0, 4}, {ints({1, 1, 1, 1})});
  expectCpuFloat(OpType::Pad, PadAttrs{},
                 {randomTensor({2, 5, 6, 3}, 1), pads, test::floats({}, {-7.5f})}, {});
}

TEST(Rearrange, DepthAndSpace) {
  for (const DepthToSpaceMode mode : {DepthToSpaceMode::dcr, DepthToSpaceMode::crd}) {
    expectAnyDType(OpType::DepthToSpace, DepthToSpaceAttrs{2, mode}, {2, 3, 5, 12}, {});
    expectAnyDType(OpType::DepthToSpace, DepthToSpaceAttrs{3, mode}, {1, 40, 41, 9}, {});
  }
  expectAnyDType(OpType::SpaceToDepth, SpaceToDepthAttrs{2}, {2, 6, 10, 3}, {});
  expectAnyDType(OpType::SpaceToDepth, SpaceToDepthAttrs{3}, {1, 39, 42, 8}, {});
}

TEST(Rearrange, Gather) {
  const auto indices = tensorOf<int64_t>({2, 3}, {0, 4, -1, -5, 2, 2});
  for (const int axis : {0, 1, -1}) {
    expectAnyDType(OpType::Gather, AxisAttrs{axis}, {5, 5, 5}, {indices});
  }
  expectAnyDType(OpType::Gather, AxisAttrs{0}, {5, 300}, {tensorOf<int32_t>({}, {3})});
  expectAnyDType(OpType::Gather, AxisAttrs{0}, {5, 3}, {ints({})});
  expectAnyDType(OpType::Gather, AxisAttrs{1}, {0, 3}, {ints({2})});
  expectAnyDType(OpType::Gather, AxisAttrs{0}, {300, 700}, {ints({299, 0, 7})});
}

TEST(Rearrange, GatherChecksIndicesWhenItRuns) {
  Graph graph = test::oneOpGraph(OpType::Gather, AxisAttrs{0}, {randomTensor({5}, 1), ints({5})});
  ASSERT_TRUE(inferShapes(graph).ok());
  const int layers[] = {0};
  WeightCache weights;
  const auto program =
      cpuFloatBackend().compile({graph, layers, IsaLevel::scalar, 1, weights});
  ASSERT_TRUE(program.ok());
  float y = 0;
  const ConstTensorView inputs[] = {graph.tensor(0).constantView(), graph.tensor(1).constantView()};
  const TensorView output{DType::f32, {1}, &y, nullptr};
  ThreadPool pool(1);
  const Status status = (*program)->run({inputs, {&output, 1}, {}, pool});
  EXPECT_NE(status.message().find("index 5 into a dimension of 5"), std::string::npos);
}

}  // namespace
}  // namespace qrt
