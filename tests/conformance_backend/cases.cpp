#include "conformance_backend/cases.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "graph/op.h"
#include "support/one_op.h"
#include "support/op_graphs.h"

namespace qrt::test {
namespace {

class Cases {
 public:
  Cases(unsigned seed, const std::function<void(const Graph&)>& use) : random_(seed), use_(use) {}

  void round() {
    for (const bool int8 : {false, true}) {
      int8_ = int8;
      for (const bool depthwise : {false, true}) convolution(depthwise);
      fullyConnected();
      for (const OpType op : {OpType::Add, OpType::Sub, OpType::Mul}) binary(op);
      for (const OpType op : {OpType::MaxPool, OpType::AveragePool}) pool(op);
      mean();
      functions();
      softmax();
      movement();
      resize();
    }
    int8_ = true;
    use(OpType::Requantize, NoAttrs{}, {image()}, {result(scale(), zero())});
  }

 private:
  int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return whole(1, 100) <= percent; }
  float scale() { return std::exp(std::uniform_real_distribution<float>(-5, -2)(random_)); }
  int32_t zero() { return whole(-128, 127); }
  // Small, and often just beside what vectors like.
  int64_t channels() {
    constexpr int sizes[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 65};
    return sizes[whole(0, 15)];
  }

  TestTensor input(const Shape& shape, float s, int32_t z) {
    TestTensor tensor = shaped(shape, int8_ ? DType::s8 : DType::f32);
    if (int8_) tensor.quant = QuantParams{{s}, {z}};
    return tensor;
  }
  TestTensor input(const Shape& shape) { return input(shape, scale(), zero()); }
  TestTensor image() { return input({whole(1, 2), whole(1, 9), whole(1, 9), channels()}); }
  TestTensor result(float s, int32_t z) {
    TestTensor tensor{.dtype = int8_ ? DType::s8 : DType::f32};
    if (int8_) tensor.quant = QuantParams{{s}, {z}};
    return tensor;
  }
  // Where sums of `depth` products of x and w come from, so that they fill the range of the result.
  TestTensor resultOf(const TestTensor& x, float scaleW, int64_t depth) {
    const float spread = int8_ ? x.quant->scales[0] * scaleW * 74 * 74 * std::sqrt(static_cast<float>(depth)) : 1;
    return result(spread / 50, zero());
  }
  Activation activation() {
    if (chance(60)) return {};
    return chance(50) ? Activation{ActivationKind::relu, 0, 0} : Activation{ActivationKind::clip, 0, 6};
  }

  TestTensor weights(const Shape& shape) {
    if (!int8_)
      return floats(shape, normal(shape.elements(), 1 / std::sqrt(static_cast<float>(shape.elements() / shape[0]))));
    std::vector<int8_t> values(static_cast<size_t>(shape.elements()));
    for (int8_t& value : values) value = static_cast<int8_t>(whole(-127, 127));
    TestTensor tensor = tensorOf(shape, values);
    QuantParams quant{{}, {}, 0};
    const bool perChannel = chance(70);
    for (int64_t c = 0; c < (perChannel ? shape[0] : 1); ++c) {
      quant.scales.push_back(0.01f * (1 + 0.1f * static_cast<float>(c % 5)));
      quant.zeroPoints.push_back(0);
    }
    if (!perChannel) quant.axis = -1;
    tensor.quant = quant;
    return tensor;
  }
  TestTensor bias(int64_t count) {
    if (chance(30)) return absentInput();
    if (!int8_) return floats({count}, normal(count, 1));
    std::vector<int32_t> values(static_cast<size_t>(count));
    for (int32_t& value : values) value = whole(-5000, 5000);
    return tensorOf(Shape{count}, values);
  }
  std::vector<float> normal(int64_t count, float deviation) {
    std::normal_distribution<float> distribution(0, deviation);
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = distribution(random_);
    return values;
  }

  void use(OpType op, Attributes attributes, std::vector<TestTensor> inputs, const std::vector<TestTensor>& outputs) {
    while (!inputs.empty() && inputs.back().absent) inputs.pop_back();
    Graph graph = oneOpGraph(op, std::move(attributes), inputs, outputs);
    if (validate(graph).ok() && inferShapes(graph).ok()) use_(graph);
  }

