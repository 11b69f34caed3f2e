#include "support/op_graphs.h"

#include <algorithm>

#include "support/one_op.h"

namespace qrt::test {
namespace {

const Shape kImage{1, 5, 4, 4};

// Deterministic values around zero, never zero.
TestTensor weights(const Shape& shape) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5) * 0.125f + 0.0625f;
  }
  return floats(shape, values);
}

TestTensor positive(const Shape& shape) {
  std::vector<float> values(static_cast<size_t>(shape.elements()), 0.75f);
  return floats(shape, values);
}

TestTensor ints(const std::vector<int64_t>& values) {
  return tensorOf<int64_t>({static_cast<int64_t>(values.size())}, values);
}

class Builder {
 public:
  explicit Builder(std::vector<Graph>& graphs) : graphs_(graphs) {}

  void add(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs,
           const std::vector<TestTensor>& outputs = {{}}) {
    graphs_.push_back(oneOpGraph(op, std::move(attributes), inputs, outputs));
  }

  void elementwise() {
    using enum OpType;
    for (const OpType op : {Abs, Ceil, Erf, Exp, Floor, HardSwish, Identity, Log, Neg, Reciprocal,
                            Relu, Round, Sigmoid, Sign, Softplus, Sqrt, Tanh}) {
      add(op, NoAttrs{}, {shaped(kImage)});
    }
    const Activation clip{ActivationKind::clip, 0, 6};
    for (const OpType op : {Add, Sub, Mul, Div}) {
      add(op, BinaryAttrs{clip}, {shaped(kImage), weights({4})});
      add(op, BinaryAttrs{}, {shaped({3, 1}), shaped({1, -1})});
    }
    for (const OpType op : {Equal, Greater, Less, Max, Min, Pow}) {
      add(op, NoAttrs{}, {shaped(kImage), weights({4, 1})});
    }
    for (const OpType op : {Max, Min, Equal}) {
      add(op, NoAttrs{}, {shaped({3}, DType::s32), shaped({2, 1}, DType::s32)});
    }
    add(And, NoAttrs{}, {shaped({2, 3}, DType::boolean), shaped({3}, DType::boolean)});
    add(Not, NoAttrs{}, {shaped({2, 3}, DType::boolean)});
    add(Where, NoAttrs{}, {shaped({5, 1, 1}, DType::boolean), shaped(kImage), weights({4})});
    add(PRelu, NoAttrs{}, {shaped(kImage), weights({4})});
    add(Clip, ClipAttrs{-1, 1}, {shaped(kImage)});
    add(Elu, AlphaAttrs{0.5f}, {shaped(kImage)});
    add(LeakyRelu, AlphaAttrs{0.1f}, {shaped(kImage)});
    add(HardSigmoid, HardSigmoidAttrs{}, {shaped(kImage)});
    for (const DType to : {DType::s32, DType::f16, DType::boolean, DType::u8, DType::f64}) {
      add(Cast, CastAttrs{to}, {shaped(kImage)});
    }
    add(Cast, CastAttrs{DType::f32}, {shaped({3}, DType::s64)});
    const QuantParams perTensor{{0.05f}, {3}, -1};
    const QuantParams perChannel{{0.05f, 0.1f, 0.2f, 0.4f}, {0, 0, 1, -1}, 3};
    add(Quantize, NoAttrs{}, {shaped(kImage)}, {{.dtype = DType::s8, .quant = perTensor}});
    add(Quantize, NoAttrs{}, {shaped(kImage)}, {{.dtype = DType::s8, .quant = perChannel}});
    add(Dequantize, NoAttrs{}, {{.dtype = DType::u8, .shape = kImage, .quant = perTensor}});
    add(Dequantize, NoAttrs{}, {{.dtype = DType::s8, .shape = kImage, .quant = perChannel}});
    add(Requantize, NoAttrs{}, {{.dtype = DType::u8, .shape = kImage, .quant = perTensor}},
        {{.dtype = DType::s8, .quant = QuantParams{{0.1f}, {-2}, -1}}});
  }

