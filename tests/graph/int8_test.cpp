// The reference kernels of int8 layers against the formulas of schema/model.fbs, written again from the
// text with other loops and nearbyint on doubles of the f32 results; and by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "graph/ops/resize.h"
#include "graph/quantized.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

using Bytes = std::vector<int8_t>;

struct Q {
  float scale;
  int zero;
  QuantParams params() const { return {{scale}, {zero}}; }
};

TestTensor s8(const Shape& shape, const Bytes& values, const QuantParams& quant) {
  TestTensor tensor = tensorOf(shape, values);
  tensor.quant = quant;
  return tensor;
}

TestTensor result(const QuantParams& quant) { return {.dtype = DType::s8, .quant = quant}; }

// The extremes first.
Bytes randomBytes(int64_t count, unsigned seed, int low = -128) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> values(low, 127);
  Bytes bytes(static_cast<size_t>(count));
  for (int8_t& byte : bytes) byte = static_cast<int8_t>(values(random));
  if (count > 1) bytes[0] = static_cast<int8_t>(low), bytes[1] = 127;
  return bytes;
}

// requantize() of the schema.
int8_t oracle(float v, int zero, int low = -128, int high = 127) {
  double clamped = v;
  if (clamped > high - zero) clamped = high - zero;
  if (clamped < low - zero) clamped = low - zero;
  return static_cast<int8_t>(std::nearbyint(clamped) + zero);
}

float f32(double v) { return static_cast<float>(v); }

Bytes run(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs, Q out) {
  const auto y = runOne(op, std::move(attributes), inputs, result(out.params()));
  EXPECT_TRUE(y.ok()) << opName(op) << ": " << y.status().message();
  EXPECT_TRUE(!y.ok() || y->dtype == DType::s8);
  return y.ok() ? y->values<int8_t>() : Bytes();
}

struct ConvCase {
  int64_t n, h, w, ic, oc, kernel;
  int stride, dilation, pad, groups;
  bool perChannel, residual;
  Activation activation;
  int low, high;  // what the activation leaves at scale 0.05, zero point −7
};

void PrintTo(const ConvCase& c, std::ostream* out) {
  *out << c.kernel << 'x' << c.kernel << '/' << c.stride << " on " << c.h << 'x' << c.w << 'x' << c.ic;
}

class Int8Conv : public testing::TestWithParam<ConvCase> {};

