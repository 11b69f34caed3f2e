#include "backends/common/families.h"
#include "backends/cpu_int8/cpu_int8.h"
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"

namespace qrt {

Verdict int8Only(const Graph& graph, const Layer& layer, size_t activations) {
  const auto refusal = [&](TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    return Verdict::no(concat("tensor '", tensor.name, "' is ", dtypeName(tensor.dtype),
                              ", wanted s8 with one scale"));
  };
  for (size_t i = 0; i < activations && i < layer.inputs.size(); ++i) {
    const TensorId id = layer.inputs[i];
    if (id != kNoTensor && !isInt8Activation(graph.tensor(id))) return refusal(id);
  }
  for (const TensorId id : layer.outputs) {
    if (id != kNoTensor && !isInt8Activation(graph.tensor(id))) return refusal(id);
  }
  return Verdict::yes();
}

bool isByteQuantized(const Tensor& tensor) {
  return (tensor.dtype == DType::s8 || tensor.dtype == DType::u8) && tensor.quant &&
         tensor.quant->axis == -1;
}

const Backend& cpuInt8Backend() {
  static constexpr const KernelFamily* families[] = {
      &kBinaryS8Family, &kConvS8Family, &kConvertS8Family, &kCopyFamily,    &kGatherFamily,
      &kMatMulS8Family, &kPoolS8Family, &kResizeS8Family,  &kSoftmaxS8Family, &kTableS8Family,
  };
  static const FamilyBackend backend("cpu-int8", "s8 on the CPU's vector and dot-product units",
                                     families, isQuantized,
                                     "the layer's tensors are not quantized, wanted a model that qrt "
                                     "quantize made with this layer enabled");
  return backend;
}

}  // namespace qrt
