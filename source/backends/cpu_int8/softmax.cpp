// Softmax along the last axis.
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"
#include "kernels/softmax/softmax_s8.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

class SoftmaxProgram final : public Program {
 public:
  SoftmaxProgram(const Graph& graph, const Layer& layer) {
    const Shape& shape = graph.tensor(layer.inputs[0]).shape;
    const QuantParams& y = *graph.tensor(layer.outputs[0]).quant;
    quant_ = {.exponentials = int8ExpTable(graph.tensor(layer.inputs[0]).quant->scales[0]),
              .scaleY = y.scales[0],
              .range = {y.zeroPoints[0]}};
    size_ = shape[shape.rank() - 1];
    // A lookup and a rounding cost about what moving 16 bytes does.
    if (size_ > 0) split_ = WorkSplit(1, shape.elements() / size_, size_ * 16);
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const int8_t*>(args.inputs[0].data);
    auto* y = static_cast<int8_t*>(args.outputs[0].data);
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t, int64_t begin, int64_t end) {
        softmaxS8(x + begin * size_, y + begin * size_, end - begin, size_, quant_);
      });
    });
    return {};
  }
  std::string_view kernel() const override { return "softmax_s8_table"; }
  int inPlaceInput(int) const override { return 0; }

 private:
  SoftmaxQuantS8 quant_{};
  int64_t size_ = 0;
  WorkSplit split_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const int rank = graph.tensor(layer.inputs[0]).shape.rank();
  const auto axis = normalizeAxis(layer.attrs<AxisAttrs>().axis, rank);
  if (!axis || *axis != rank - 1) {
    return Verdict::no(concat("axis ", layer.attrs<AxisAttrs>().axis, " of ", rank,
                              " dims, wanted the last"));
  }
  return int8Only(graph, layer, 1);
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<SoftmaxProgram>(ctx.graph, layer));
}

constexpr OpType kOps[] = {OpType::Softmax};

}  // namespace

constinit const KernelFamily kSoftmaxS8Family = {kOps, supports, compile};

}  // namespace qrt