  void convolution(bool depthwise) {
    ConvAttrs attrs;
    const int kh = whole(1, 5), kw = chance(70) ? kh : whole(1, 5);
    attrs.strides = {whole(1, 3), whole(1, 2)};
    attrs.dilations = chance(80) ? std::array<int32_t, 2>{1, 1} : std::array<int32_t, 2>{2, whole(1, 3)};
    attrs.pads = {whole(0, kh - 1), whole(0, kw - 1), whole(0, kh - 1), whole(0, kw - 1)};
    attrs.activation = activation();
    int64_t ic = channels(), oc = channels();
    if (depthwise) {
      oc = ic;
      attrs.groups = static_cast<int32_t>(ic);
    } else if (chance(20)) {
      attrs.groups = whole(2, 3);
      ic *= attrs.groups;
      oc *= attrs.groups;
    }
    const TestTensor x = input({whole(1, 2), whole(5, 17), whole(5, 17), ic});
    const Shape shape{oc, kh, kw, ic / attrs.groups};
    const TestTensor y = resultOf(x, 0.01f, kh * kw * ic / attrs.groups);
    std::vector<TestTensor> inputs = {x, weights(shape), bias(oc)};
    use(OpType::Conv, attrs, inputs, {y});
    // A residual has the shape of the output.
    Graph graph = oneOpGraph(OpType::Conv, attrs, inputs, {y});
    if (!inferShapes(graph).ok()) return;
    inputs.push_back(input(graph.tensor(graph.outputs[0]).shape));
    use(OpType::Conv, attrs, inputs, {y});
  }

  void fullyConnected() {
    const int64_t depth = channels() * whole(1, 9), oc = channels();
    const TestTensor x = input({whole(1, 5), depth});
    use(OpType::FullyConnected, FullyConnectedAttrs{activation()}, {x, weights({oc, depth}), bias(oc)},
        {resultOf(x, 0.01f, depth)});
  }

  void binary(OpType op) {
    const TestTensor a = image();
    const TestTensor result1 = result(op == OpType::Mul && int8_ ? scale() * 0.5f : 0.1f, zero());
    use(op, BinaryAttrs{activation()}, {a, input(a.shape)}, {result1});
    use(op, BinaryAttrs{activation()}, {a, input({a.shape[3]})}, {result1});
    use(op, BinaryAttrs{}, {input({a.shape[0], 1, 1, a.shape[3]}), a}, {result1});
  }

  void pool(OpType op) {
    PoolAttrs attrs;
    attrs.kernel = {whole(1, 4), whole(1, 4)};
    attrs.strides = {whole(1, 3), whole(1, 3)};
    attrs.pads = {whole(0, attrs.kernel[0] - 1), whole(0, attrs.kernel[1] - 1), whole(0, attrs.kernel[0] - 1),
                  whole(0, attrs.kernel[1] - 1)};
    attrs.ceilMode = chance(30);
    const TestTensor x = input({whole(1, 2), whole(4, 12), whole(4, 12), channels()});
    const bool max = op == OpType::MaxPool;
    if (max && chance(20)) attrs.dilations = {2, 2};
    if (!max) attrs.countIncludePad = chance(40);
    TestTensor y = result(scale(), zero());
    if (max || chance(20)) y.quant = x.quant;
    if (!max && int8_ && y.quant == x.quant && chance(50)) {
      attrs.ties = chance(50) ? PoolTies::away : PoolTies::up;
      attrs.countIncludePad = false;
    }
    use(op, attrs, {x}, {y});
    attrs = {};
    attrs.kernel = {static_cast<int32_t>(x.shape[1]), static_cast<int32_t>(x.shape[2])};  // global
    use(op, attrs, {x}, {y});
  }

  void mean() {
    use(OpType::ReduceMean, ReduceAttrs{{1, 2}, chance(50)}, {image()}, {result(scale(), zero())});
  }

  void functions() {
    using enum OpType;
    for (const OpType op : {Relu, Sigmoid, Tanh, HardSwish, Abs, Neg, Exp, Erf, Softplus}) {
      use(op, NoAttrs{}, {image()}, {result(scale(), zero())});
    }
    const TestTensor x = image();
    TestTensor same = result(1, 0);
    same.quant = x.quant;
    use(Relu, NoAttrs{}, {x}, {same});
    use(Clip, ClipAttrs{-0.5f, 1.5f}, {x}, {same});
    use(Clip, ClipAttrs{-0.5f, 1.5f}, {image()}, {result(scale(), zero())});
    use(LeakyRelu, AlphaAttrs{0.1f}, {image()}, {result(scale(), zero())});
    use(Elu, AlphaAttrs{0.7f}, {image()}, {result(scale(), zero())});
    use(HardSigmoid, HardSigmoidAttrs{}, {image()}, {result(scale(), zero())});
  }