  void spatial() {
    using enum OpType;
    const Activation relu{ActivationKind::relu, 0, 0};
    add(Conv, ConvAttrs{{2, 1}, {1, 2}, {1, 0, 1, 2}, 2, relu},
        {shaped(kImage), weights({6, 3, 2, 2}), weights({6})});
    add(Conv, ConvAttrs{},
        {shaped({-1, 5, 5, 3}), weights({4, 1, 1, 3}), weights({4}), shaped({-1, 5, 5, 4})});
    add(Conv, ConvAttrs{{1, 1}, {1, 1}, {1, 1, 1, 1}, 4, {}},
        {shaped(kImage), weights({4, 3, 3, 1}), absentInput(), shaped(kImage)});
    add(ConvTranspose, ConvTransposeAttrs{{2, 2}, {1, 1}, {1, 0, 1, 1}, {1, 0}, 2, relu},
        {shaped(kImage), weights({6, 3, 3, 2}), weights({6})});
    for (const OpType op : {AveragePool, MaxPool}) {
      PoolAttrs pool{{3, 2}, {2, 2}, {1, 1}, {1, 0, 1, 1}, true, op == AveragePool};
      add(op, pool, {shaped(kImage)});
    }
    add(MaxPool, PoolAttrs{{2, 2}, {1, 1}, {2, 3}, {0, 0, 0, 0}, false, false}, {shaped(kImage)});
    add(MaxPool, PoolAttrs{.kernel = {3, 2}, .strides = {2, 2}, .autoPad = AutoPad::sameLower},
        {shaped({1, -1, -1, 4})});
    add(Resize, ResizeAttrs{}, {shaped(kImage), floats({4}, {1, 2, 1.5f, 1})});
    add(Resize, ResizeAttrs{ResizeMode::linear, ResizeCoordinates::alignCorners},
        {shaped(kImage), absentInput(), ints({1, 7, 3, 4})});
    add(Resize, ResizeAttrs{ResizeMode::cubic, ResizeCoordinates::asymmetric, {}, -0.5f, true},
        {shaped({1, 1, 5, 4}), floats({4}, {1, 1, 2, 0.6f})});
    add(DepthToSpace, DepthToSpaceAttrs{2, DepthToSpaceMode::crd}, {shaped(kImage)});
    add(SpaceToDepth, SpaceToDepthAttrs{2}, {shaped({1, 4, 6, 3})});
    add(BatchNormalization, NormAttrs{1e-3f, 3},
        {shaped(kImage), weights({4}), weights({4}), weights({4}), positive({4})});
    add(InstanceNormalization, NormAttrs{1e-3f, 3}, {shaped(kImage), weights({4}), weights({4})});
    add(LayerNormalization, NormAttrs{1e-3f, -2},
        {shaped(kImage), weights({4, 4}), weights({4, 4})});
    add(Lrn, LrnAttrs{3, 1e-2f, 0.5f, 2.0f, 3}, {shaped(kImage)});
  }

  void matricesAndReductions() {
    using enum OpType;
    add(FullyConnected, FullyConnectedAttrs{{ActivationKind::leakyRelu, 0.1f, 0}},
        {shaped({-1, 4}), weights({3, 4}), weights({3})});
    add(MatMul, NoAttrs{}, {shaped({2, 1, 3, 4}), weights({5, 4, 2})});
    add(MatMul, NoAttrs{}, {shaped({4}), shaped({4, 3})});
    for (const OpType op : {ReduceMax, ReduceMean, ReduceMin, ReduceSum}) {
      add(op, ReduceAttrs{{1, -1}, false}, {shaped(kImage)});
      add(op, ReduceAttrs{}, {shaped(kImage)});
    }
    add(ArgMax, ArgMaxAttrs{1, false, true}, {shaped(kImage)});
    add(Softmax, AxisAttrs{3}, {shaped(kImage)});
    add(LogSoftmax, AxisAttrs{-2}, {shaped(kImage)});
  }

