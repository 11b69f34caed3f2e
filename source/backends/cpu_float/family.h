// How a family of ops enters cpu-float: one CpuFloatFamily, listed in backend.cpp.
#pragma once

#include <memory>
#include <span>

#include "backends/backend.h"
#include "graph/op.h"

namespace qrt {

struct CpuFloatFamily {
  std::span<const OpType> ops;
  /// Yes, or no with the reason (dtype, shape or attribute found).
  Verdict (*supports)(const Graph& graph, const Layer& layer);
  /// Picks the kernel for ctx.isa, packs weights, books scratch.
  Result<std::unique_ptr<Program>> (*compile)(const CompileContext& ctx, const Layer& layer);
};

/// The families of this folder, defined in the file named behind each; backend.cpp lists them.
extern const CpuFloatFamily kBinaryFamily;     // binary.cpp
extern const CpuFloatFamily kConvFamily;       // conv.cpp
extern const CpuFloatFamily kCopyFamily;       // copy.cpp
extern const CpuFloatFamily kGatherFamily;     // gather.cpp
extern const CpuFloatFamily kMatMulFamily;     // matmul.cpp
extern const CpuFloatFamily kNormalizeFamily;  // normalize.cpp
extern const CpuFloatFamily kPoolFamily;       // pool.cpp
extern const CpuFloatFamily kReduceFamily;     // reduce.cpp
extern const CpuFloatFamily kResizeFamily;     // resize.cpp
extern const CpuFloatFamily kSoftmaxFamily;    // softmax.cpp
extern const CpuFloatFamily kUnaryFamily;      // unary.cpp

std::span<const CpuFloatFamily> cpuFloatFamilies();

}  // namespace qrt
