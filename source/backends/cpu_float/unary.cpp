// Layers that apply one function to every element.
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/elementwise/unary.h"
#include "kernels/isa_table.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

struct Named {
  const char* name;
  UnaryFn fn;
  float a = 0, b = 0;
};

Named chooseUnary(const UnaryKernels& kernels, const Layer& layer) {
  const auto function = [&](const char* name, UnaryFunction f) {
    return Named{name, kernels.function(f)};
  };
  const auto activation = [&](const char* name, ActivationKind kind, float a = 0, float b = 0) {
    return Named{name, kernels.activation(kind), a, b};
  };
  switch (layer.op) {
    case OpType::Abs: return function("abs", UnaryFunction::abs);
    case OpType::Ceil: return function("ceil", UnaryFunction::ceil);
    case OpType::Erf: return function("erf", UnaryFunction::erf);
    case OpType::Exp: return function("exp", UnaryFunction::exp);
    case OpType::Floor: return function("floor", UnaryFunction::floor);
    case OpType::Log: return function("log", UnaryFunction::log);
    case OpType::Neg: return function("neg", UnaryFunction::neg);
    case OpType::Reciprocal: return function("reciprocal", UnaryFunction::reciprocal);
    case OpType::Round: return function("round", UnaryFunction::round);
    case OpType::Sign: return function("sign", UnaryFunction::sign);
    case OpType::Softplus: return function("softplus", UnaryFunction::softplus);
    case OpType::Sqrt: return function("sqrt", UnaryFunction::sqrt);
    case OpType::Clip: {
      const auto& attrs = layer.attrs<ClipAttrs>();
      return activation("clip", ActivationKind::clip, attrs.min, attrs.max);
    }
    case OpType::Elu: return activation("elu", ActivationKind::elu, layer.attrs<AlphaAttrs>().alpha);
    case OpType::HardSigmoid: {
      const auto& attrs = layer.attrs<HardSigmoidAttrs>();
      return activation("hardsigmoid", ActivationKind::hardSigmoid, attrs.alpha, attrs.beta);
    }
    case OpType::HardSwish: return activation("hardswish", ActivationKind::hardSwish);
    case OpType::LeakyRelu:
      return activation("leakyrelu", ActivationKind::leakyRelu, layer.attrs<AlphaAttrs>().alpha);
    case OpType::Relu: return activation("relu", ActivationKind::relu);
    case OpType::Sigmoid: return activation("sigmoid", ActivationKind::sigmoid);
    default: return activation("tanh", ActivationKind::tanh);
  }
}

class UnaryProgram final : public Program {
 public:
  UnaryProgram(const Named& kernel, IsaLevel isa, int64_t elements)
      : kernel_(kernel),
        name_(concat(kernel.name, "_f32_", isaName(isa))),
        split_(1, elements, 2 * sizeof(float), 64) {}

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const float*>(args.inputs[0].data);
    auto* y = static_cast<float*>(args.outputs[0].data);
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t, int64_t begin, int64_t end) {
        kernel_.fn(x + begin, y + begin, end - begin, kernel_.a, kernel_.b);
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return 0; }

 private:
  Named kernel_;
  std::string name_;
  WorkSplit split_;
};

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const UnaryKernels& kernels = selectKernel(unaryKernels(), ctx.isa);
  const int64_t elements = ctx.graph.tensor(layer.outputs[0]).shape.elements();
  return std::unique_ptr<Program>(
      std::make_unique<UnaryProgram>(chooseUnary(kernels, layer), kernels.isa, elements));
}

constexpr OpType kOps[] = {
    OpType::Abs,       OpType::Ceil,  OpType::Clip, OpType::Elu,        OpType::Erf,
    OpType::Exp,       OpType::Floor, OpType::HardSigmoid, OpType::HardSwish,
    OpType::LeakyRelu, OpType::Log,   OpType::Neg,  OpType::Reciprocal, OpType::Relu,
    OpType::Round,     OpType::Sigmoid, OpType::Sign, OpType::Softplus, OpType::Sqrt,
    OpType::Tanh};

}  // namespace

constinit const KernelFamily kUnaryFamily = {kOps, f32Only, compile};

}  // namespace qrt
