// What int8 layers demand of the dtypes and parameters of their tensors; schema/model.fbs says what they
// then compute. Everything may come from an untrusted file.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "graph/op.h"
#include "graph/quantized.h"

namespace qrt {
namespace {

constexpr int64_t kMostSum = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostStep = 255;  // |x − zeroPoint|
// The same, and so much that Σ x·w and the zero points' share fit on their own, in any order.
constexpr int64_t kMostApart = 256;

class Rules {
 public:
  Rules(const Graph& graph, const Layer& layer) : graph_(graph), layer_(layer) {}

  Status check(Int8Form form) const {
    switch (form) {
      case Int8Form::none:
        return {};
      case Int8Form::move:
        return move();
      case Int8Form::accumulate:
        return layer_.op == OpType::MatMul ? matMul() : accumulate();
      default:
        break;
    }
    for (size_t i = 0; i < layer_.inputs.size(); ++i) QRT_RETURN_IF_ERROR(activation(in(i)));
    QRT_RETURN_IF_ERROR(activation(out()));
    if (form == Int8Form::arithmetic) return arithmetic();
    if (form == Int8Form::average) return average();
    if (form == Int8Form::softmax) return multiplier(0x1p-23, out());
    return {};
  }

 private:
  const Tensor& in(size_t i) const { return graph_.tensor(layer_.inputs[i]); }
  const Tensor& out() const { return graph_.tensor(layer_.outputs[0]); }
  static double scaleOf(const Tensor& tensor) { return tensor.quant->scales[0]; }

  // Shapes and parameters of graph inputs and outputs change with each session: checked here again.
  static Status activation(const Tensor& tensor) {
    if (!isInt8Activation(tensor)) {
      return unsupported("'", tensor.name, "' is ", describe(tensor),
                         ", wanted s8 with one scale as its int8 layer takes it");
    }
    return annotate(checkTensor(tensor), "tensor '", tensor.name, "'");
  }

  static std::string describe(const Tensor& tensor) {
    if (!tensor.quant) return concat(dtypeName(tensor.dtype), " without quantization parameters");
    return concat(dtypeName(tensor.dtype), " with ", tensor.quant->scales.size(), " scales",
                  tensor.quant->axis < 0 ? "" : concat(" along dim ", tensor.quant->axis));
  }

  // Below 2⁶⁴, so that no product of it overflows f32.
  static Status multiplier(double scaleIn, const Tensor& to) {
    return bounded(requantizeScale(scaleIn, scaleOf(to)), to);
  }
  static Status product(const Tensor& a, float scaleB, const Tensor& to) {
    return bounded(productScale(a.quant->scales[0], scaleB, to.quant->scales[0]), to);
  }
  static Status bounded(float m, const Tensor& to) {
    if (m < 0x1p64f) return {};
    return invalidArgument("the scale ", scaleOf(to), " of '", to.name, "' gives a multiplier of ", m,
                           ", wanted less than 2^64");
  }

  Status fused(const Activation& activation) const {
    if (fusedRange(activation, DType::s8, *out().quant)) return {};
    return unsupported("activation ", kActivationNames[static_cast<size_t>(activation.kind)],
                       " of the int8 result '", out().name, "', wanted none, relu or clip");
  }

  const Activation& activationOf() const {
    if (const auto* conv = std::get_if<ConvAttrs>(&layer_.attributes)) return conv->activation;
    if (const auto* up = std::get_if<ConvTransposeAttrs>(&layer_.attributes)) return up->activation;
    if (const auto* binary = std::get_if<BinaryAttrs>(&layer_.attributes)) return binary->activation;
    return std::get<FullyConnectedAttrs>(layer_.attributes).activation;
  }

