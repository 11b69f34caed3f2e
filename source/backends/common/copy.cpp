// Data movement: ops whose output bytes are input bytes in another order, of any dtype.
#include <algorithm>

#include "backends/common/copy_plan.h"
#include "backends/common/families.h"
#include "base/error.h"

namespace qrt {
namespace {

class CopyProgram final : public Program {
 public:
  CopyProgram(std::string kernel, CopyPlan plan, bool aliases)
      : plan_(std::move(plan)), aliases_(aliases), kernel_(std::move(kernel)) {
    for (const CopyPlan::Piece& piece : plan_.pieces) {
      firstTask_.push_back(tasks_);
      tasks_ += piece.copy.tasks();
    }
  }

  Status run(const RunArgs& args) override {
    if (aliases_ && args.inputs[0].data == args.outputs[0].data) return {};
    args.pool.parallelFor(tasks_, [&](int64_t task, int) {
      const auto after = std::upper_bound(firstTask_.begin(), firstTask_.end(), task);
      const auto i = static_cast<size_t>(after - firstTask_.begin() - 1);
      const CopyPlan::Piece& piece = plan_.pieces[i];
      const void* src = piece.input == CopyPlan::kValue
                            ? plan_.value.data()
                            : args.inputs[static_cast<size_t>(piece.input)].data;
      piece.copy.run(src, args.outputs[static_cast<size_t>(piece.output)].data,
                     task - firstTask_[i]);
    });
    return {};
  }

  std::string_view kernel() const override { return kernel_; }
  int inPlaceInput(int) const override { return aliases_ ? 0 : -1; }

 private:
  CopyPlan plan_;
  std::vector<int64_t> firstTask_;  ///< of each piece
  int64_t tasks_ = 0;
  bool aliases_;
  std::string kernel_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const auto plan = planCopyLayer(graph, layer);
  return plan.ok() ? Verdict::yes() : Verdict::no(plan.status().message());
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  QRT_ASSIGN_OR_RETURN(CopyPlan plan, planCopyLayer(ctx.graph, layer));
  std::string_view algorithm = "memcpy";
  for (const CopyPlan::Piece& piece : plan.pieces) {
    if (piece.copy.tasks() > 0 && piece.input != CopyPlan::kValue) algorithm = piece.copy.algorithm();
  }
  return makeCopyProgram(concat("copy_any_", algorithm), std::move(plan), opDef(layer.op).isView);
}

constexpr OpType kOps[] = {OpType::Concat,   OpType::DepthToSpace, OpType::Expand,
                           OpType::Flatten,  OpType::Identity,     OpType::Pad,
                           OpType::Reshape,  OpType::Slice,        OpType::SpaceToDepth,
                           OpType::Split,    OpType::Squeeze,      OpType::Tile,
                           OpType::Transpose, OpType::Unsqueeze};

}  // namespace

std::unique_ptr<Program> makeCopyProgram(std::string kernel, CopyPlan plan, bool aliases) {
  return std::make_unique<CopyProgram>(std::move(kernel), std::move(plan), aliases);
}

constinit const KernelFamily kCopyFamily = {kOps, supports, compile};

}  // namespace qrt