TEST_P(Int8Conv, IsTheFormula) {
  const ConvCase& c = GetParam();
  const Q qx{0.02f, 11}, qr{0.07f, -3}, qy{0.05f, -7};
  const int64_t gi = c.ic / c.groups, go = c.oc / c.groups;
  const Bytes x = randomBytes(c.n * c.h * c.w * c.ic, 1);
  const Bytes w = randomBytes(c.oc * c.kernel * c.kernel * gi, 2, -127);
  std::vector<float> scales(static_cast<size_t>(c.perChannel ? c.oc : 1));
  for (size_t i = 0; i < scales.size(); ++i) scales[i] = 0.001f + 0.0007f * static_cast<float>(i);
  const QuantParams qw{scales, std::vector<int32_t>(scales.size()), c.perChannel ? 0 : -1};
  std::vector<int32_t> bias(static_cast<size_t>(c.oc));
  for (size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<int32_t>(i * 977) - 1500;
  const auto size = [&](int64_t in) {
    return (in + 2 * c.pad - (c.kernel - 1) * c.dilation - 1) / c.stride + 1;
  };
  const int64_t oh = size(c.h), ow = size(c.w);
  const Bytes r = randomBytes(c.n * oh * ow * c.oc, 3);

  Bytes wanted;
  for (int64_t i = 0; i < c.n * oh * ow * c.oc; ++i) {
    const int64_t o = i % c.oc, v = i / c.oc % ow, u = i / c.oc / ow % oh, b = i / c.oc / ow / oh;
    int64_t acc = bias[static_cast<size_t>(o)];
    for (int64_t t = 0; t < c.kernel * c.kernel * gi; ++t) {
      const int64_t ci = t % gi, kw = t / gi % c.kernel, kh = t / gi / c.kernel;
      const int64_t ih = u * c.stride - c.pad + kh * c.dilation;
      const int64_t iw = v * c.stride - c.pad + kw * c.dilation;
      if (ih < 0 || iw < 0 || ih >= c.h || iw >= c.w) continue;
      const int64_t channel = o / go * gi + ci;
      acc += (x[static_cast<size_t>(((b * c.h + ih) * c.w + iw) * c.ic + channel)] - qx.zero) *
             w[static_cast<size_t>(((o * c.kernel + kh) * c.kernel + kw) * gi + ci)];
    }
    const float m = f32(double{f32(double{qx.scale} * scales[c.perChannel ? static_cast<size_t>(o) : 0])} / qy.scale);
    volatile float value = static_cast<float>(acc) * m;
    if (c.residual) {
      volatile float more = static_cast<float>(r[static_cast<size_t>(i)] - qr.zero) *
                            f32(double{qr.scale} / qy.scale);
      value = value + more;
    }
    wanted.push_back(oracle(value, qy.zero, c.low, c.high));
  }

  ConvAttrs attrs{{c.stride, c.stride}, {c.dilation, c.dilation}, {c.pad, c.pad, c.pad, c.pad},
                  c.groups, c.activation};
  std::vector<TestTensor> inputs = {s8({c.n, c.h, c.w, c.ic}, x, qx.params()),
                                    s8({c.oc, c.kernel, c.kernel, gi}, w, qw),
                                    tensorOf({c.oc}, bias)};
  if (c.residual) inputs.push_back(s8({c.n, oh, ow, c.oc}, r, qr.params()));
  EXPECT_EQ(run(OpType::Conv, attrs, inputs, qy), wanted);
}

const Activation kNone{};
const Activation kRelu{ActivationKind::relu};
const Activation kClip{ActivationKind::clip, -1, 3.03f};  // steps −20 and 60.6
INSTANTIATE_TEST_SUITE_P(
    All, Int8Conv,
    testing::Values(ConvCase{1, 1, 1, 1, 1, 1, 1, 1, 0, 1, false, false, kNone, -128, 127},
                    ConvCase{2, 7, 5, 3, 4, 3, 2, 1, 1, 1, true, false, kNone, -128, 127},
                    ConvCase{1, 6, 7, 4, 6, 3, 1, 2, 2, 2, true, true, kRelu, -7, 127},
                    ConvCase{1, 5, 5, 5, 5, 3, 1, 1, 1, 5, true, true, kClip, -27, 54},
                    ConvCase{1, 3, 4, 17, 13, 1, 1, 1, 0, 1, false, true, kNone, -128, 127}));

// A transposed convolution scatters: each input meets each tap.
TEST(Int8, ConvTransposeScatters) {
  const Q qx{0.02f, -5}, qy{0.1f, 4};
  const int64_t size = 3, ic = 2, oc = 3, k = 3, stride = 2, pad = 1, out = (size - 1) * stride + k - 2 * pad;
  const Bytes x = randomBytes(size * size * ic, 4), w = randomBytes(oc * k * k * ic, 5, -127);
  const std::vector<float> scales{0.01f, 0.02f, 0.004f};
  std::vector<int64_t> acc(static_cast<size_t>(out * out * oc));
  for (int64_t ih = 0; ih < size; ++ih)
    for (int64_t iw = 0; iw < size; ++iw)
      for (int64_t kh = 0; kh < k; ++kh)
        for (int64_t kw = 0; kw < k; ++kw) {
          const int64_t oh = ih * stride + kh - pad, ow = iw * stride + kw - pad;
          if (oh < 0 || ow < 0 || oh >= out || ow >= out) continue;
          for (int64_t o = 0; o < oc; ++o)
            for (int64_t i = 0; i < ic; ++i)
              acc[static_cast<size_t>((oh * out + ow) * oc + o)] +=
                  (x[static_cast<size_t>((ih * size + iw) * ic + i)] - qx.zero) *
                  w[static_cast<size_t>(((o * k + kh) * k + kw) * ic + i)];
        }
  Bytes wanted;
  for (size_t i = 0; i < acc.size(); ++i) {
    wanted.push_back(oracle(static_cast<float>(acc[i]) *
                                f32(double{f32(double{qx.scale} * scales[i % 3])} / qy.scale), qy.zero));
  }
  const ConvTransposeAttrs attrs{{2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}, 1, {}};
  EXPECT_EQ(run(OpType::ConvTranspose, attrs,
                {s8({1, size, size, ic}, x, qx.params()),
                 s8({oc, k, k, ic}, w, {scales, {0, 0, 0}, 0})}, qy),
            wanted);
}

// acc = (10−1)·2 + (−4−1)·(−3) + 7 = 40; 40·0.25 = 10 and 40·0.0625 = 2.5, which goes to even.
// (10 − 1)·(−128 − 100) + (−4 − 1)·(127 − 100) = −2187, times 0.5·0.01 is −10.935
TEST(Int8, WeightsWithAZeroPoint) {
  const QuantParams q{{0.5f}, {1}};
  const std::vector<TestTensor> inputs = {s8({1, 2}, {10, -4}, q), s8({1, 2}, {-128, 127}, {{0.01f}, {100}})};
  EXPECT_EQ(run(OpType::FullyConnected, FullyConnectedAttrs{}, inputs, {1, 5}), (Bytes{-6}));
}

TEST(Int8, FullyConnectedByHand) {
  const QuantParams qw{{1, 0.25f}, {0, 0}, 0};
  const std::vector<TestTensor> inputs = {s8({1, 2}, {10, -4}, {{0.5f}, {1}}),
                                          s8({2, 2}, {2, -3, 2, -3}, qw),
                                          tensorOf<int32_t>({2}, {7, 7})};
  EXPECT_EQ(run(OpType::FullyConnected, FullyConnectedAttrs{}, inputs, {2, 5}), (Bytes{15, 7}));
  EXPECT_EQ(run(OpType::FullyConnected, FullyConnectedAttrs{}, inputs, {0.01f, 5}), (Bytes{127, 127}));
  const FullyConnectedAttrs clip{{ActivationKind::clip, 0, 5}};
  EXPECT_EQ(run(OpType::FullyConnected, clip, inputs, {2, 5}), (Bytes{7, 7}));  // 5/2 = 2.5 → 2
}

TEST(Int8, MatMulOfTwoActivations) {
  const Q qa{0.03f, 20}, qb{0.05f, -30}, qy{0.4f, 2};
  const int64_t batch = 2, m = 3, k = 5, n = 4;
  const Bytes a = randomBytes(batch * m * k, 6), b = randomBytes(k * n, 7);
  Bytes wanted;
  for (int64_t i = 0; i < batch * m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      int acc = 0;
      for (int64_t t = 0; t < k; ++t) {
        acc += (a[static_cast<size_t>(i * k + t)] - qa.zero) * (b[static_cast<size_t>(t * n + j)] - qb.zero);
      }
      wanted.push_back(oracle(static_cast<float>(acc) * f32(double{f32(double{qa.scale} * qb.scale)} / qy.scale), qy.zero));
    }
  EXPECT_EQ(run(OpType::MatMul, NoAttrs{},
                {s8({batch, m, k}, a, qa.params()), s8({k, n}, b, qb.params())}, qy),
            wanted);
}

TEST(Int8, ArithmeticBroadcastsAndClamps) {
  const Q qa{0.03f, 20}, qb{0.05f, -30}, qy{0.07f, -10};
  const Bytes a = randomBytes(15, 8), b = randomBytes(5, 9);
  // The larger ratio is between 1/2 and 1, and so has its 21 bits at 2^21.
  const auto ma = static_cast<int64_t>(std::nearbyint(qa.scale / qy.scale * 0x1p21f)),
             mb = static_cast<int64_t>(std::nearbyint(qb.scale / qy.scale * 0x1p21f));
  const float mab = f32(double{f32(double{qa.scale} * qb.scale)} / qy.scale);
  for (const auto& [op, relu] : {std::pair(OpType::Add, false), {OpType::Sub, true}, {OpType::Mul, true}}) {
    Bytes wanted;
    for (size_t i = 0; i < a.size(); ++i) {
      const int x = a[i] - qa.zero, y = b[i % 5] - qb.zero;
      const int64_t sum = (x * ma + (op == OpType::Sub ? -1 : 1) * y * mb + (1 << 20)) >> 21;  // ties go up
      const float v = op == OpType::Mul ? static_cast<float>(x * y) * mab : static_cast<float>(sum);
      wanted.push_back(oracle(v, qy.zero, relu ? qy.zero : -128));
    }
    const BinaryAttrs attrs{relu ? kRelu : kNone};
    EXPECT_EQ(run(op, attrs, {s8({3, 5}, a, qa.params()), s8({5}, b, qb.params())}, qy), wanted)
        << opName(op);
  }
}

// (1 + 2 + 3 + 4 − 4·1)/4 = 1.5 of scale 0.5 is 0.75, with scale 0.25: 3 steps.
TEST(Int8, AveragesByHand) {
  const TestTensor x = s8({1, 2, 2, 1}, {1, 2, 3, 4}, {{0.5f}, {1}});
  PoolAttrs pool{{2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}, false, false};
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.25f, 10}), (Bytes{13}));
  EXPECT_EQ(run(OpType::ReduceMean, ReduceAttrs{{1, 2}, false}, {x}, {0.25f, 10}), (Bytes{13}));
  EXPECT_EQ(run(OpType::ReduceMean, ReduceAttrs{{2}, true}, {x}, {0.5f, 0}), (Bytes{0, 2}));  // 0.5, 2.5
  // One value in each of four windows: divided by 1, or by the 4 of the padded window.
  pool.pads = {1, 1, 1, 1};
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.125f, 0}), (Bytes{0, 4, 8, 12}));
  pool.countIncludePad = true;
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.125f, 0}), (Bytes{0, 1, 2, 3}));
}

