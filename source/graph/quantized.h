// Which ops compute on quantized tensors, and how their parameters must relate. One table for all who
// ask: the pass that makes graphs int8, the quantizer, the reference kernels and the backends.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/requantize.h"
#include "graph/graph.h"

namespace qrt {

/// How an op computes on s8 tensors; the formulas are in schema/model.fbs.
enum class Int8Form {
  none,        ///< only in float
  accumulate,  ///< exact s32 sums of products: Conv, ConvTranspose, FullyConnected, MatMul
  arithmetic,  ///< Add, Sub, Mul
  average,     ///< AveragePool, ReduceMean
  table,       ///< one input, element by element: Sigmoid, HardSwish, LeakyRelu, …
  softmax,     ///< Softmax
  move,        ///< values keep their bytes: input and output parameters must be equal
};

Int8Form int8Form(OpType op);

/// The activation as a narrowed range of the output, or nullopt if it is not none, relu or clip. The
/// bounds are rounded as Quantize rounds them.
std::optional<QuantizedRange> fusedRange(const Activation& activation, DType dtype,
                                         const QuantParams& out);

/// Whether any tensor of the layer has quantization parameters.
bool isQuantized(const Graph& graph, const Layer& layer);

/// Whether the tensor is s8 with one scale for all: what int8 layers take as activations.
bool isInt8Activation(const Tensor& tensor);

/// The part of the shape rule of int8 layers that is about dtypes and parameters, before the op's own
/// rule: names the tensor that is not as the op's form wants it. Sums cannot overflow s32 and multipliers
/// are below 2⁶⁴ in what it accepts.
Status checkInt8(const Graph& graph, const Layer& layer);

/// m[c] of a sum of products, one per scale of `w`.
std::vector<float> int8Multipliers(const QuantParams& x, const QuantParams& w, const QuantParams& y);

/// Form `table`: y for every x, indexed by uint8_t(x).
std::array<int8_t, 256> int8Table(const Layer& layer, const QuantParams& in, const QuantParams& out);

/// Form `softmax`: e[d], the exponential of d steps of `scale` below the maximum, times 2²³.
std::array<uint32_t, 256> int8ExpTable(float scale);
/// What e[d] is multiplied with: f32(1 / (f64(sum) · f64(scaleOut))).
inline float int8SoftmaxScale(uint64_t sum, float scaleOut) {
  return requantizeScale(1, static_cast<double>(sum) * scaleOut);
}

}  // namespace qrt