  void movement() {
    using enum OpType;
    add(Concat, AxisAttrs{3}, {shaped(kImage), weights({1, 5, 4, 2}), shaped(kImage)});
    add(ConstantOfShape, NoAttrs{}, {ints({2, 3}), tensorOf<int32_t>({1}, {7})});
    add(ConstantOfShape, NoAttrs{}, {shaped({2}, DType::s64)});
    add(Expand, NoAttrs{}, {shaped({3, 1}), ints({2, 1, 4})});
    add(Flatten, AxisAttrs{2}, {shaped({-1, 5, 4})});
    add(Gather, AxisAttrs{1}, {shaped(kImage), tensorOf<int64_t>({2, 2}, {0, -1, 4, 2})});
    add(Gather, AxisAttrs{0}, {weights({6, 2}), shaped({3}, DType::s32)});
    add(GatherElements, AxisAttrs{1}, {shaped({2, 3}), tensorOf<int64_t>({2, 2}, {0, -1, 2, 1})});
    for (const PadMode mode : {PadMode::constant, PadMode::reflect, PadMode::edge}) {
      add(Pad, PadAttrs{mode}, {shaped(kImage), ints({0, 1, 2, 0, 0, 3, -1, 0})});
    }
    add(Pad, PadAttrs{}, {shaped({3}), ints({1, 1}), floats({1}, {2.5f})});
    add(Reshape, NoAttrs{}, {shaped(kImage), ints({0, -1, 2})});
    add(Reshape, NoAttrs{}, {shaped(kImage), shaped({3}, DType::s64)});
    add(OpType::Shape, ShapeAttrs{1, -1}, {shaped({-1, 3, 4, 5})});
    add(Slice, NoAttrs{},
        {shaped(kImage), ints({4, 0}), ints({-100, 3}), ints({1, -1}), ints({-2, 1})});
    add(Slice, NoAttrs{}, {shaped({-1, 3}), ints({1}), ints({1000})});
    add(Split, SplitAttrs{3, {1, 3}}, {shaped(kImage)}, {{}, {}});
    add(Split, SplitAttrs{1, {}}, {shaped({2, 6})}, {{}, {}, {}});
    add(Squeeze, AxesAttrs{{0}}, {shaped(kImage)});
    add(Tile, NoAttrs{}, {shaped({2, 3}), ints({2, 1})});
    add(Transpose, TransposeAttrs{{0, 3, 1, 2}}, {shaped(kImage)});
    add(Transpose, TransposeAttrs{}, {shaped({2, 3}, DType::u8)});
    add(Unsqueeze, AxesAttrs{{0, -1}}, {shaped({-1, 3})});
  }

 private:
  std::vector<Graph>& graphs_;
};

}  // namespace

std::vector<Graph> opGraphs() {
  std::vector<Graph> graphs;
  Builder builder(graphs);
  builder.elementwise();
  builder.spatial();
  builder.matricesAndReductions();
  builder.movement();
  std::stable_sort(graphs.begin(), graphs.end(),
                   [](const Graph& a, const Graph& b) { return a.layers[0].op < b.layers[0].op; });
  return graphs;
}

Graph smallNet() {
  Graph graph;
  graph.name = "small net";
  graph.metadata = {{"labels", "a\nb\nc"}};
  const auto constant = [&](const TestTensor& tensor) {
    return graph.addConstant("weights", tensor.dtype, tensor.shape, *tensor.bytes);
  };
  TensorId last = graph.addTensor({.name = "image", .shape = {-1, 3, 8, 8}});
  graph.inputs = {last};
  const auto then = [&](OpType op, Attributes attributes, std::vector<TensorId> more = {}) {
    more.insert(more.begin(), last);
    last = graph.addTensor({.name = std::string(opName(op)), .shape = Shape::unranked()});
    graph.layers.push_back(
        {graph.uniqueLayerName(opName(op)), op, std::move(attributes), more, {last}});
    return last;
  };
  then(OpType::Transpose, TransposeAttrs{{0, 2, 3, 1}});
  const TensorId skip = then(OpType::Conv, ConvAttrs{{2, 2}, {1, 1}, {1, 1, 1, 1}, 1, {}},
                             {constant(weights({4, 3, 3, 3})), constant(weights({4}))});
  then(OpType::BatchNormalization, NormAttrs{1e-5f, 3},
       {constant(weights({4})), constant(weights({4})), constant(weights({4})),
        constant(positive({4}))});
  then(OpType::Relu, NoAttrs{});
  then(OpType::Conv, ConvAttrs{{1, 1}, {1, 1}, {1, 1, 1, 1}, 4, {}},
       {constant(weights({4, 3, 3, 1}))});
  then(OpType::Add, BinaryAttrs{}, {skip});
  then(OpType::Quantize, NoAttrs{});
  graph.tensor(last).dtype = DType::s8;
  graph.tensor(last).quant = QuantParams{{0.05f}, {0}, -1};
  then(OpType::Dequantize, NoAttrs{});
  then(OpType::MaxPool, PoolAttrs{{2, 2}, {2, 2}});
  then(OpType::Flatten, AxisAttrs{1});
  then(OpType::FullyConnected, FullyConnectedAttrs{},
       {constant(weights({3, 16})), constant(weights({3}))});
  then(OpType::Softmax, AxisAttrs{1});
  graph.outputs = {last};
  return graph;
}

}  // namespace qrt::test
