// What the programs of conv.cpp, depthwise.cpp and matmul.cpp share.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/common/gemm_shapes.h"
#include "kernels/conv/conv_f32.h"

namespace qrt {

/// The depthwise kernel for a Conv with groups = input channels = output channels.
Result<std::unique_ptr<Program>> compileDepthwise(const CompileContext& ctx, const Layer& layer);

/// The constant `tensor` packed for `conv` (ConvF32, ConvWinogradF32), from the cache if it is
/// there.
template <class Conv>
Result<WeightCache::Packed> packWeights(const CompileContext& ctx, const Conv& conv, const Tensor& tensor) {
  const auto bytes = static_cast<size_t>(conv.packedFloats()) * sizeof(float);
  return packConstant(ctx, tensor, conv.packKey(), bytes, conv.packTasks(),
                      [&](const std::byte* weights, std::byte* packed, int64_t task) {
                        conv.pack(reinterpret_cast<const float*>(weights), reinterpret_cast<float*>(packed), task);
                      });
}

/// "gemm_14x32_avx512"
std::string gemmName(const GemmKernelF32& kernel);

/// The elements of input `i`, null if it is absent.
inline const float* inputOf(const RunArgs& args, size_t i) {
  return i < args.inputs.size() ? static_cast<const float*>(args.inputs[i].data) : nullptr;
}
inline float* outputOf(const RunArgs& args) { return static_cast<float*>(args.outputs[0].data); }

}  // namespace qrt
