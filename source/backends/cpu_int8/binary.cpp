// Layers that combine two s8 tensors element by element, with numpy broadcasting.
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"
#include "kernels/elementwise/binary_s8.h"
#include "kernels/elementwise/broadcast.h"
#include "kernels/isa_table.h"

namespace qrt {
namespace {

Activation activationOf(const Layer& layer) {
  const auto* attrs = std::get_if<BinaryAttrs>(&layer.attributes);
  return attrs != nullptr ? attrs->activation : Activation{};
}

BinaryQuantS8 quantOf(const Graph& graph, const Layer& layer) {
  const QuantParams& a = *graph.tensor(layer.inputs[0]).quant;
  const QuantParams& b = *graph.tensor(layer.inputs[1]).quant;
  const QuantParams& y = *graph.tensor(layer.outputs[0]).quant;
  const auto range = fusedRange(activationOf(layer), DType::s8, y);
  BinaryQuantS8 quant{.zeroA = a.zeroPoints[0],
                      .zeroB = b.zeroPoints[0],
                      .zeroY = range->zeroPoint,
                      .low = range->low,
                      .high = range->high};
  if (layer.op == OpType::Mul) {
    quant.product = productScale(a.scales[0], b.scales[0], y.scales[0]);
  } else {
    quant.sum = SumScales(a.scales[0], b.scales[0], y.scales[0]);
    if (layer.op == OpType::Sub) quant.sum.b = -quant.sum.b;
  }
  return quant;
}

struct Named {
  const char* name;
  BinaryFunctionS8 function;
};
Named functionOf(OpType op) {
  switch (op) {
    case OpType::Add: return {"add", BinaryFunctionS8::add};
    case OpType::Sub: return {"sub", BinaryFunctionS8::add};
    case OpType::Mul: return {"mul", BinaryFunctionS8::mul};
    case OpType::Min: return {"min", BinaryFunctionS8::min};
    default: return {"max", BinaryFunctionS8::max};
  }
}

class BinaryProgram final : public Program {
 public:
  BinaryProgram(const CompileContext& ctx, const Layer& layer)
      : broadcast_(dims(ctx, layer.inputs[0]), dims(ctx, layer.inputs[1]),
                   dims(ctx, layer.outputs[0]), sizeof(int8_t)),
        quant_(quantOf(ctx.graph, layer)) {
    const Shape& out = ctx.graph.tensor(layer.outputs[0]).shape;
    for (int i = 1; i >= 0; --i) {
      if (ctx.graph.tensor(layer.input(static_cast<size_t>(i))).shape == out) inPlaceInput_ = i;
    }
    const BinaryKernelsS8& kernels = selectKernel(binaryKernelsS8(), ctx.isa);
    const Named named = functionOf(layer.op);
    fn_ = kernels.functions[static_cast<size_t>(named.function)]
                           [static_cast<size_t>(broadcast_.repeated())];
    name_ = concat(named.name, "_s8_", isaName(kernels.isa));
  }

  Status run(const RunArgs& args) override {
    const auto* a = static_cast<const int8_t*>(args.inputs[0].data);
    const auto* b = static_cast<const int8_t*>(args.inputs[1].data);
    auto* y = static_cast<int8_t*>(args.outputs[0].data);
    args.pool.parallelFor(broadcast_.tasks(), [&](int64_t task, int) {
      broadcast_.forEachBlock(
          task, [&](int64_t aAt, int64_t bAt, int64_t yAt, int64_t rows, int64_t n) {
            fn_({a + aAt, b + bAt, y + yAt, rows, n, broadcast_.aRow(), broadcast_.bRow(), n, quant_});
          });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return inPlaceInput_; }

 private:
  static std::span<const int64_t> dims(const CompileContext& ctx, TensorId id) {
    return ctx.graph.tensor(id).shape.dims();
  }

  Broadcast broadcast_;
  BinaryQuantS8 quant_;
  BinaryFnS8 fn_ = nullptr;
  std::string name_;
  int inPlaceInput_ = -1;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  if (const Verdict s8 = int8Only(graph, layer, 2); !s8.supported) return s8;
  if (!fusedRange(activationOf(layer), DType::s8, *graph.tensor(layer.outputs[0]).quant)) {
    return Verdict::no("the fused activation is none of relu and clip");
  }
  return Verdict::yes();
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<BinaryProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::Add, OpType::Max, OpType::Min, OpType::Mul, OpType::Sub};

}  // namespace

constinit const KernelFamily kBinaryS8Family = {kOps, supports, compile};

}  // namespace qrt
