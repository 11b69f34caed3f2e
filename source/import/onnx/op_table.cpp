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

using enum OpType;

constexpr int kAny = -1;

// Sorted by name. `since` is older than opset 7 where the meaning has not changed since, or where
// the translator knows the old one too.
constexpr OpRow kOps[] = {
    {"Abs", 1, 1, 1, translateSame, {Abs}},
    {"Add", 1, 2, 2, translateBinary, {Add}},
    {"And", 1, 2, 2, translateBinary, {And}},
    {"ArgMax", 1, 1, 1, translateArgMax, {ArgMax}},
    {"AveragePool", 1, 1, 1, translatePool, {AveragePool}},
    {"BatchNormalization", 6, 5, 5, translateBatchNormalization, {BatchNormalization}},
    {"Cast", 6, 1, 1, translateCast, {Cast}},
    {"Ceil", 1, 1, 1, translateSame, {Ceil}},
    {"Clip", 1, 1, 3, translateClip, {Clip, Max, Min}},
    {"Concat", 4, 1, kAny, translateConcat, {Concat}},
    {"Constant", 1, 0, 0, translateConstant, {}},
    {"ConstantOfShape", 9, 1, 1, translateConstantOfShape, {ConstantOfShape}},
    {"Conv", 1, 2, 3, translateConv, {Conv}},
    {"ConvTranspose", 1, 2, 3, translateConvTranspose, {ConvTranspose}},
    {"DepthToSpace", 1, 1, 1, translateDepthToSpace, {DepthToSpace}},
    {"DequantizeLinear", 10, 2, 3, translateDequantizeLinear, {Dequantize}},
    {"Div", 1, 2, 2, translateBinary, {Div}},
    {"Dropout", 1, 1, 3, translateDropout, {Identity}},
    {"Elu", 1, 1, 1, translateElu, {Elu}},
    {"Equal", 1, 2, 2, translateBinary, {Equal}},
    {"Erf", 9, 1, 1, translateSame, {Erf}},
    {"Exp", 1, 1, 1, translateSame, {Exp}},
    {"Expand", 8, 2, 2, translateSame, {Expand}},
    {"Flatten", 1, 1, 1, translateFlatten, {Flatten}},
    {"Floor", 1, 1, 1, translateSame, {Floor}},
    {"Gather", 1, 2, 2, translateGather, {Gather}},
    {"GatherElements", 11, 2, 2, translateGather, {GatherElements}},
    {"Gemm", 1, 2, 3, translateGemm, {FullyConnected, MatMul, Mul, Add}},
    {"GlobalAveragePool", 1, 1, 1, translateGlobalPool, {ReduceMean}},
    {"GlobalMaxPool", 1, 1, 1, translateGlobalPool, {ReduceMax}},
    {"Greater", 1, 2, 2, translateBinary, {Greater}},
    {"HardSigmoid", 1, 1, 1, translateHardSigmoid, {HardSigmoid}},
    {"HardSwish", 14, 1, 1, translateSame, {HardSwish}},
    {"Identity", 1, 1, 1, translateSame, {Identity}},
    {"InstanceNormalization", 1, 3, 3, translateInstanceNormalization, {InstanceNormalization}},
    {"LRN", 1, 1, 1, translateLrn, {Lrn}},
    {"LayerNormalization", 17, 2, 3, translateLayerNormalization, {LayerNormalization, ReduceMean, Sub, Mul, Add, Sqrt, Reciprocal}},
    {"LeakyRelu", 1, 1, 1, translateLeakyRelu, {LeakyRelu}},
    {"Less", 1, 2, 2, translateBinary, {Less}},
    {"Log", 1, 1, 1, translateSame, {Log}},
    {"LogSoftmax", 1, 1, 1, translateSoftmax, {LogSoftmax}},
    {"MatMul", 1, 2, 2, translateSame, {MatMul}},
    {"Max", 1, 1, kAny, translateVariadic, {Max}},
    {"MaxPool", 1, 1, 1, translatePool, {MaxPool}},
    {"Min", 1, 1, kAny, translateVariadic, {Min}},
    {"Mul", 1, 2, 2, translateBinary, {Mul}},
    {"Neg", 1, 1, 1, translateSame, {Neg}},
    {"Not", 1, 1, 1, translateSame, {Not}},
    {"PRelu", 1, 2, 2, translatePRelu, {PRelu}},
    {"Pad", 2, 1, 4, translatePad, {Pad}},
    {"Pow", 1, 2, 2, translatePow, {Pow}},
    {"QLinearConv", 10, 8, 9, translateQLinearConv, {Conv}},
    {"QLinearMatMul", 10, 8, 8, translateQLinearMatMul, {MatMul}},
    {"QuantizeLinear", 10, 2, 3, translateQuantizeLinear, {Quantize}},
    {"Reciprocal", 1, 1, 1, translateSame, {Reciprocal}},
    {"ReduceMax", 1, 1, 2, translateReduce, {ReduceMax}},
    {"ReduceMean", 1, 1, 2, translateReduce, {ReduceMean}},
    {"ReduceMin", 1, 1, 2, translateReduce, {ReduceMin}},
    {"ReduceSum", 1, 1, 2, translateReduce, {ReduceSum}},
    {"Relu", 1, 1, 1, translateSame, {Relu}},
    {"Reshape", 5, 2, 2, translateReshape, {Reshape}},
    {"Resize", 10, 1, 4, translateResize, {Resize}},
    {"Round", 11, 1, 1, translateSame, {Round}},
    {"Shape", 1, 1, 1, translateShape, {Shape}},
    {"Sigmoid", 1, 1, 1, translateSame, {Sigmoid}},
    {"Sign", 9, 1, 1, translateSame, {Sign}},
    {"Slice", 1, 1, 5, translateSlice, {Slice}},
    {"Softmax", 1, 1, 1, translateSoftmax, {Softmax}},
    {"Softplus", 1, 1, 1, translateSame, {Softplus}},
    {"SpaceToDepth", 1, 1, 1, translateSpaceToDepth, {SpaceToDepth}},
    {"Split", 2, 1, 2, translateSplit, {Split}},
    {"Sqrt", 1, 1, 1, translateSame, {Sqrt}},
    {"Squeeze", 1, 1, 2, translateAxes, {Squeeze}},
    {"Sub", 1, 2, 2, translateBinary, {Sub}},
    {"Sum", 1, 1, kAny, translateVariadic, {Add}},
    {"Tanh", 1, 1, 1, translateSame, {Tanh}},
    {"Tile", 6, 2, 2, translateSame, {Tile}},
    {"Transpose", 1, 1, 1, translateTranspose, {Transpose}},
    {"Unsqueeze", 1, 1, 2, translateAxes, {Unsqueeze}},
    {"Upsample", 7, 1, 2, translateUpsample, {Resize}},
    {"Where", 9, 3, 3, translateSame, {Where}},
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