// Means 1.5, −2.5, 2.5, −0.25 of the integers: the zero point does not count.
TEST(Int8, TiesAwayFromZeroOrUp) {
  const QuantParams quant{{0.5f}, {7}};
  const TestTensor x = s8({1, 2, 8, 1}, {1, 1, -2, -2, 2, 2, -1, 0, 2, 2, -3, -3, 3, 3, 0, 0}, quant);
  PoolAttrs pool{{2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}, false, false, PoolTies::away};
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.5f, 7}), (Bytes{2, -3, 3, 0}));
  pool.ties = PoolTies::up;
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.5f, 7}), (Bytes{2, -2, 3, 0}));
  pool.ties = PoolTies::even;  // −5.5, −9.5, −4.5, −7.25 steps from the zero point
  EXPECT_EQ(run(OpType::AveragePool, pool, {x}, {0.5f, 7}), (Bytes{1, -3, 3, 0}));
}

TEST(Int8, TablesAreTheFunctionsOnRealNumbers) {
  const Q qx{0.04f, 9}, qy{0.03f, -20};
  Bytes all(256);
  for (int q = -128; q < 128; ++q) all[static_cast<size_t>(q + 128)] = static_cast<int8_t>(q);
  const auto expectTable = [&](OpType op, const Attributes& attributes, double (*f)(double)) {
    Bytes wanted;
    for (const int8_t q : all) {
      wanted.push_back(oracle(f32(f(double(q - qx.zero) * qx.scale)) / qy.scale, qy.zero));
    }
    EXPECT_EQ(run(op, attributes, {s8({256}, all, qx.params())}, qy), wanted) << opName(op);
  };
  expectTable(OpType::Relu, NoAttrs{}, [](double x) { return x > 0 ? x : 0; });
  expectTable(OpType::Neg, NoAttrs{}, [](double x) { return -x; });
  expectTable(OpType::Abs, NoAttrs{}, [](double x) { return std::fabs(x); });
  expectTable(OpType::Exp, NoAttrs{}, [](double x) { return std::exp(x); });
  expectTable(OpType::Erf, NoAttrs{}, [](double x) { return std::erf(x); });
  expectTable(OpType::Tanh, NoAttrs{}, [](double x) { return std::tanh(x); });
  expectTable(OpType::Sigmoid, NoAttrs{}, [](double x) { return 1 / (1 + std::exp(-x)); });
  expectTable(OpType::HardSwish, NoAttrs{},
              [](double x) { return x * std::fmin(std::fmax(x / 6 + 0.5, 0), 1); });
  expectTable(OpType::Clip, ClipAttrs{-0.5f, 2}, [](double x) { return x < -0.5 ? -0.5 : x > 2 ? 2 : x; });
  expectTable(OpType::LeakyRelu, AlphaAttrs{0.25f}, [](double x) { return x < 0 ? 0.25 * x : x; });
  expectTable(OpType::Elu, AlphaAttrs{1}, [](double x) { return x < 0 ? std::expm1(x) : x; });
  expectTable(OpType::HardSigmoid, HardSigmoidAttrs{0.25f, 0.5f},
              [](double x) { return std::fmin(std::fmax(0.25 * x + 0.5, 0), 1); });
}

