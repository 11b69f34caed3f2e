// Softmax and LogSoftmax along any axis.
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/isa_table.h"
#include "kernels/softmax/softmax.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

class SoftmaxProgram final : public Program {
 public:
  SoftmaxProgram(const CompileContext& ctx, const Layer& layer) {
    const Shape& shape = ctx.graph.tensor(layer.inputs[0]).shape;
    const int axis = *normalizeAxis(layer.attrs<AxisAttrs>().axis, shape.rank());
    int64_t outer = 1;
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner_ *= shape[i];
    size_ = shape[axis];
    const SoftmaxKernels& kernels = selectKernel(softmaxKernels(), ctx.isa);
    const bool isLog = layer.op == OpType::LogSoftmax;
    rows_ = kernels.rows[isLog ? 1 : 0];
    columns_ = kernels.columns[isLog ? 1 : 0];
    name_ = concat(isLog ? "logsoftmax" : "softmax", "_f32_", isaName(kernels.isa));
    // Exponentials cost several times what moving their bytes does.
    const int64_t bytes = size_ * 4 * int64_t{sizeof(float)};
    if (size_ > 0) {
      split_ = inner_ == 1 ? WorkSplit(1, outer, bytes, 16) : WorkSplit(outer, inner_, bytes, 64);
    }
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const float*>(args.inputs[0].data);
    auto* y = static_cast<float*>(args.outputs[0].data);
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t plane, int64_t begin, int64_t end) {
        if (inner_ == 1) {
          rows_(x + begin * size_, y + begin * size_, end - begin, size_);
        } else {
          const int64_t at = plane * size_ * inner_ + begin;
          columns_(x + at, y + at, size_, inner_, end - begin);
        }
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return 0; }

 private:
  int64_t size_ = 0, inner_ = 1;
  SoftmaxRowsFn rows_ = nullptr;
  SoftmaxColumnsFn columns_ = nullptr;
  std::string name_;
  WorkSplit split_;
};

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<SoftmaxProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::LogSoftmax, OpType::Softmax};

}  // namespace

constinit const KernelFamily kSoftmaxFamily = {kOps, f32Only, compile};

}  // namespace qrt
