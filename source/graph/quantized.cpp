#include "graph/quantized.h"

#include <algorithm>

namespace qrt {

Int8Form int8Form(OpType op) {
  switch (op) {
    case OpType::Conv:
    case OpType::ConvTranspose:
    case OpType::FullyConnected:
    case OpType::MatMul:
      return Int8Form::accumulate;
    case OpType::Add:
    case OpType::Sub:
    case OpType::Mul:
      return Int8Form::arithmetic;
    case OpType::AveragePool:
    case OpType::ReduceMean:
      return Int8Form::average;
    case OpType::Abs:
    case OpType::Clip:
    case OpType::Elu:
    case OpType::Erf:
    case OpType::Exp:
    case OpType::HardSigmoid:
    case OpType::HardSwish:
    case OpType::LeakyRelu:
    case OpType::Neg:
    case OpType::Relu:
    case OpType::Sigmoid:
    case OpType::Softplus:
    case OpType::Tanh:
      return Int8Form::table;
    case OpType::Softmax:
      return Int8Form::softmax;
    case OpType::Concat:
    case OpType::DepthToSpace:
    case OpType::Expand:
    case OpType::Flatten:
    case OpType::Gather:
    case OpType::Identity:
    case OpType::Max:
    case OpType::MaxPool:
    case OpType::Min:
    case OpType::Pad:
    case OpType::Reshape:
    case OpType::Resize:
    case OpType::Slice:
    case OpType::SpaceToDepth:
    case OpType::Split:
    case OpType::Squeeze:
    case OpType::Tile:
    case OpType::Transpose:
    case OpType::Unsqueeze:
      return Int8Form::move;
    default:
      return Int8Form::none;
  }
}

std::optional<QuantizedRange> fusedRange(const Activation& activation, DType dtype,
                                         const QuantParams& out) {
  const int32_t lowest = dtype == DType::u8 ? 0 : -128;
  QuantizedRange range{out.zeroPoints[0], lowest, lowest + 255};
  const auto steps = [&](float bound) { return requantize(bound / out.scales[0], range); };
  switch (activation.kind) {
    case ActivationKind::none:
      return range;
    case ActivationKind::relu:
      return QuantizedRange{range.zeroPoint, steps(0), range.high};
    case ActivationKind::clip:
      if (!(activation.a <= activation.b)) return std::nullopt;
      return QuantizedRange{range.zeroPoint, steps(activation.a), steps(activation.b)};
    default:
      return std::nullopt;
  }
}

bool isQuantized(const Graph& graph, const Layer& layer) {
  const auto any = [&](const std::vector<TensorId>& ids) {
    return std::any_of(ids.begin(), ids.end(), [&](TensorId id) {
      return id != kNoTensor && graph.tensor(id).quant.has_value();
    });
  };
  return any(layer.inputs) || any(layer.outputs);
}

bool isInt8Activation(const Tensor& tensor) {
  return tensor.dtype == DType::s8 && tensor.quant && tensor.quant->axis == -1;
}

}  // namespace qrt
