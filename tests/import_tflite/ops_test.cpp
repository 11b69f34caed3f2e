// Each operator by a small model of it alone, against values worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "import_tflite/tflite_models.h"
#include "qrt/import.h"
#include "qrt/session.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;

// Outputs of the model for inputs 0, 1, 2, … times `step`, from `first` on.
std::vector<Floats> run(TfliteModel& net, float first = 0, float step = 1) {
  const auto model = importTflite(net.bytes());
  EXPECT_TRUE(model.ok()) << model.status().message();
  if (!model.ok()) return std::vector<Floats>(4);
  auto session = Session::create(*model, {.threads = 1});
  EXPECT_TRUE(session.ok()) << session.status().message();
  if (!session.ok()) return std::vector<Floats>(4);
  for (size_t i = 0; i < session->inputs().size(); ++i) {
    const TensorView view = *session->input(i);
    float next = first;
    if (view.dtype == DType::f32) {
      for (float& x : *view.as<float>()) x = std::exchange(next, next + step);
    } else {
      for (int8_t& x : *view.as<int8_t>()) x = static_cast<int8_t>(std::exchange(next, next + step));
    }
  }
  EXPECT_TRUE(session->run().ok());
  std::vector<Floats> outputs;
  for (size_t i = 0; i < session->outputs().size(); ++i) {
    const ConstTensorView view = *session->output(i);
    Floats& values = outputs.emplace_back();
    for (int64_t j = 0; j < view.shape.elements(); ++j) {
      const auto at = static_cast<size_t>(j);
      values.push_back(view.dtype == DType::f32   ? (*view.as<float>())[at]
                       : view.dtype == DType::s32 ? static_cast<float>((*view.as<int32_t>())[at])
                                                  : (*view.as<int8_t>())[at]);
    }
  }
  return outputs;
}

void expectNear(const Floats& found, const Floats& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-5) << i;
}

// 3×3 input 0 … 8, a 2×2 kernel of ones, SAME: the missing row and column are at the end.
TEST(TfliteOps, ConvPadsTheEndAndAppliesRelu6) {
  TfliteModel net;
  const int32_t x = net.input({1, 3, 3, 1}), y = net.tensor({1, 3, 3, 1});
  const int32_t w = net.constant<float>({1, 2, 2, 1}, {1, 1, 1, 1}), b = net.constant<float>({1}, {-9});
  net.op(3, {x, w, b}, {y}, tfl::CreateConv2DOptions(net.b, 0, 1, 1, 3));
  expectNear(run(net)[0], {0, 3, 0, 6, 6, 4, 4, 6, 0});
}

// Two channels, multiplier two: output channel 2c + m is channel c times weight [c·2 + m].
TEST(TfliteOps, DepthwiseConvWithMultiplier) {
  TfliteModel net;
  const int32_t x = net.input({1, 1, 2, 2}), y = net.tensor({1, 1, 2, 4});
  const int32_t w = net.constant<float>({1, 1, 1, 4}, {1, 10, 100, 1000});
  net.op(4, {x, w, -1}, {y}, tfl::CreateDepthwiseConv2DOptions(net.b, 1, 1, 1, 2));
  expectNear(run(net)[0], {0, 0, 100, 1000, 2, 20, 300, 3000});
}

TEST(TfliteOps, TransposeConvHasTheSizeThatIsGiven) {
  for (const int32_t size : {3, 4}) {  // stride 2, kernel 2: 4 come out of 2
    TfliteModel net;
    const int32_t shape = net.constant<int32_t>({4}, {1, 1, size, 1});
    const int32_t w = net.constant<float>({1, 1, 2, 1}, {1, 10});
    const int32_t x = net.input({1, 1, 2, 1}), y = net.tensor({1, 1, size, 1});
    net.op(67, {shape, w, x}, {y}, tfl::CreateTransposeConvOptions(net.b, 0, 2, 1));
    expectNear(run(net, 1)[0], size == 4 ? Floats{1, 10, 2, 20} : Floats{1, 10, 2});
  }
}

TEST(TfliteOps, FullyConnectedFlattensOrKeepsDims) {
  TfliteModel net;
  const int32_t x = net.input({1, 2, 2}), y = net.tensor({1, 2, 1});
  const int32_t w = net.constant<float>({1, 2}, {1, 10});
  net.op(9, {x, w, -1}, {y}, tfl::CreateFullyConnectedOptions(net.b, 0, 0, true));
  expectNear(run(net)[0], {10, 32});
}