  void softmax() {
    use(OpType::Softmax, AxisAttrs{1}, {input({whole(1, 5), channels()})}, {result(1.0f / 256, -128)});
  }

  // Parameters stay.
  void movement() {
    using enum OpType;
    const TestTensor x = image();
    TestTensor y = result(1, 0);
    y.quant = x.quant;
    const auto like = [&](const qrt::Shape& shape) {
      TestTensor tensor = x;
      tensor.shape = shape;
      return tensor;
    };
    const qrt::Shape& s = x.shape;
    const int axis = whole(0, 3);
    qrt::Shape other = s;
    other[axis] = whole(1, 5);
    use(Concat, AxisAttrs{axis}, {x, like(other), x}, {y});
    use(Transpose, TransposeAttrs{chance(50) ? std::vector<int64_t>{0, 3, 1, 2} : std::vector<int64_t>{2, 0, 3, 1}},
        {x}, {y});
    use(Reshape, NoAttrs{}, {x, ints({s[0], -1})}, {y});
    use(Flatten, AxisAttrs{1}, {x}, {y});
    use(Pad, PadAttrs{}, {x, ints({0, whole(0, 2), whole(0, 2), 0, 0, whole(0, 2), 1, whole(0, 1)})}, {y});
    use(Slice, NoAttrs{}, {x, ints({0, 0}), ints({-1, 100}), ints({1, 3}), ints({1, 2})}, {y});
    use(Split, SplitAttrs{3, {}}, {like({s[0], s[1], s[2], s[3] * 2})}, {y, y});
    use(Unsqueeze, AxesAttrs{{0}}, {x}, {y});
    use(DepthToSpace, DepthToSpaceAttrs{2}, {like({s[0], s[1], s[2], s[3] * 4})}, {y});
  }

  void resize() {
    const TestTensor x = image();
    TestTensor y = result(1, 0);
    y.quant = x.quant;
    for (const ResizeMode mode : {ResizeMode::nearest, ResizeMode::linear}) {
      for (const auto coordinates : {ResizeCoordinates::halfPixel, ResizeCoordinates::asymmetric,
                                     ResizeCoordinates::alignCorners, ResizeCoordinates::pytorchHalfPixel}) {
        use(OpType::Resize,
            ResizeAttrs{mode, coordinates, chance(50) ? ResizeRounding::floor : ResizeRounding::preferFloor},
            {x, absentInput(), ints({x.shape[0], whole(1, 12), whole(1, 12), x.shape[3]})}, {y});
        use(OpType::Resize, ResizeAttrs{mode, coordinates}, {x, floats({4}, {1, 2, 1.6f, 1})}, {y});
      }
    }
  }

  std::mt19937 random_;
  const std::function<void(const Graph&)>& use_;
  bool int8_ = false;
};

}  // namespace

void forEachCase(unsigned seed, int rounds, const std::function<void(const Graph&)>& use) {
  // Every op once, as others see it.
  for (Graph graph : opGraphs()) {
    bool open = !inferShapes(graph).ok();
    for (const Tensor& tensor : graph.tensors) open = open || !tensor.shape.known();
    if (!open) use(graph);
  }
  Cases cases(seed, use);
  for (int i = 0; i < rounds; ++i) cases.round();
}

std::vector<std::byte> randomValues(const Tensor& tensor, unsigned seed) {
  std::mt19937 random(seed);
  const auto count = static_cast<size_t>(tensor.shape.elements());
  std::vector<std::byte> bytes(count * dtypeSize(tensor.dtype));
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < count; ++i) {
    std::byte* at = bytes.data() + i * dtypeSize(tensor.dtype);
    const auto put = [&](auto value) { std::memcpy(at, &value, sizeof value); };
    switch (tensor.dtype) {
      case DType::f32:
        put(normal(random));
        break;
      case DType::f64:
        put(static_cast<double>(normal(random)));
        break;
      case DType::s8:
      case DType::u8:
        put(static_cast<uint8_t>(random() >> 8));
        break;
      case DType::s64:
      case DType::s32:
      case DType::boolean:
        *at = static_cast<std::byte>(random() >> 8 & 1);  // the other bytes are zero
        break;
      default:
        break;  // zeros
    }
  }
  return bytes;
}

}  // namespace qrt::test
