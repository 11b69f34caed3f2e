#include "import/onnx/op_table.h"

#include <algorithm>

#include "import/onnx/conv_pool.h"
#include "import/onnx/elementwise.h"
#include "import/onnx/gemm.h"
#include "import/onnx/norm_reduce.h"
#include "import/onnx/quant.h"
#include "import/onnx/shape_ops.h"

namespace qrt::onnx_import {
namespace {

constexpr int kAny = -1;

// Sorted by name. `since` is older than opset 7 where the meaning has not changed since, or where
// the translator knows the old one too.
constexpr OpRow kOps[] = {
    {"Abs", 1, 1, 1, translateSame, OpType::Abs},
    {"Add", 1, 2, 2, translateBinary, OpType::Add},
    {"And", 1, 2, 2, translateBinary, OpType::And},
    {"ArgMax", 1, 1, 1, translateArgMax},
    {"AveragePool", 1, 1, 1, translatePool, OpType::AveragePool},
    {"BatchNormalization", 6, 5, 5, translateBatchNormalization},
    {"Cast", 6, 1, 1, translateCast},
    {"Ceil", 1, 1, 1, translateSame, OpType::Ceil},
    {"Clip", 1, 1, 3, translateClip},
    {"Concat", 4, 1, kAny, translateConcat},
    {"Constant", 1, 0, 0, translateConstant},
    {"ConstantOfShape", 9, 1, 1, translateConstantOfShape},
    {"Conv", 1, 2, 3, translateConv},
    {"ConvTranspose", 1, 2, 3, translateConvTranspose},
    {"DepthToSpace", 1, 1, 1, translateDepthToSpace},
    {"DequantizeLinear", 10, 2, 3, translateDequantizeLinear},
    {"Div", 1, 2, 2, translateBinary, OpType::Div},
    {"Dropout", 1, 1, 3, translateDropout},
    {"Elu", 1, 1, 1, translateElu},
    {"Equal", 1, 2, 2, translateBinary, OpType::Equal},
    {"Erf", 9, 1, 1, translateSame, OpType::Erf},
    {"Exp", 1, 1, 1, translateSame, OpType::Exp},
    {"Expand", 8, 2, 2, translateSame, OpType::Expand},
    {"Flatten", 1, 1, 1, translateFlatten},
    {"Floor", 1, 1, 1, translateSame, OpType::Floor},
    {"Gather", 1, 2, 2, translateGather, OpType::Gather},
    {"GatherElements", 11, 2, 2, translateGather, OpType::GatherElements},
    {"Gemm", 1, 2, 3, translateGemm},
    {"GlobalAveragePool", 1, 1, 1, translateGlobalPool, OpType::ReduceMean},
    {"GlobalMaxPool", 1, 1, 1, translateGlobalPool, OpType::ReduceMax},
    {"Greater", 1, 2, 2, translateBinary, OpType::Greater},
    {"HardSigmoid", 1, 1, 1, translateHardSigmoid},
    {"HardSwish", 14, 1, 1, translateSame, OpType::HardSwish},
    {"Identity", 1, 1, 1, translateSame, OpType::Identity},
    {"InstanceNormalization", 1, 3, 3, translateInstanceNormalization},
    {"LRN", 1, 1, 1, translateLrn},
    {"LayerNormalization", 17, 2, 3, translateLayerNormalization},
    {"LeakyRelu", 1, 1, 1, translateLeakyRelu},
    {"Less", 1, 2, 2, translateBinary, OpType::Less},
    {"Log", 1, 1, 1, translateSame, OpType::Log},
    {"LogSoftmax", 1, 1, 1, translateSoftmax, OpType::LogSoftmax},
    {"MatMul", 1, 2, 2, translateSame, OpType::MatMul},
    {"Max", 1, 1, kAny, translateVariadic, OpType::Max},
    {"MaxPool", 1, 1, 1, translatePool, OpType::MaxPool},
    {"Min", 1, 1, kAny, translateVariadic, OpType::Min},
    {"Mul", 1, 2, 2, translateBinary, OpType::Mul},
    {"Neg", 1, 1, 1, translateSame, OpType::Neg},
    {"Not", 1, 1, 1, translateSame, OpType::Not},
    {"PRelu", 1, 2, 2, translatePRelu},
    {"Pad", 2, 1, 4, translatePad},
    {"Pow", 1, 2, 2, translatePow},
    {"QLinearConv", 10, 8, 9, translateQLinearConv},
    {"QLinearMatMul", 10, 8, 8, translateQLinearMatMul},
    {"QuantizeLinear", 10, 2, 3, translateQuantizeLinear},
    {"Reciprocal", 1, 1, 1, translateSame, OpType::Reciprocal},
    {"ReduceMax", 1, 1, 2, translateReduce, OpType::ReduceMax},
    {"ReduceMean", 1, 1, 2, translateReduce, OpType::ReduceMean},
    {"ReduceMin", 1, 1, 2, translateReduce, OpType::ReduceMin},
    {"ReduceSum", 1, 1, 2, translateReduce, OpType::ReduceSum},
    {"Relu", 1, 1, 1, translateSame, OpType::Relu},
    {"Reshape", 5, 2, 2, translateReshape},
    {"Resize", 10, 1, 4, translateResize},
    {"Round", 11, 1, 1, translateSame, OpType::Round},
    {"Shape", 1, 1, 1, translateShape},
    {"Sigmoid", 1, 1, 1, translateSame, OpType::Sigmoid},
    {"Sign", 9, 1, 1, translateSame, OpType::Sign},
    {"Slice", 1, 1, 5, translateSlice},
    {"Softmax", 1, 1, 1, translateSoftmax, OpType::Softmax},
    {"Softplus", 1, 1, 1, translateSame, OpType::Softplus},
    {"SpaceToDepth", 1, 1, 1, translateSpaceToDepth},
    {"Split", 2, 1, 2, translateSplit},
    {"Sqrt", 1, 1, 1, translateSame, OpType::Sqrt},
    {"Squeeze", 1, 1, 2, translateAxes, OpType::Squeeze},
    {"Sub", 1, 2, 2, translateBinary, OpType::Sub},
    {"Sum", 1, 1, kAny, translateVariadic, OpType::Add},
    {"Tanh", 1, 1, 1, translateSame, OpType::Tanh},
    {"Tile", 6, 2, 2, translateSame, OpType::Tile},
    {"Transpose", 1, 1, 1, translateTranspose},
    {"Unsqueeze", 1, 1, 2, translateAxes, OpType::Unsqueeze},
    {"Upsample", 7, 1, 2, translateUpsample},
    {"Where", 9, 3, 3, translateSame, OpType::Where},
};

constexpr bool sorted() {
  return std::is_sorted(std::begin(kOps), std::end(kOps),
                        [](const OpRow& a, const OpRow& b) { return a.name < b.name; });
}
static_assert(sorted());

}  // namespace

std::span<const OpRow> opTable() { return kOps; }

const OpRow* findOp(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kOps), std::end(kOps), name,
                       [](const OpRow& row, std::string_view wanted) { return row.name < wanted; });
  return found != std::end(kOps) && found->name == name ? found : nullptr;
}

}  // namespace qrt::onnx_import