TEST(Int8, Softmax) {
  const Q qx{0.06f, 40}, qy{1 / 256.0f, -128};
  const int64_t rows = 3, size = 11;
  const Bytes x = randomBytes(rows * size, 10);
  Bytes wanted;
  for (int64_t r = 0; r < rows; ++r) {
    const int8_t* row = x.data() + r * size;
    int max = -128;
    for (int64_t k = 0; k < size; ++k) max = std::max<int>(max, row[k]);
    std::vector<uint64_t> e;
    uint64_t sum = 0;
    for (int64_t k = 0; k < size; ++k) {
      e.push_back(static_cast<uint64_t>(std::nearbyint(
          std::exp(-double(max - row[k]) * double{qx.scale}) * 8388608.0)));
      sum += e.back();
    }
    for (const uint64_t term : e) {
      wanted.push_back(oracle(static_cast<float>(term) * f32(1 / (double(sum) * double{qy.scale})), qy.zero));
    }
  }
  EXPECT_EQ(run(OpType::Softmax, AxisAttrs{1}, {s8({rows, size}, x, qx.params())}, qy), wanted);
  // Even odds, and certainty.
  EXPECT_EQ(run(OpType::Softmax, AxisAttrs{0}, {s8({2}, {5, 5}, qx.params())}, qy), (Bytes{0, 0}));
  EXPECT_EQ(run(OpType::Softmax, AxisAttrs{0}, {s8({2}, {127, -128}, {{1}, {0}})}, qy), (Bytes{127, -128}));
}

