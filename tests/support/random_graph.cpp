#include "support/random_graph.h"

#include <algorithm>
#include <numeric>

#include "graph/op.h"

namespace qrt::test {
namespace {

class Generator {
 public:
  Generator(unsigned seed, const RandomGraphOptions& options)
      : random_(seed), options_(options), builder_(seed) {}

  Graph run() {
    const int inputs = pick(1, 2);
    for (int i = 0; i < inputs; ++i) {
      const Shape shape{pick(1, 2), pick(1, 4) * 2, pick(2, 6), pick(2, 6)};
      pool_.push_back(builder_.input("in" + std::to_string(i), shape));
    }
    for (int i = 0; i < 10 * options_.layers; ++i) {
      if (static_cast<int>(graph().layers.size()) >= options_.layers) break;
      step();
    }
    outputs();
    return std::move(builder_.graph);
  }

 private:
  Graph& graph() { return builder_.graph; }
  const Shape& shape(TensorId id) { return graph().tensor(id).shape; }
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  // Recent tensors are likelier, so that graphs get deep.
  TensorId any() {
    const int last = static_cast<int>(pool_.size()) - 1;
    return pool_[static_cast<size_t>(chance(60) ? last : pick(0, last))];
  }

  // A layer, or kNoTensor and nothing if its shape rule refuses it or it gets too large.
  TensorId add(OpType op, Attributes attributes, std::vector<TensorId> inputs, size_t outputs = 1) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == kNoTensor && i == 0) return kNoTensor;
    }
    const std::vector<Tensor> tensors = graph().tensors;
    const TensorId first = builder_.add(op, std::move(attributes), std::move(inputs));
    Layer& layer = graph().layers.back();
    for (size_t i = 1; i < outputs; ++i) {
      layer.outputs.push_back(graph().addTensor({.name = layer.name + ":" + std::to_string(i)}));
    }
    InferContext ctx(graph(), layer);
    bool good = opDef(op).infer(ctx).ok();
    for (const TensorId id : layer.outputs) {
      const int64_t count = shape(id).known() ? shape(id).elementCount().value_or(0) : 0;
      good = good && count > 0 && count < 4000;
    }
    if (good) return first;
    graph().layers.pop_back();
    graph().tensors = tensors;
    return kNoTensor;
  }
  TensorId add(OpType op, std::vector<TensorId> inputs) {
    return add(op, defaultAttributes(op), std::move(inputs));
  }

  void keep(TensorId id) {
    if (id != kNoTensor) pool_.push_back(id);
  }

  TensorId transpose(TensorId x, std::vector<int64_t> perm) {
    return add(OpType::Transpose, TransposeAttrs{std::move(perm)}, {x});
  }
  TensorId toNhwc(TensorId x) { return transpose(x, {0, 2, 3, 1}); }
  TensorId toNchw(TensorId x) { return transpose(x, {0, 3, 1, 2}); }
  TensorId ints(std::vector<int64_t> values) {
    return builder_.constant<int64_t>({static_cast<int64_t>(values.size())}, values);
  }
  TensorId weights(const Shape& s, int64_t fanIn) { return builder_.weights(s, fanIn); }
  TensorId reshape(TensorId x, const std::vector<int64_t>& dims) {
    return add(OpType::Reshape, {x, ints(dims)});
  }

  void step() {
    const TensorId x = any();
    if (graph().tensor(x).dtype != DType::f32)
      return keep(add(OpType::Cast, CastAttrs{DType::f32}, {x}));
    switch (pick(0, 21)) {
      case 0:
      case 1:
      case 2:
        return keep(conv(x));
      case 3:
        return keep(pool(x));
      case 4:
      case 5:
        return keep(unary(x));
      case 6:
      case 7:
        return keep(withConstant(x));
      case 8:
      case 9:
        return keep(withOther(x));
      case 10:
        return concat(x);
      case 11:
        return split(x);
      case 12:
        return keep(slicePadTile(x));
      case 13:
        return keep(reduce(x));
      case 14:
        return keep(squeezeExcite(x));
      case 15:
        return keep(shuffle(x));
      case 16:
        return keep(randomTranspose(x));
      case 17:
        return keep(randomReshape(x));
      case 18:
        return keep(squeezeOrUnsqueeze(x));
      case 19:
        return keep(alongAxis(x));
      case 20:
        return keep(flattenAndMultiply(x));
      default:
        return keep(odds(x));
    }
  }

  TensorId conv(TensorId x) {
    if (shape(x).rank() != 4) return kNoTensor;
    const int64_t ic = shape(x)[1];
    const int64_t oc = 2 * pick(1, 4);
    const int k = pick(0, 1) * 2 + 1;
    ConvAttrs attrs;
    attrs.pads = {k / 2, k / 2, k / 2, k / 2};
    attrs.groups = chance(30) ? static_cast<int>(ic) : 1;
    const int64_t o = attrs.groups == 1 ? oc : ic;
    const int64_t depth = ic / attrs.groups;
    const TensorId w = weights({o, k, k, depth}, k * k * depth);
    const TensorId bias = chance(50) ? weights({o}, 1) : kNoTensor;
    TensorId y = toNchw(add(OpType::Conv, attrs, {toNhwc(x), w, bias}));
    if (chance(30)) {
      y = add(OpType::BatchNormalization, NormAttrs{},
              {y, weights({o}, 1), weights({o}, 1), weights({o}, 1),
               builder_.constant({o}, std::vector<float>(static_cast<size_t>(o), 0.7f))});
    }
    return chance(50) ? unary(y) : y;
  }

  TensorId pool(TensorId x) {
    if (shape(x).rank() != 4) return kNoTensor;
    PoolAttrs attrs;
    attrs.kernel = {2, 2};
    attrs.strides = {pick(1, 2), pick(1, 2)};
    return toNchw(add(chance(50) ? OpType::MaxPool : OpType::AveragePool, attrs, {toNhwc(x)}));
  }

  TensorId unary(TensorId x) {
    const OpType smooth[] = {OpType::Relu,     OpType::Sigmoid,     OpType::Tanh,      OpType::Abs,
                             OpType::Neg,      OpType::HardSigmoid, OpType::HardSwish, OpType::Erf,
                             OpType::Identity, OpType::Softplus};
    const OpType rough[] = {OpType::Floor, OpType::Round, OpType::Sign, OpType::Ceil};
    switch (pick(0, 4)) {
      case 0:
        return add(OpType::Clip, ClipAttrs{chance(50) ? 0.0f : -0.5f, 1.0f}, {x});
      case 1:
        return add(chance(50) ? OpType::LeakyRelu : OpType::Elu, AlphaAttrs{0.3f}, {x});
      case 2:
        if (!options_.smooth) return add(rough[pick(0, 3)], {x});
        [[fallthrough]];
      default:
        return add(smooth[pick(0, 9)], {x});
    }
  }

  OpType binaryOp() {
    const OpType ops[] = {OpType::Add, OpType::Add, OpType::Sub,
                          OpType::Mul, OpType::Max, OpType::Min};
    return ops[pick(0, 5)];
  }

  // A constant that broadcasts to x: some dims 1, some leading dims left out.
  TensorId withConstant(TensorId x) {
    const Shape full = shape(x);
    Shape s;
    for (int i = chance(50) ? 0 : pick(0, full.rank()); i < full.rank(); ++i) {
      s.append(chance(50) ? full[i] : 1);
    }
    if (full.rank() == 4 && chance(40)) s = Shape{full[1], 1, 1};
    const TensorId c = weights(s, 1);
    if (chance(10)) return add(OpType::PRelu, {x, c});
    return chance(50) ? add(binaryOp(), {x, c}) : add(binaryOp(), {c, x});
  }

  TensorId withOther(TensorId x) {
    for (int tries = 0; tries < 8; ++tries) {
      const TensorId y = any();
      if (y == x || graph().tensor(y).dtype != DType::f32) continue;
      const TensorId sum = add(binaryOp(), {x, y});
      if (sum != kNoTensor) return sum;
    }
    if (shape(x).rank() != 4) return kNoTensor;
    // A residual block.
    const int64_t c = shape(x)[1];
    ConvAttrs attrs;
    TensorId y =
        toNchw(add(OpType::Conv, attrs, {toNhwc(x), weights({c, 1, 1, c}, c), weights({c}, 1)}));
    if (y == kNoTensor) return kNoTensor;
    y = chance(50) ? add(OpType::Add, {x, y}) : add(OpType::Add, {y, x});
    return chance(50) ? add(OpType::Relu, {y}) : y;
  }

  void concat(TensorId x) {
    if (shape(x).rank() == 0) return;
    std::vector<TensorId> parts = {x};
    const int axis = pick(0, shape(x).rank() - 1);
    const auto fits = [&](TensorId y) {
      if (shape(y).rank() != shape(x).rank() || graph().tensor(y).dtype != DType::f32) return false;
      for (int i = 0; i < shape(x).rank(); ++i) {
        if (i != axis && shape(y)[i] != shape(x)[i]) return false;
      }
      return true;
    };
    for (int tries = 0; tries < 4; ++tries) {
      if (const TensorId y = any(); fits(y)) parts.push_back(y);
    }
    if (chance(20)) parts.push_back(weights(shape(x), 1));
    keep(add(OpType::Concat, AxisAttrs{axis}, parts));
  }

  void split(TensorId x) {
    if (shape(x).rank() == 0) return;
    const int axis = pick(0, shape(x).rank() - 1);
    const int64_t dim = shape(x)[axis];
    if (dim < 2) return;
    const size_t layer = graph().layers.size();
    add(OpType::Split, SplitAttrs{axis, {1, dim - 1}}, {x}, 2);
    if (graph().layers.size() == layer) return;
    const std::vector<TensorId> outputs = graph().layers.back().outputs;
    for (const TensorId id : outputs) keep(id);
  }

  TensorId slicePadTile(TensorId x) {
    const int rank = shape(x).rank();
    if (rank == 0) return kNoTensor;
    const int axis = pick(0, rank - 1);
    std::vector<int64_t> perDim(static_cast<size_t>(rank), 1);
    switch (pick(0, 3)) {
      case 0:
        return add(OpType::Slice, {x, ints({chance(50) ? 1 : -2}), ints({100}),
                                   ints({chance(50) ? axis : axis - rank})});
      case 1: {
        std::vector<int64_t> pads(static_cast<size_t>(2 * rank));
        for (int64_t& pad : pads) pad = chance(30);
        return add(OpType::Pad, PadAttrs{chance(50) ? PadMode::constant : PadMode::edge},
                   {x, ints(pads)});
      }
      case 2:
        perDim[static_cast<size_t>(axis)] = 2;
        return add(OpType::Tile, {x, ints(perDim)});
      default:
        return add(OpType::Slice, {x, ints(std::vector<int64_t>(static_cast<size_t>(rank), 0)),
                                   ints(std::vector<int64_t>(static_cast<size_t>(rank), 3))});
    }
  }

  TensorId reduce(TensorId x) {
    const OpType ops[] = {OpType::ReduceMean, OpType::ReduceMax, OpType::ReduceSum,
                          OpType::ReduceMin};
    ReduceAttrs attrs;
    attrs.keepDims = chance(50);
    const int rank = shape(x).rank();
    for (int i = 0; i < rank; ++i) {
      if (chance(40)) attrs.axes.push_back(chance(50) ? i : i - rank);
    }
    if (rank == 4 && chance(50)) attrs.axes = {2, 3};
    if (attrs.axes.empty()) return kNoTensor;
    return add(ops[pick(0, 3)], attrs, {x});
  }

  TensorId squeezeExcite(TensorId x) {
    if (shape(x).rank() != 4) return kNoTensor;
    const int64_t c = shape(x)[1];
    TensorId s = add(OpType::ReduceMean, ReduceAttrs{{2, 3}, true}, {x});
    s = toNchw(
        add(OpType::Conv, ConvAttrs{}, {toNhwc(s), weights({2, 1, 1, c}, c), weights({2}, 1)}));
    s = toNchw(
        add(OpType::Conv, ConvAttrs{},
            {toNhwc(s == kNoTensor ? s : add(OpType::Relu, {s})), weights({c, 1, 1, 2}, 2)}));
    if (s == kNoTensor) return s;
    return add(OpType::Mul, {x, add(OpType::Sigmoid, {s})});
  }

  TensorId shuffle(TensorId x) {
    if (shape(x).rank() != 4 || shape(x)[1] % 2 != 0) return kNoTensor;
    const Shape s = shape(x);
    const TensorId split = reshape(x, {s[0], 2, s[1] / 2, s[2], s[3]});
    const TensorId swapped = transpose(split, {0, 2, 1, 3, 4});
    return swapped == kNoTensor ? swapped : reshape(swapped, {0, s[1], s[2], -1});
  }

  TensorId randomTranspose(TensorId x) {
    std::vector<int64_t> perm(static_cast<size_t>(shape(x).rank()));
    std::iota(perm.begin(), perm.end(), 0);
    std::shuffle(perm.begin(), perm.end(), random_);
    if (perm.size() == 4 && chance(50)) perm = {0, 2, 3, 1};
    return transpose(x, perm);
  }

  // Joins two neighbouring dims, or splits one.
  TensorId randomReshape(TensorId x) {
    const Shape s = shape(x);
    if (s.rank() < 2) return kNoTensor;
    std::vector<int64_t> dims(s.dims().begin(), s.dims().end());
    const size_t at = static_cast<size_t>(pick(0, s.rank() - 2));
    if (chance(50)) {
      dims[at] *= dims[at + 1];
      dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    } else if (dims[at] % 2 == 0) {
      dims[at] /= 2;
      dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), 2);
    } else {
      std::swap(dims[at], dims[at + 1]);
    }
    return dims.size() > 6 ? kNoTensor : reshape(x, dims);
  }

  TensorId squeezeOrUnsqueeze(TensorId x) {
    const Shape& s = shape(x);
    for (int i = 0; i < s.rank(); ++i) {
      if (s[i] == 1 && chance(70)) return add(OpType::Squeeze, AxesAttrs{{i}}, {x});
    }
    if (s.rank() > 5) return kNoTensor;
    return add(OpType::Unsqueeze, AxesAttrs{{pick(0, s.rank())}}, {x});
  }

  TensorId alongAxis(TensorId x) {
    const int rank = shape(x).rank();
    if (rank == 0) return kNoTensor;
    const int axis = pick(0, rank - 1);
    const int64_t dim = shape(x)[axis];
    switch (pick(0, 6)) {
      case 0:
        return add(OpType::LogSoftmax, AxisAttrs{axis}, {x});
      case 1:
        return add(OpType::Gather, AxisAttrs{axis}, {x, ints({dim - 1, 0, dim - 1})});
      case 2:
        return add(OpType::Gather, AxisAttrs{axis}, {x, builder_.constant<int64_t>({}, {dim - 1})});
      case 3:
        if (!options_.smooth) return add(OpType::ArgMax, ArgMaxAttrs{axis, chance(50)}, {x});
        [[fallthrough]];
      case 4:
        return rank < 2 ? kNoTensor : add(OpType::Lrn, LrnAttrs{3, 0.1f, 0.75f, 1.0f, 1}, {x});
      case 5:
        return rank < 3 ? kNoTensor
                        : add(OpType::InstanceNormalization, NormAttrs{1e-1f, 1},
                              {x, weights({shape(x)[1]}, 1), weights({shape(x)[1]}, 1)});
      default:
        return add(OpType::Softmax, AxisAttrs{axis}, {x});
    }
  }

  TensorId flattenAndMultiply(TensorId x) {
    const TensorId flat = add(OpType::Flatten, AxisAttrs{1}, {x});
    if (flat == kNoTensor) return flat;
    const int64_t in = shape(flat)[1];
    const int64_t out = pick(1, 5);
    if (chance(50)) {
      return add(OpType::FullyConnected, {flat, weights({out, in}, in), weights({out}, 1)});
    }
    const TensorId product = add(OpType::MatMul, {flat, weights({in, out}, in)});
    return chance(50) && product != kNoTensor ? add(OpType::Add, {product, weights({out}, 1)})
                                              : product;
  }

  TensorId odds(TensorId x) {
    const Shape s = shape(x);
    switch (pick(0, 4)) {
      case 0: {  // a shape computed from a shape
        const TensorId dims = add(OpType::Shape, {x});
        return dims == kNoTensor ? dims : add(OpType::Reshape, {x, dims});
      }
      case 1:
        return add(OpType::Where, {add(OpType::Greater, {x, weights(s, 1)}), x, weights(s, 1)});
      case 2: {
        if (s.rank() < 1) return kNoTensor;
        std::vector<float> scales(static_cast<size_t>(s.rank()), 1);
        scales.back() = 2;
        return add(OpType::Resize,
                   ResizeAttrs{chance(50) ? ResizeMode::nearest : ResizeMode::linear},
                   {x, builder_.constant({s.rank()}, scales), kNoTensor});
      }
      case 3: {
        std::vector<int64_t> dims(s.dims().begin(), s.dims().end());
        for (int64_t& dim : dims) dim = dim == 1 ? 2 : chance(50) ? 1 : dim;
        return add(OpType::Expand, {x, ints(dims)});
      }
      default:
        return quantized(x);
    }
  }

  QuantParams quantParams(const Shape& s) {
    QuantParams quant;
    quant.axis = s.rank() > 0 && chance(60) ? pick(0, s.rank() - 1) : -1;
    const size_t count = quant.axis < 0 ? 1 : static_cast<size_t>(s[quant.axis]);
    const int first = pick(1, 3);
    for (size_t i = 0; i < count; ++i) {
      quant.scales.push_back(0.05f * static_cast<float>(first + static_cast<int>(i)));
      quant.zeroPoints.push_back(static_cast<int32_t>(i));
    }
    return quant;
  }

  // x as integers with random parameters: Quantize, or Identity to give integers others.
  TensorId withQuant(OpType op, TensorId x) {
    const Shape s = shape(x);
    const TensorId q = builder_.add(op, NoAttrs{}, {x});
    graph().tensor(q).dtype = DType::s8;
    graph().tensor(q).quant = quantParams(s);
    graph().tensor(q).shape = s;
    return q;
  }

  // Quantize, per axis or not, and back, once or with two readings of the same integers. Where
  // rounding errors count only graph inputs are quantized, which have none.
  TensorId quantized(TensorId x) {
    if (options_.smooth) x = graph().inputs[0];
    const TensorId q = withQuant(OpType::Quantize, x);
    const TensorId y = add(OpType::Dequantize, {q});
    if (chance(50)) return y;
    return add(OpType::Sub, {y, add(OpType::Dequantize, {withQuant(OpType::Identity, q)})});
  }

  // Everything that nobody reads, and now and then something in the middle.
  void outputs() {
    const auto readers = graph().consumers();
    const auto producers = graph().producers();
    for (const TensorId id : pool_) {
      if (producers[static_cast<size_t>(id)] < 0) continue;
      if (readers[static_cast<size_t>(id)].empty() || chance(5)) builder_.output(id);
    }
    if (graph().outputs.empty()) {
      builder_.output(add(OpType::Relu, {graph().inputs[0]}));
    }
    if (!options_.openBatch) return;
    for (const TensorId id : graph().inputs) graph().tensor(id).shape[0] = Shape::kUnknown;
  }

  std::mt19937 random_;
  const RandomGraphOptions options_;
  GraphBuilder builder_;
  std::vector<TensorId> pool_;
};

}  // namespace

Graph randomGraph(unsigned seed, const RandomGraphOptions& options) {
  return Generator(seed, options).run();
}

}  // namespace qrt::test
