// Ops whose files are still to be written; each line goes when its op comes.
#include "graph/ops/ops.h"

namespace qrt {
namespace {
Status inferLater(InferContext&) { return unsupported("op not written yet"); }
Status runLater(const KernelContext&) { return unsupported("op not written yet"); }
}  // namespace
#define QRT_LATER(op) \
  const OpDef kOp##op = {OpType::op, 0, -1, 1, -1, inferLater, runLater, nullptr, false};
QRT_LATER(And)
QRT_LATER(ArgMax)
QRT_LATER(BatchNormalization)
QRT_LATER(ConstantOfShape)
QRT_LATER(DepthToSpace)
QRT_LATER(Dequantize)
QRT_LATER(Equal)
QRT_LATER(Expand)
QRT_LATER(GatherElements)
QRT_LATER(Greater)
QRT_LATER(InstanceNormalization)
QRT_LATER(LayerNormalization)
QRT_LATER(Less)
QRT_LATER(LogSoftmax)
QRT_LATER(Lrn)
QRT_LATER(Not)
QRT_LATER(Pad)
QRT_LATER(Pow)
QRT_LATER(PRelu)
QRT_LATER(Quantize)
QRT_LATER(ReduceMax)
QRT_LATER(ReduceMean)
QRT_LATER(ReduceMin)
QRT_LATER(ReduceSum)
QRT_LATER(Resize)
QRT_LATER(Softmax)
QRT_LATER(SpaceToDepth)
QRT_LATER(Split)
QRT_LATER(Tile)
QRT_LATER(Where)
}  // namespace qrt
