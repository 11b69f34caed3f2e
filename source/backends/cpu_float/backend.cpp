// A table of op → (supports, compile); each family of ops is a file in this folder.
#include <array>

#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_float/family.h"

namespace qrt {
namespace {

class CpuFloatBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu-float"; }
  std::string description() const override { return "f32 on the CPU's vector units"; }

  Verdict supports(const Graph& graph, const Layer& layer) const override {
    const CpuFloatFamily* family = familyOf(layer.op);
    return family != nullptr ? family->supports(graph, layer)
                             : Verdict::no("no cpu-float kernel for this op");
  }

  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    const Layer& layer = ctx.graph.layers[static_cast<size_t>(ctx.layers.front())];
    return familyOf(layer.op)->compile(ctx, layer);
  }

 private:
  static const CpuFloatFamily* familyOf(OpType op) {
    for (const CpuFloatFamily& family : cpuFloatFamilies()) {
      for (const OpType member : family.ops) {
        if (member == op) return &family;
      }
    }
    return nullptr;
  }
};

}  // namespace

std::span<const CpuFloatFamily> cpuFloatFamilies() {
  static const std::array families = {
      kBinaryFamily, kConvFamily, kCopyFamily, kGatherFamily,
      kMatMulFamily, kNormalizeFamily, kPoolFamily, kReduceFamily,
      kResizeFamily, kSoftmaxFamily, kUnaryFamily,
  };
  return families;
}

const Backend& cpuFloatBackend() {
  static const CpuFloatBackend backend;
  return backend;
}

}  // namespace qrt
