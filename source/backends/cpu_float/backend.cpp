#include "backends/common/families.h"
#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_float/family.h"
#include "graph/quantized.h"

namespace qrt {

const Backend& cpuFloatBackend() {
  static constexpr const KernelFamily* families[] = {
      &kBinaryFamily,    &kConvFamily, &kCopyFamily,   &kGatherFamily, &kMatMulFamily,
      &kNormalizeFamily, &kPoolFamily, &kReduceFamily, &kResizeFamily, &kSoftmaxFamily,
      &kUnaryFamily,
  };
  static const FamilyBackend backend(
      "cpu-float", "f32 on the CPU's vector units", families,
      [](const Graph& graph, const Layer& layer) { return !isQuantized(graph, layer); },
      "the layer's tensors are quantized");
  return backend;
}

}  // namespace qrt