  // Constant; with one scale any s8 and any zero point, with one for each output channel symmetric and within
  // [−127, 127].
  Status weights(const Tensor& w) const {
    const auto refuse = [&](const auto&... why) {
      return unsupported("weights '", w.name, "' ", why...);
    };
    if (w.dtype != DType::s8 || !w.quant) return refuse("are ", describe(w), ", wanted s8 with scales");
    if (!w.isConstant()) return refuse("are not constant");
    QRT_RETURN_IF_ERROR(annotate(checkTensor(w), "weights '", w.name, "'"));
    if (w.quant->axis > 0) return refuse("have scales along dim ", w.quant->axis, ", wanted 0");
    if (w.quant->scales.size() > 1) {
      for (const int32_t zeroPoint : w.quant->zeroPoints) {
        if (zeroPoint != 0) return refuse("have zero point ", zeroPoint, " and many scales, wanted 0");
      }
      if (holdsMinus128(w)) return refuse("have an element of -128 and many scales, wanted -127 to 127");
    }
    for (const float scale : w.quant->scales) {
      QRT_RETURN_IF_ERROR(product(in(0), scale, out()));
    }
    return {};
  }

  static bool holdsMinus128(const Tensor& w) {
    const auto bytes = w.constant->bytes;
    return !bytes.empty() && std::memchr(bytes.data(), 0x80, bytes.size()) != nullptr;
  }

  // Of (x − zeroPointX)·(w − zeroPoint)
  static int64_t mostProduct(const Tensor& w) {
    const int32_t zeroPoint = w.quant->zeroPoints[0];
    if (zeroPoint != 0) return kMostApart * std::max(127 - zeroPoint, zeroPoint + 128);
    return kMostStep * (holdsMinus128(w) ? 128 : 127);
  }

  Status bias(const Tensor& b, const Tensor& w) const {
    const auto refuse = [&](const auto&... why) {
      return unsupported("bias '", b.name, "' ", why...);
    };
    if (b.dtype != DType::s32) return refuse("is ", dtypeName(b.dtype), ", wanted s32");
    if (!b.isConstant()) return refuse("is not constant");
    QRT_RETURN_IF_ERROR(annotate(checkTensor(b), "bias '", b.name, "'"));
    if (!b.quant) return {};
    const size_t count = b.quant->scales.size();
    const size_t channels = w.quant->scales.size();
    for (size_t c = 0; c < std::max(count, channels); ++c) {
      const double found = b.quant->scales[count == 1 ? 0 : std::min(c, count - 1)];
      const double wanted = scaleOf(in(0)) * w.quant->scales[channels == 1 ? 0 : std::min(c, channels - 1)];
      if (!(std::abs(found - wanted) <= 1e-5 * wanted)) {
        return refuse("has scale ", found, " at ", c, ", wanted that of the products, ", wanted);
      }
      if (b.quant->zeroPoints[count == 1 ? 0 : std::min(c, count - 1)] != 0) {
        return refuse("has a zero point, wanted 0");
      }
    }
    return {};
  }

  Status accumulate() const {
    QRT_RETURN_IF_ERROR(activation(in(0)));
    QRT_RETURN_IF_ERROR(activation(out()));
    const Tensor& w = in(1);
    QRT_RETURN_IF_ERROR(weights(w));
    int64_t mostBias = 0;
    if (layer_.input(2) != kNoTensor) {
      const Tensor& b = in(2);
      QRT_RETURN_IF_ERROR(bias(b, w));
      QRT_ASSIGN_OR_RETURN(const auto values, b.constantView().as<int32_t>());
      for (const int32_t value : values) mostBias = std::max(mostBias, std::abs(int64_t{value}));
    }
    if (layer_.input(3) != kNoTensor) {
      QRT_RETURN_IF_ERROR(activation(in(3)));
      QRT_RETURN_IF_ERROR(multiplier(scaleOf(in(3)), out()));
    }
    int64_t products = 1;  // a constant's elements were counted by checkTensor(): no overflow
    for (int i = 1; i < w.shape.rank(); ++i) products *= w.shape[i];
    QRT_RETURN_IF_ERROR(sums(products, mostProduct(w), mostBias, w));
    return fused(activationOf());
  }

  // `terms` of at most `each`, and `rest`, stay below 2³¹.
  static Status sums(int64_t terms, int64_t each, int64_t rest, const Tensor& tensor) {
    if (terms <= (kMostSum - rest) / each) return {};
    return unsupported("sums of ", terms, " products of '", tensor.name, "' may exceed s32 (at most ",
                       (kMostSum - rest) / each, " fit)");
  }

