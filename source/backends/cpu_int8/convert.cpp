// Quantize and Dequantize between f32 and eight bits with one scale.
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "kernels/convert/convert_s8.h"
#include "kernels/isa_table.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

class ConvertProgram final : public Program {
 public:
  ConvertProgram(const CompileContext& ctx, const Layer& layer)
      : kernels_(selectKernel(convertKernelsS8(), ctx.isa)),
        quantizes_(layer.op == OpType::Quantize),
        split_(1, ctx.graph.tensor(layer.outputs[0]).shape.elements(), 1 + sizeof(float), 64) {
    const Tensor& quantized =
        ctx.graph.tensor(quantizes_ ? layer.outputs[0] : layer.inputs[0]);
    quant_ = {quantized.quant->scales[0], quantized.quant->zeroPoints[0],
              quantized.dtype == DType::u8};
    name_ = concat(quantizes_ ? "quantize_f32_" : "dequantize_", dtypeName(quantized.dtype), '_',
                   isaName(kernels_.isa));
  }

  Status run(const RunArgs& args) override {
    const void* x = args.inputs[0].data;
    void* y = args.outputs[0].data;
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t, int64_t begin, int64_t end) {
        if (quantizes_) {
          kernels_.quantize(static_cast<const float*>(x) + begin, static_cast<int8_t*>(y) + begin,
                            end - begin, quant_);
        } else {
          kernels_.dequantize(static_cast<const int8_t*>(x) + begin, static_cast<float*>(y) + begin,
                              end - begin, quant_);
        }
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }

 private:
  const ConvertKernelsS8& kernels_;
  bool quantizes_;
  WorkSplit split_;
  ConvertQuantS8 quant_;
  std::string name_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const bool quantizes = layer.op == OpType::Quantize;
  const Tensor& real = graph.tensor(quantizes ? layer.inputs[0] : layer.outputs[0]);
  const Tensor& quantized = graph.tensor(quantizes ? layer.outputs[0] : layer.inputs[0]);
  if (real.dtype != DType::f32) {
    return Verdict::no(concat("tensor '", real.name, "' is ", dtypeName(real.dtype), ", wanted f32"));
  }
  if (!isByteQuantized(quantized)) {
    return Verdict::no(concat("tensor '", quantized.name, "' is ", dtypeName(quantized.dtype),
                              ", wanted s8 or u8 with one scale"));
  }
  return Verdict::yes();
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<ConvertProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::Dequantize, OpType::Quantize};

}  // namespace

constinit const KernelFamily kConvertS8Family = {kOps, supports, compile};

}  // namespace qrt