TEST(TfliteOps, Pools) {
  for (const bool average : {false, true}) {
    TfliteModel net;
    const int32_t x = net.input({1, 2, 3, 1}), y = net.tensor({1, 1, 2, 1});
    net.op(average ? 1 : 17, {x}, {y}, tfl::CreatePool2DOptions(net.b, 0, 2, 2, 2, 2));
    expectNear(run(net)[0], average ? Floats{2, 3.5} : Floats{4, 5});  // padding does not count
  }
}

TEST(TfliteOps, BinaryWithActivationAndBroadcast) {
  TfliteModel net;
  const int32_t x = net.input({2, 2}), c = net.constant<float>({2}, {1, 2}), y = net.tensor({2, 2});
  net.op(41, {x, c}, {y}, tfl::CreateActivationOptions(net.b, 1));
  expectNear(run(net)[0], {0, 0, 1, 1});
}

TEST(TfliteOps, Unary) {
  const auto of = [](int32_t code) {
    TfliteModel net;
    const int32_t x = net.input({3}), y = net.tensor({3});
    net.op(code, {x}, {y});
    return run(net, -1, 3)[0];  // −1, 2, 5
  };
  expectNear(of(19), {0, 2, 5});
  expectNear(of(20), {-1, 1, 1});
  expectNear(of(21), {0, 2, 5});
  expectNear(of(92), {1, 4, 25});
  expectNear(of(59), {1, -2, -5});
  expectNear(of(101), {1, 2, 5});
  expectNear(of(47), {std::exp(-1.f), std::exp(2.f), std::exp(5.f)});
  expectNear(of(111), {std::exp(-1.f) - 1, 2, 5});
  expectNear(of(117), {-1.f / 3, 5.f / 3, 5});
  expectNear(of(28), {std::tanh(-1.f), std::tanh(2.f), std::tanh(5.f)});
  EXPECT_NEAR(of(76)[1], 1 / std::sqrt(2.f), 1e-6);
}

TEST(TfliteOps, LeakyReluAndPRelu) {
  TfliteModel leaky;
  leaky.op(98, {leaky.input({2})}, {leaky.tensor({2})}, tfl::CreateLeakyReluOptions(leaky.b, 0.1f));
  expectNear(run(leaky, -1, 2)[0], {-0.1f, 1});
  TfliteModel net;
  const int32_t x = net.input({1, 1, 1, 2}), a = net.constant<float>({1, 1, 2}, {0.5f, 0.25f});
  net.op(54, {x, a}, {net.tensor({1, 1, 1, 2})});
  expectNear(run(net, -2, 1)[0], {-1, -0.25f});
}

TEST(TfliteOps, SoftmaxWithBeta) {
  TfliteModel net;
  net.op(25, {net.input({1, 2})}, {net.tensor({1, 2})}, tfl::CreateSoftmaxOptions(net.b, 2));
  const float e = std::exp(-2.f);
  expectNear(run(net)[0], {e / (1 + e), 1 / (1 + e)});
}

TEST(TfliteOps, L2Normalization) {
  TfliteModel net;
  net.op(11, {net.input({1, 2})}, {net.tensor({1, 2})});
  expectNear(run(net, 3)[0], {0.6f, 0.8f});
}

TEST(TfliteOps, Reductions) {
  for (const auto& [code, wanted] : {std::pair<int32_t, Floats>{40, {1, 4}}, {74, {3, 12}}}) {
    TfliteModel net;
    const int32_t x = net.input({2, 3}), axes = net.constant<int32_t>({1}, {1}), y = net.tensor({2});
    net.op(code, {x, axes}, {y}, tfl::CreateReducerOptions(net.b, false));
    expectNear(run(net)[0], wanted);
  }
}

TEST(TfliteOps, ArgMaxGivesTheTypeThatTheFileWants) {
  TfliteModel net;
  const int32_t x = net.input({2, 3}), axis = net.constant<int32_t>({1}, {1}), y = net.tensor<int32_t>({2});
  net.op(56, {x, axis}, {y});
  expectNear(run(net)[0], {2, 2});
}

