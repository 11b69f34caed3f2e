// Ops whose files are still to be written; each line goes when its op comes.
#include "graph/ops/ops.h"

namespace qrt {
namespace {
Status inferLater(InferContext&) { return unsupported("op not written yet"); }
Status runLater(const KernelContext&) { return unsupported("op not written yet"); }
}  // namespace
#define QRT_LATER(op) \
  const OpDef kOp##op = {OpType::op, 0, -1, 1, -1, inferLater, runLater, nullptr, false};
QRT_LATER(ArgMax)
QRT_LATER(BatchNormalization)
QRT_LATER(Dequantize)
QRT_LATER(InstanceNormalization)
QRT_LATER(LayerNormalization)
QRT_LATER(LogSoftmax)
QRT_LATER(Lrn)
QRT_LATER(Quantize)
QRT_LATER(ReduceMax)
QRT_LATER(ReduceMean)
QRT_LATER(ReduceMin)
QRT_LATER(ReduceSum)
QRT_LATER(Softmax)
}  // namespace qrt
