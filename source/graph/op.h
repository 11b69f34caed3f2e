// What libqrt knows of an op: its shape rule and its reference kernel, which is the oracle for every
// other kernel. One OpDef per op, in ops/<op>.cpp.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "base/error.h"
#include "graph/graph.h"

namespace qrt {

/// What a shape rule sees and sets. Unknown dims (Shape::kUnknown) and unranked shapes are normal:
/// a rule derives what it can and leaves the rest unknown.
class InferContext {
 public:
  InferContext(Graph& graph, Layer& layer) : graph_(graph), layer_(layer) {}

  const Layer& layer() const { return layer_; }
  template <class T>
  const T& attrs() const { return layer().attrs<T>(); }
  /// For attributes that the shapes decide; what they decided must not depend on dims still unknown.
  template <class T>
  T& attrsToResolve() { return layer_.attrs<T>(); }
  size_t inputCount() const { return layer_.inputs.size(); }
  size_t outputCount() const { return layer_.outputs.size(); }
  bool has(size_t i) const { return layer_.input(i) != kNoTensor; }
  /// Input `i`, which must be present.
  const Tensor& input(size_t i) const { return graph_.tensor(layer_.inputs[i]); }
  const Shape& shape(size_t i) const { return input(i).shape; }
  DType dtype(size_t i) const { return input(i).dtype; }
  /// Values of input `i` if it is present and a constant of integers.
  std::optional<std::vector<int64_t>> ints(size_t i) const {
    return constantInts(graph_, layer_.input(i));
  }
  /// Output `i`, which must be present: dtype and parameters of a quantized one come from the importer.
  const Tensor& output(size_t i) const { return graph_.tensor(layer_.outputs[i]); }
  /// Sets output `i`.
  void setOutput(size_t i, DType dtype, const Shape& shape);

 private:
  Graph& graph_;
  Layer& layer_;
};

/// What a reference kernel sees: dense row-major tensors of known shape, already checked by the shape
/// rule; outputs allocated, not initialized, never overlapping inputs.
struct KernelContext {
  const Layer& layer;
  std::span<const ConstTensorView> inputs;  ///< data is null where an optional input is absent
  std::span<const TensorView> outputs;

  bool has(size_t i) const { return i < inputs.size() && inputs[i].data != nullptr; }
  template <class T>
  const T& attrs() const { return layer.attrs<T>(); }
  template <class T>
  const T* in(size_t i) const { return static_cast<const T*>(inputs[i].data); }
  template <class T>
  T* out(size_t i) const { return static_cast<T*>(outputs[i].data); }
};

struct OpDef {
  OpType type;
  int minInputs;
  int maxInputs;  ///< −1: any number
  int minOutputs;
  int maxOutputs;  ///< −1: any number
  /// Checks attributes (ranges, ranks, dtypes) against the inputs and sets the outputs.
  Status (*infer)(InferContext& ctx);
  /// Computes the outputs; `unsupported` for a dtype it does not do.
  Status (*reference)(const KernelContext& ctx);
  /// Multiply-accumulates, shapes known; null if it has none.
  int64_t (*macs)(const Graph& graph, const Layer& layer) = nullptr;
  /// The output has the input's bytes under another shape (Reshape, Squeeze, …).
  bool isView = false;
};

/// The definition of an op; every op of QRT_OP_LIST has one.
const OpDef& opDef(OpType op);

/// Attribute axis → [0, rank), or nullopt.
inline std::optional<int> normalizeAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) return std::nullopt;
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

/// Numpy broadcasting of two shapes, unknown dims allowed; invalidArgument if they do not fit.
Result<Shape> broadcastShapes(const Shape& a, const Shape& b);

/// Runs a layer's reference kernel on constants or buffers that the caller made from inferred shapes.
/// If there is nothing to compute it does nothing, so that kernels need not care.
inline Status runReference(const Layer& layer, std::span<const ConstTensorView> inputs,
                           std::span<const TensorView> outputs) {
  const auto empty = [](const TensorView& output) {
    return output.data == nullptr || output.shape.elements() == 0;
  };
  if (std::all_of(outputs.begin(), outputs.end(), empty)) return {};
  return opDef(layer.op).reference(KernelContext{layer, inputs, outputs});
}

}  // namespace qrt