TEST(TfliteOps, PadsAreByDim) {
  TfliteModel net;
  const int32_t x = net.input({1, 2}), pads = net.constant<int32_t>({2, 2}, {0, 1, 2, 0});
  net.op(34, {x, pads}, {net.tensor({2, 4})});
  expectNear(run(net, 1)[0], {0, 0, 1, 2, 0, 0, 0, 0});
  TfliteModel mirror;
  const int32_t m = mirror.input({1, 3}), around = mirror.constant<int32_t>({2, 2}, {0, 0, 2, 1});
  mirror.op(100, {m, around}, {mirror.tensor({1, 6})}, tfl::CreateMirrorPadOptions(mirror.b, 0));
  expectNear(run(mirror)[0], {2, 1, 0, 1, 2, 1});
}

TEST(TfliteOps, StridedSliceWithMasks) {
  TfliteModel net;
  const int32_t x = net.input({2, 4});
  const int32_t begin = net.constant<int32_t>({2}, {1, 3}), end = net.constant<int32_t>({2}, {0, 0});
  const int32_t step = net.constant<int32_t>({2}, {1, -2});
  // Row 1 alone, its columns from 3 back to the first.
  net.op(45, {x, begin, end, step}, {net.tensor({2})}, tfl::CreateStridedSliceOptions(net.b, 0, 2, 0, 0, 1));
  expectNear(run(net)[0], {7, 5});
}

TEST(TfliteOps, SliceToTheEnd) {
  TfliteModel net;
  const int32_t x = net.input({2, 3});
  net.op(65, {x, net.constant<int32_t>({2}, {0, 1}), net.constant<int32_t>({2}, {1, -1})}, {net.tensor({1, 2})});
  expectNear(run(net)[0], {1, 2});
}

TEST(TfliteOps, PiecesAndStacks) {
  TfliteModel split;
  const int32_t axis = split.constant<int32_t>({1}, {1});
  split.op(49, {axis, split.input({2, 4})}, {split.tensor({2, 2}), split.tensor({2, 2})});
  const auto halves = run(split);
  expectNear(halves[0], {0, 1, 4, 5});
  expectNear(halves[1], {2, 3, 6, 7});
  TfliteModel unpack;
  unpack.op(88, {unpack.input({2, 2})}, {unpack.tensor({2}), unpack.tensor({2})},
            tfl::CreateUnpackOptions(unpack.b, 2, 1));
  expectNear(run(unpack)[1], {1, 3});
  TfliteModel pack;
  const int32_t x = pack.input({2}), c = pack.constant<float>({2}, {8, 9});
  pack.op(83, {x, c}, {pack.tensor({2, 2})}, tfl::CreatePackOptions(pack.b, 2, 1));
  expectNear(run(pack)[0], {0, 8, 1, 9});
  TfliteModel concat;
  const int32_t a = concat.input({1, 2}), b = concat.constant<float>({1, 1}, {7});
  concat.op(2, {a, b}, {concat.tensor({1, 3})}, tfl::CreateConcatenationOptions(concat.b, 1, 0));
  expectNear(run(concat)[0], {0, 1, 7});
}

TEST(TfliteOps, MovesAndReshapes) {
  TfliteModel transpose;
  transpose.op(39, {transpose.input({2, 3}), transpose.constant<int32_t>({2}, {1, 0})}, {transpose.tensor({3, 2})});
  expectNear(run(transpose)[0], {0, 3, 1, 4, 2, 5});
  TfliteModel gather;
  gather.op(36, {gather.input({3, 2}), gather.constant<int32_t>({2}, {2, 0})}, {gather.tensor({2, 2})},
            tfl::CreateGatherOptions(gather.b, 0, 0));
  expectNear(run(gather)[0], {4, 5, 0, 1});
  TfliteModel depth;
  depth.op(5, {depth.input({1, 1, 1, 4})}, {depth.tensor({1, 2, 2, 1})}, tfl::CreateBlockOptions(depth.b, 2));
  expectNear(run(depth)[0], {0, 1, 2, 3});
  TfliteModel reshape;
  const std::vector<int32_t> shape{-1, 1};
  reshape.op(22, {reshape.input({1, 2})}, {reshape.tensor({2, 1})}, tfl::CreateReshapeOptionsDirect(reshape.b, &shape));
  expectNear(run(reshape)[0], {0, 1});
}