// Two by two → three by three, half-pixel: coordinates −1/6, 1/2, 7/6 read with weights 1707 and 341 of
// 2048 at the ends, which are the same element twice.
TEST(Int8, ResizeLinearByHand) {
  const Q q{0.1f, 3};
  const ResizeAttrs attrs{ResizeMode::linear, ResizeCoordinates::halfPixel};
  const TestTensor x = s8({1, 2, 2, 1}, {-128, 127, 10, 20}, q.params());
  EXPECT_EQ(run(OpType::Resize, attrs, {x, absentInput(), ints({1, 3, 3, 1})}, q),
            // rows: (−128 + 127)/2 = −0.5 → 0; columns: (−128 + 10)/2, (127 + 20)/2 = 73.5 → 74
            (Bytes{-128, 0, 127, -59, 7, 74, 10, 15, 20}));
}

TEST(Int8, ResizeLinearIsItsTaps) {
  const Q q{0.1f, 3};
  const int64_t ih = 4, iw = 5, oh = 7, ow = 3, c = 2;
  const Bytes x = randomBytes(ih * iw * c, 12);
  for (const auto coordinates : {ResizeCoordinates::halfPixel, ResizeCoordinates::asymmetric,
                                 ResizeCoordinates::alignCorners, ResizeCoordinates::pytorchHalfPixel}) {
    const auto at = [&](int64_t i, int64_t in, int64_t out) -> double {
      if (coordinates == ResizeCoordinates::asymmetric) return double(i) * double(in) / double(out);
      if (coordinates == ResizeCoordinates::alignCorners) return double(i) * double(in - 1) / double(out - 1);
      return (double(i) + 0.5) * double(in) / double(out) - 0.5;
    };
    Bytes wanted;
    for (int64_t i = 0; i < oh * ow * c; ++i) {
      const double y = at(i / c / ow, ih, oh), z = at(i / c % ow, iw, ow);
      const auto wy = static_cast<int>(std::nearbyint((y - std::floor(y)) * 2048));
      const auto wx = static_cast<int>(std::nearbyint((z - std::floor(z)) * 2048));
      int acc = 0;
      for (int corner = 0; corner < 4; ++corner) {
        const int64_t v = std::clamp<int64_t>(int64_t(std::floor(y)) + corner / 2, 0, ih - 1);
        const int64_t u = std::clamp<int64_t>(int64_t(std::floor(z)) + corner % 2, 0, iw - 1);
        acc += x[static_cast<size_t>((v * iw + u) * c + i % c)] * (corner / 2 ? wy : 2048 - wy) *
               (corner % 2 ? wx : 2048 - wx);
      }
      wanted.push_back(static_cast<int8_t>(std::nearbyint(static_cast<float>(acc) / 4194304.0f)));
    }
    EXPECT_EQ(run(OpType::Resize, ResizeAttrs{ResizeMode::linear, coordinates},
                  {s8({1, ih, iw, c}, x, q.params()), absentInput(), ints({1, oh, ow, c})}, q),
              wanted);
  }
  const ResizeAxis axis{4, 8, false, 0.5, 4, 8, 0.5};
  const FixedTap tap = fixedTap(axis, 1);  // (1 + 0.5)/2 − 0.5 = 0.25
  EXPECT_EQ(tap.low, 0);
  EXPECT_EQ(tap.high, 1);
  EXPECT_EQ(tap.lowWeight, 1536);
  EXPECT_EQ(tap.highWeight, 512);
}

