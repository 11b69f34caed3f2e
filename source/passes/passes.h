// Rewriting a graph so that it computes the same with less work. Start reading at optimize.cpp,
// which lists the passes in order; each has a file of its own.
//
// Every pass keeps the graph's inputs and outputs: their names, order, layout and dtype.
#pragma once

#include <map>
#include <string>

#include "graph/graph.h"
#include "passes/editor.h"

namespace qrt {

/// What becomes of constants that are quantized.
enum class Quantized {
  keep,  ///< they stay integers, for int8 layers that are made of what is around, or behind Dequantize
  fold,  ///< what is still behind Dequantize then becomes f32: for float layers
};

/// Runs all passes until nothing changes. The graph must be valid; shapes are inferred here. Fails,
/// naming the layer, only if the shapes contradict each other.
Status optimize(Graph& graph, Quantized quantized = Quantized::keep);

/// Gives the inputs the shapes of `inputShapes` (by name; an unknown first dim defaults to 1),
/// infers and optimizes until the shape of every tensor is known. Fails, naming input, layer or
/// tensor, where a shape contradicts the model, is missing, is empty, depends on data, or needs too
/// much memory. A failed call leaves the graph in an unspecified state: work on a copy.
Status specialize(Graph& graph, const std::map<std::string, Shape>& inputShapes);

/// The same without optimizing: constants are folded, since shapes may depend on them, and all other
/// layers and tensors stay as they are. For looking into a graph that was optimized before.
Status specializeAsWritten(Graph& graph, const std::map<std::string, Shape>& inputShapes);

/// How much constant folding may still do: untrusted graphs must not explode, in all rounds
/// together.
struct FoldBudget {
  int64_t bytes = int64_t{1} << 26;  ///< still to be made
  int64_t macs = int64_t{1} << 24;   ///< still to be done; reference kernels are slow
  Quantized quantized = Quantized::keep;

  /// More bytes for a graph with large constants, which folding may rearrange or dequantize.
  static FoldBudget of(const Graph& graph);
};

/// Infers shapes in order, and turns the outputs of layers whose inputs are all constant into
/// constants, within the budget.
Status foldConstants(GraphEditor& editor, FoldBudget& budget);

/// Drops what does nothing (Identity, a Cast to the same dtype, a Reshape to the same shape, …) and
/// writes views of known shapes as one Reshape.
void simplify(GraphEditor& editor);

/// Moves and cancels transposes; see layout.cpp.
void optimizeLayout(GraphEditor& editor);

/// MatMul of a matrix and constant weights → FullyConnected.
void fuseFullyConnected(GraphEditor& editor);

/// BatchNormalization with constant parameters → Mul and Add, which foldAffine() may fold further.
void foldBatchNorm(GraphEditor& editor);

/// Moves reshapes behind activations and arithmetic with constants, towards the next reshape.
void sinkViews(GraphEditor& editor);

/// Constant Mul, Div, Add, Sub per channel behind Conv, ConvTranspose, FullyConnected → into
/// weights and bias.
void foldAffine(GraphEditor& editor);

/// x · HardSigmoid(x), and both written out in Add, Clip, Mul, Div → HardSwish, HardSigmoid.
void recognizeHardSwish(GraphEditor& editor);

/// Conv + Add of the same shape → the Conv's residual input.
void fuseResidual(GraphEditor& editor);

/// An activation that alone reads a layer → that layer's attribute.
void fuseActivation(GraphEditor& editor);

/// Layers between Dequantize and Quantize → int8 layers.
void lowerQuantized(GraphEditor& editor);

/// Drops layers that no graph output needs.
void removeDeadLayers(GraphEditor& editor);

}  // namespace qrt