TEST(TfliteOps, ResizeCoordinates) {
  const auto bilinear = [](bool corners, bool half) {
    TfliteModel net;
    const int32_t x = net.input({1, 1, 2, 1}), size = net.constant<int32_t>({2}, {1, 4});
    net.op(23, {x, size}, {net.tensor({1, 1, 4, 1})}, tfl::CreateResizeBilinearOptions(net.b, corners, half));
    return run(net)[0];
  };
  expectNear(bilinear(false, false), {0, 0.5f, 1, 1});
  expectNear(bilinear(false, true), {0, 0.25f, 0.75f, 1});
  expectNear(bilinear(true, false), {0, 1 / 3.f, 2 / 3.f, 1});
  const auto nearest = [](bool corners, bool half) {
    TfliteModel net;
    const int32_t x = net.input({1, 1, 3, 1}), size = net.constant<int32_t>({2}, {1, 4});
    net.op(97, {x, size}, {net.tensor({1, 1, 4, 1})}, tfl::CreateResizeNearestOptions(net.b, corners, half));
    return run(net)[0];
  };
  expectNear(nearest(false, false), {0, 0, 1, 2});
  expectNear(nearest(false, true), {0, 1, 1, 2});
  expectNear(nearest(true, false), {0, 1, 1, 2});
}

TEST(TfliteOps, HalfWeightsBecomeFloats) {
  TfliteModel net;
  const int32_t half = net.constant<uint16_t>({1, 2}, {0x3c00, 0xc000}), w = net.tensor({1, 2});  // 1, −2
  net.op(6, {half}, {w});
  const int32_t x = net.input({1, 2});
  net.op(9, {x, w, -1}, {net.tensor({1, 1})}, tfl::CreateFullyConnectedOptions(net.b));
  expectNear(run(net)[0], {-2});
}

TEST(TfliteOps, HybridWeightsBecomeFloats) {
  TfliteModel net;
  const int32_t x = net.input({1, 2}), w = net.constant<int8_t>({2, 2}, {1, 2, 3, 4}, {{0.5f, 2}, {0, 0}, 0});
  net.op(9, {x, w, -1}, {net.tensor({1, 2})}, tfl::CreateFullyConnectedOptions(net.b));
  expectNear(run(net)[0], {1, 8});
}

TEST(TfliteOps, QuantizedLayersAreInt8) {
  TfliteModel net;
  const TfliteModel::Quant in{{0.5f}, {-2}}, out{{1}, {3}};
  const int32_t x = net.input<int8_t>({1, 2}, in);
  const int32_t w = net.constant<int8_t>({1, 2}, {3, -5}, {{0.25f}, {0}});
  const int32_t b = net.constant<int32_t>({1}, {16}, {{0.125f}, {0}});
  net.op(9, {x, w, b}, {net.tensor<int8_t>({1, 1}, out)}, tfl::CreateFullyConnectedOptions(net.b));
  const auto model = importTflite(net.bytes());
  ASSERT_TRUE(model.ok()) << model.status().message();
  ASSERT_EQ(model->layers().size(), 1u);
  EXPECT_EQ(model->layers()[0].op, "FullyConnected");
  auto session = Session::create(*model, {.threads = 1});
  (*session->input(0)->as<int8_t>())[0] = 8;   // 5
  (*session->input(0)->as<int8_t>())[1] = -4;  // −1
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ((*session->output(0)->as<int8_t>())[0], 10);  // 5·0.75 + 1·1.25 + 2 = 7
}

TEST(TfliteOps, RequantizesAndConverts) {
  TfliteModel net;
  const int32_t x = net.input<int8_t>({3}, {{0.5f}, {0}}), y = net.tensor<int8_t>({3}, {{1}, {1}});
  net.op(114, {x}, {y});
  expectNear(run(net, 2, 2)[0], {2, 3, 4});
  TfliteModel back;
  const int32_t q = back.input<int8_t>({2}, {{0.5f}, {1}});
  back.op(6, {q}, {back.tensor({2})});
  expectNear(run(back)[0], {-0.5f, 0});
}

}  // namespace
}  // namespace qrt::test
