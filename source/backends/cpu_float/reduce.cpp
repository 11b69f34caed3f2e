// ReduceMean, ReduceSum, ReduceMax, ReduceMin.
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "backends/cpu_float/reduce_steps.h"
#include "kernels/isa_table.h"

namespace qrt {
namespace {

class ReduceProgram final : public Program {
 public:
  ReduceProgram(const CompileContext& ctx, const Layer& layer) {
    const Shape& shape = ctx.graph.tensor(layer.inputs[0]).shape;
    const auto& axes = layer.attrs<ReduceAttrs>().axes;
    std::array<bool, ReduceSteps::kMaxRank> reduced{};
    if (axes.empty()) reduced.fill(true);
    for (const int64_t axis : axes) {
      reduced[static_cast<size_t>(*normalizeAxis(axis, shape.rank()))] = true;
    }
    float count = 1;
    for (int i = 0; i < shape.rank(); ++i) {
      if (reduced[static_cast<size_t>(i)]) count *= static_cast<float>(shape[i]);
    }
    const ReduceKernels& kernels = selectKernel(reduceKernels(), ctx.isa);
    const auto init = [&](const char* name, ReduceFunction function, float divisor) {
      name_ = concat(name, "_f32_", isaName(kernels.isa));
      steps_ = ReduceSteps(function, shape.dims(), reduced, divisor, kernels);
    };
    switch (layer.op) {
      case OpType::ReduceMax: init("reducemax", ReduceFunction::max, 1); break;
      case OpType::ReduceMin: init("reducemin", ReduceFunction::min, 1); break;
      case OpType::ReduceSum: init("reducesum", ReduceFunction::sum, 1); break;
      default: init("reducemean", ReduceFunction::sum, count); break;
    }
  }

  Status run(const RunArgs& args) override {
    steps_.run(static_cast<const float*>(args.inputs[0].data),
               static_cast<float*>(args.outputs[0].data),
               reinterpret_cast<float*>(args.scratch.data()), args.pool);
    return {};
  }
  std::string_view kernel() const override { return name_; }
  size_t scratchBytes() const override {
    return static_cast<size_t>(steps_.scratchFloats()) * sizeof(float);
  }

 private:
  ReduceSteps steps_;
  std::string name_;
};

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<ReduceProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::ReduceMax, OpType::ReduceMean, OpType::ReduceMin,
                           OpType::ReduceSum};

}  // namespace

constinit const KernelFamily kReduceFamily = {kOps, f32Only, compile};

}  // namespace qrt