TEST(Int8, OpsThatMoveKeepBytes) {
  const Q q{0.1f, 3};
  const TestTensor x = s8({1, 2, 2, 1}, {-128, 127, 10, 20}, q.params());
  const PoolAttrs pool{{2, 1}, {1, 1}, {1, 1}, {1, 0, 0, 0}, false, false};
  EXPECT_EQ(run(OpType::MaxPool, pool, {x}, q), (Bytes{-128, 127, 10, 127}));
  EXPECT_EQ(run(OpType::Max, NoAttrs{}, {x, s8({1}, {12}, q.params())}, q), (Bytes{12, 127, 12, 20}));
  EXPECT_EQ(run(OpType::Min, NoAttrs{}, {x, s8({1}, {12}, q.params())}, q), (Bytes{-128, 12, 10, 12}));
  EXPECT_EQ(run(OpType::Concat, AxisAttrs{0}, {x, x}, q).size(), 8u);
  EXPECT_EQ(run(OpType::Pad, PadAttrs{}, {s8({2}, {5, 6}, q.params()), ints({1, 0}), tensorOf<int8_t>({}, {3})}, q),
            (Bytes{3, 5, 6}));
}

Status refusal(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs,
               const TestTensor& output) {
  Graph graph = oneOpGraph(op, std::move(attributes), inputs, {output});
  return inferShapes(graph);
}

