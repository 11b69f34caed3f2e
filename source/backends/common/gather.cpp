// Gather: slices chosen by indices that are known only when it runs, so the table of offsets of its
// copy is filled then.
#include "backends/common/copy_plan.h"
#include "backends/common/families.h"
#include "base/error.h"
#include "graph/ops/index.h"

namespace qrt {
namespace {

class GatherProgram final : public Program {
 public:
  GatherProgram(const CompileContext& ctx, const Layer& layer)
      : indices_{ctx.graph.tensor(layer.inputs[1]).dtype, ctx.graph.tensor(layer.inputs[1]).shape} {
    const Tensor& in = ctx.graph.tensor(layer.inputs[0]);
    const Shape& shape = in.shape;
    const int axis = *normalizeAxis(layer.attrs<AxisAttrs>().axis, shape.rank());
    const auto element = static_cast<int64_t>(dtypeSize(in.dtype));
    int64_t outer = 1;
    int64_t inner = 1;
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
    dim_ = shape[axis];
    slice_ = inner * element;
    const int64_t count = indices_.shape.elements();
    table_ = std::make_unique<int64_t[]>(static_cast<size_t>(count));
    const CopyDim dims[] = {{outer, count * slice_, dim_ * slice_},
                            {count, slice_, 0, table_.get()},
                            {inner, element, element}};
    copy_ = StridedCopy::plan(element, dims);
    name_ = concat("gather_any_", copy_.algorithm());
  }

  Status run(const RunArgs& args) override {
    if (copy_.tasks() == 0) return {};
    const void* data = args.inputs[1].data;
    QRT_RETURN_IF_ERROR(indices_.dtype == DType::s64 ? fillTable(static_cast<const int64_t*>(data))
                                                     : fillTable(static_cast<const int32_t*>(data)));
    args.pool.parallelFor(copy_.tasks(), [&](int64_t task, int) {
      copy_.run(args.inputs[0].data, args.outputs[0].data, task);
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }

 private:
  template <class T>
  Status fillTable(const T* indices) {
    for (int64_t i = 0; i < indices_.shape.elements(); ++i) {
      QRT_ASSIGN_OR_RETURN(const int64_t index, checkedIndex(indices[i], dim_));
      table_[static_cast<size_t>(i)] = index * slice_;
    }
    return {};
  }

  struct {
    DType dtype;
    Shape shape;
  } indices_;
  int64_t dim_ = 0;    ///< of the axis
  int64_t slice_ = 0;  ///< bytes
  std::unique_ptr<int64_t[]> table_;
  StridedCopy copy_;
  std::string name_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const DType dtype = graph.tensor(layer.inputs[1]).dtype;
  if (dtype == DType::s64 || dtype == DType::s32) return Verdict::yes();
  return Verdict::no(concat("indices are ", dtypeName(dtype), ", wanted s64 or s32"));
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<GatherProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::Gather};

}  // namespace

constinit const KernelFamily kGatherFamily = {kOps, supports, compile};

}  // namespace qrt