  Status matMul() const {
    for (const Tensor* tensor : {&in(0), &in(1), &out()}) QRT_RETURN_IF_ERROR(activation(*tensor));
    QRT_RETURN_IF_ERROR(product(in(0), in(1).quant->scales[0], out()));
    const Shape& a = in(0).shape;
    const int64_t k = a.rank() > 0 ? a[a.rank() - 1] : 1;
    return sums(k, kMostApart * kMostStep, 0, in(0));
  }

  Status arithmetic() const {
    if (layer_.op == OpType::Mul) {
      QRT_RETURN_IF_ERROR(product(in(0), in(1).quant->scales[0], out()));
    } else {
      QRT_RETURN_IF_ERROR(multiplier(scaleOf(in(0)), out()));
      QRT_RETURN_IF_ERROR(multiplier(scaleOf(in(1)), out()));
    }
    return fused(activationOf());
  }

  Status average() const {
    QRT_RETURN_IF_ERROR(multiplier(scaleOf(in(0)), out()));
    const Shape& x = in(0).shape;
    if (!x.known()) return {};
    int64_t count = x.elementCount().value_or(kMostSum);
    if (const auto* pool = std::get_if<PoolAttrs>(&layer_.attributes)) {
      count = std::max<int64_t>(pool->kernel[0], 1) * std::max<int64_t>(pool->kernel[1], 1);
      if (x.rank() == 4) count = std::min(count, x[1] * x[2]);
      if (pool->ties != PoolTies::even) QRT_RETURN_IF_ERROR(ties(*pool, count));
    } else {
      count = reducedCount(x);
    }
    return sums(count, kMostStep, 0, in(0));
  }

  // In f32 the mean of more values is not exact enough to tell ties.
  Status ties(const PoolAttrs& pool, int64_t count) const {
    constexpr int64_t kMost = 8192;
    const std::string_view name = kPoolTiesNames[static_cast<size_t>(pool.ties)];
    if (*in(0).quant != *out().quant) {
      return unsupported("ties ", name, " from '", in(0).name, "' to '", out().name, "', wanted equal parameters");
    }
    if (pool.countIncludePad || count > kMost) {
      return unsupported("ties ", name, " of ", count, " values", pool.countIncludePad ? " with padding" : "",
                         ", wanted at most ", kMost, " without");
    }
    return {};
  }

  // The op's own rule checks the axes.
  int64_t reducedCount(const Shape& x) const {
    const auto& axes = std::get<ReduceAttrs>(layer_.attributes).axes;
    if (axes.empty()) return x.elementCount().value_or(kMostSum);
    int64_t count = 1;
    for (const int64_t axis : axes) {
      const auto normal = normalizeAxis(axis, x.rank());
      if (normal) count = std::min(kMostSum, count * std::min(kMostSum, x[*normal]));
    }
    return count;
  }

  // Equal parameters of all that is moved; raw integers may get or lose theirs, and Identity gives
  // others to the same bytes.
  Status move() const {
    if (layer_.op == OpType::Identity) return {};
    const Tensor* first = nullptr;
    const auto alike = [&](TensorId id) -> Status {
      if (id == kNoTensor || !graph_.tensor(id).quant || graph_.tensor(id).quant->axis != -1) return {};
      const Tensor& tensor = graph_.tensor(id);
      if (first == nullptr) first = &tensor;
      if (tensor.quant == first->quant) return {};
      return unsupported("'", first->name, "' and '", tensor.name,
                         "' are quantized with different parameters");
    };
    for (const TensorId id : layer_.inputs) QRT_RETURN_IF_ERROR(alike(id));
    for (const TensorId id : layer_.outputs) QRT_RETURN_IF_ERROR(alike(id));
    if (layer_.op != OpType::Resize || !in(0).quant) return {};
    const ResizeMode mode = layer_.attrs<ResizeAttrs>().mode;
    if (mode == ResizeMode::nearest) return {};
    if (mode == ResizeMode::cubic) return unsupported("cubic Resize of the quantized '", in(0).name, "'");
    return activation(in(0));
  }

  const Graph& graph_;
  const Layer& layer_;
};

}  // namespace

Status checkInt8(const Graph& graph, const Layer& layer) {
  const bool quantized = std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](TensorId id) {
    return id != kNoTensor && graph.tensor(id).quant.has_value();
  });
  return quantized ? Rules(graph, layer).check(int8Form(layer.op)) : Status();
}

}  // namespace qrt