TEST(Int8, ErrorsNameTheTensor) {
  const QuantParams q{{0.5f}, {1}};
  const TestTensor x = s8({1, 2}, {10, -4}, q), y = result(q);
  const TestTensor w = s8({2, 2}, {2, -3, 2, -3}, {{1}, {0}});
  const auto fc = [&](const std::vector<TestTensor>& inputs, const TestTensor& out,
                      Activation activation = {}) {
    return refusal(OpType::FullyConnected, FullyConnectedAttrs{activation}, inputs, out);
  };
  EXPECT_TRUE(fc({x, w}, y).ok());
  QRT_EXPECT_ERROR(fc({x, w}, {.dtype = DType::s8}), "'output' is s8 without quantization parameters");
  QRT_EXPECT_ERROR(fc({x, w}, {.dtype = DType::u8, .quant = q}), "'output' is u8 with 1 scales, wanted s8");
  QRT_EXPECT_ERROR(fc({x, w}, y, {ActivationKind::hardSwish}), "activation hard_swish");
  QRT_EXPECT_ERROR(fc({x, s8({2, 2}, {2, -128, 2, 3}, {{1, 1}, {0, 0}, 0})}, y), "an element of -128");
  QRT_EXPECT_ERROR(fc({x, s8({2, 2}, {2, 1, 2, 3}, {{1, 1}, {4, 4}, 0})}, y), "have zero point 4 and many scales");
  QRT_EXPECT_ERROR(fc({x, s8({2, 2}, {2, 1, 2, 3}, {{1, 1}, {0, 0}, 1})}, y), "scales along dim 1, wanted 0");
  QRT_EXPECT_ERROR(fc({x, s8({2, 2}, {2, 1, 2, 3}, {{1e30f}, {0}})}, result({{1e-8f}, {0}})), "less than 2^64");
  QRT_EXPECT_ERROR(fc({x, floats({2, 2}, {1, 2, 3, 4})}, y), "are f32 without quantization parameters");
  QRT_EXPECT_ERROR(fc({x, w, tensorOf<int32_t>({2}, {INT32_MIN, 0})}, y), "may exceed s32");
  QRT_EXPECT_ERROR(fc({x, w, floats({2}, {1, 2})}, y), "is f32, wanted s32");
  TestTensor bias = tensorOf<int32_t>({2}, {1, 2});
  bias.quant = QuantParams{{0.7f}, {0}};
  QRT_EXPECT_ERROR(fc({x, w, bias}, y), "has scale 0.7 at 0, wanted that of the products, 0.5");
  const int64_t k = 66312;  // 255·127·66312 ≥ 2³¹
  const Bytes many(static_cast<size_t>(k));
  QRT_EXPECT_ERROR(fc({s8({1, k}, many, q), s8({1, k}, many, {{1}, {0}})}, y), "66312 products");
  EXPECT_TRUE(fc({s8({1, k - 1}, Bytes(static_cast<size_t>(k) - 1), q),
                  s8({1, k - 1}, Bytes(static_cast<size_t>(k) - 1), {{1}, {0}})}, y).ok());
  const int64_t most = 32896;  // of 256·255
  const auto deep = [&](int64_t depth) {
    const Bytes values(static_cast<size_t>(depth));
    return fc({s8({1, depth}, values, q), s8({1, depth}, values, {{1}, {127}})}, y);
  };
  EXPECT_TRUE(deep(most).ok());
  QRT_EXPECT_ERROR(deep(most + 1), "32897 products of");

  QRT_EXPECT_ERROR(refusal(OpType::MaxPool, PoolAttrs{}, {s8({1, 1, 1, 1}, {1}, q)}, result({{0.5f}, {2}})),
                   "different parameters");
  QRT_EXPECT_ERROR(refusal(OpType::Add, BinaryAttrs{}, {x, s8({1, 2}, {1, 2}, {{1e30f}, {0}})},
                           result({{1e-8f}, {0}})), "less than 2^64");
  QRT_EXPECT_ERROR(refusal(OpType::Softmax, AxisAttrs{0}, {x}, y), "wanted the last");
  QRT_EXPECT_ERROR(refusal(OpType::Softmax, AxisAttrs{1}, {x}, result({{1e-30f}, {0}})), "less than 2^64");
  QRT_EXPECT_ERROR(refusal(OpType::Resize, ResizeAttrs{ResizeMode::cubic},
                           {s8({2}, {1, 2}, q), floats({1}, {2})}, y), "cubic Resize");
  QRT_EXPECT_ERROR(refusal(OpType::Resize, ResizeAttrs{ResizeMode::linear},
                           {s8({1, 1, 1}, {1}, q), floats({3}, {2, 2, 2})}, y), "3 dimensions, wanted at most 2");
}

}  // namespace
}  // namespace qrt::test
