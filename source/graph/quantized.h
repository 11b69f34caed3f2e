// Which ops compute on quantized tensors, and how their parameters must relate. One table for all who
// ask: the pass that makes graphs int8, the quantizer, the reference kernels and the backends.
#pragma once

#include <optional>

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

}  // namespace qrt
