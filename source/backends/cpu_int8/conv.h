// What the programs of conv.cpp and matmul.cpp share.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/common/gemm_shapes.h"
#include "kernels/conv/conv_s8.h"

namespace qrt {

/// The constant `tensor` packed for `conv` (ConvS8, ConvWinogradS8), from the cache if it is there.
template <class Conv>
Result<WeightCache::Packed> packWeights(const CompileContext& ctx, const Conv& conv, const Tensor& tensor) {
  return packConstant(ctx, tensor, conv.packKey(), conv.packedBytes(), conv.packTasks(),
                      [&](const std::byte* weights, std::byte* packed, int64_t task) {
                        conv.pack(reinterpret_cast<const int8_t*>(weights), packed, task);
                      });
}

/// "gemm_s8_14x32c4_avx512vnni"
std::string gemmName(const GemmKernelS8& kernel);

/// No if sums of that many products of s8 values may leave 32 bits.
Verdict checkDepth(int64_t products);

/// Whether each group has one input and one output channel.
bool isDepthwise(const ConvShape& shape);
/// The depthwise kernel for such a Conv; null if its windows are too large.
Result<std::unique_ptr<Program>> compileDepthwiseS8(const CompileContext& ctx, const Layer& layer,
                                                    ConvQuantS8 quant);

/// The elements of input `i`, null if it is absent.
inline const int8_t* bytesOf(const RunArgs& args, size_t i) {
  return i < args.inputs.size() ? static_cast<const int8_t*>(args.inputs[i].data) : nullptr;
}

}  // namespace qrt
