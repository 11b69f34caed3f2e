// What the programs over ConvPlan share, whatever their element type: a layer's sizes, the refusals that
// depend on sizes alone, and packed weights.
#pragma once

#include <functional>

#include "backends/backend.h"
#include "kernels/conv/conv_plan.h"

namespace qrt {

/// Sizes of a Conv, ConvTranspose or FullyConnected.
ConvShape convShapeOf(const Graph& graph, const Layer& layer);
/// The activation fused into one of them.
const Activation& fusedActivationOf(const Layer& layer);
/// No if the weights are not constant or the layer falls into too many products.
Verdict checkConvShape(const Graph& graph, const Layer& layer);

/// Sizes of a MatMul, by numpy's broadcasting.
MatMulShape matMulShapeOf(const Graph& graph, const Layer& layer);
/// No if there are too many matrices.
Verdict checkMatMulShape(const Graph& graph, const Layer& layer);

/// The constant `tensor` packed into `bytes` bytes under `key`, from the cache if it is there; else by
/// `pack` in `tasks` parts, on the threads of the session.
Result<WeightCache::Packed> packConstant(
    const CompileContext& ctx, const Tensor& tensor, const std::string& key, size_t bytes, int64_t tasks,
    const std::function<void(const std::byte* weights, std::byte* packed, int64_t task)>& pack);

}  // namespace qrt
