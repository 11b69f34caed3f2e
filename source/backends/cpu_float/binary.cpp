// Layers that combine two tensors element by element, with numpy broadcasting.
#include <cmath>
#include <limits>

#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/elementwise/broadcast.h"
#include "kernels/elementwise/pow.h"
#include "kernels/elementwise/unary.h"
#include "kernels/isa_table.h"

namespace qrt {
namespace {

BinaryFunction functionOf(OpType op) {
  switch (op) {
    case OpType::Add: return BinaryFunction::add;
    case OpType::Sub: return BinaryFunction::sub;
    case OpType::Mul: return BinaryFunction::mul;
    case OpType::Div: return BinaryFunction::div;
    case OpType::Min: return BinaryFunction::min;
    case OpType::Max: return BinaryFunction::max;
    default: return BinaryFunction::prelu;
  }
}

std::string lowerCase(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

class BinaryProgram final : public Program {
 public:
  BinaryProgram(const CompileContext& ctx, const Layer& layer)
      : broadcast_(dims(ctx, layer.inputs[0]), dims(ctx, layer.inputs[1]),
                   dims(ctx, layer.outputs[0])) {
    const Shape& out = ctx.graph.tensor(layer.outputs[0]).shape;
    for (int i = 1; i >= 0; --i) {
      if (ctx.graph.tensor(layer.input(static_cast<size_t>(i))).shape == out) inPlaceInput_ = i;
    }
    const BinaryKernels& kernels = selectKernel(binaryKernels(), ctx.isa);
    const auto repeated = static_cast<size_t>(broadcast_.repeated());
    if (layer.op == OpType::Pow) {
      fn_ = powKernel(broadcast_.repeated());
      name_ = "pow_f32_libm";
      return;
    }
    const auto function = static_cast<size_t>(functionOf(layer.op));
    fn_ = kernels.plain[function][repeated];
    const auto* attrs = std::get_if<BinaryAttrs>(&layer.attributes);
    const Activation activation = attrs != nullptr ? attrs->activation : Activation{};
    if (activation.kind == ActivationKind::relu || activation.kind == ActivationKind::clip) {
      fn_ = kernels.clamped[function][repeated];
      if (activation.kind == ActivationKind::clip) {
        low_ = activation.a;
        high_ = activation.b;
      }
    } else if (activation.kind != ActivationKind::none) {
      activation_ = activation;
      activate_ = selectKernel(unaryKernels(), ctx.isa).activation(activation.kind);
    }
    name_ = concat(lowerCase(opName(layer.op)), "_f32_", isaName(kernels.isa));
  }

  Status run(const RunArgs& args) override {
    const auto* a = static_cast<const float*>(args.inputs[0].data);
    const auto* b = static_cast<const float*>(args.inputs[1].data);
    auto* y = static_cast<float*>(args.outputs[0].data);
    args.pool.parallelFor(broadcast_.tasks(), [&](int64_t task, int) {
      broadcast_.forEachBlock(
          task, [&](int64_t aAt, int64_t bAt, int64_t yAt, int64_t rows, int64_t n) {
            fn_({a + aAt, b + bAt, y + yAt, rows, n, broadcast_.aRow(), broadcast_.bRow(), n, low_,
                 high_});
            if (activate_ != nullptr) {
              activate_(y + yAt, y + yAt, rows * n, activation_.a, activation_.b);
            }
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
  BinaryFn fn_ = nullptr;
  float low_ = 0;  ///< of relu
  float high_ = std::numeric_limits<float>::infinity();
  UnaryFn activate_ = nullptr;  ///< what a clamp is not, in a second pass while the block is in cache
  Activation activation_;
  std::string name_;
  int inPlaceInput_ = -1;
};

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<BinaryProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::Add, OpType::Div, OpType::Max,   OpType::Min,
                           OpType::Mul, OpType::Pow, OpType::PRelu, OpType::Sub};

}  // namespace

constinit const KernelFamily kBinaryFamily = {kOps, f32Only, compile};

}  // namespace qrt
