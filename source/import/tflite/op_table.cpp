#include "import/tflite/op_table.h"

#include <algorithm>

#include "import/tflite/translators.h"

namespace qrt::tflite_import {
namespace {

constexpr OpRow kTable[] = {
    {0, "ADD", translateBinary<OpType::Add>},
    {1, "AVERAGE_POOL_2D", translateAveragePool},
    {2, "CONCATENATION", translateConcatenation},
    {3, "CONV_2D", translateConv},
    {4, "DEPTHWISE_CONV_2D", translateDepthwiseConv},
    {5, "DEPTH_TO_SPACE", translateDepthToSpace},
    {6, "DEQUANTIZE", translateDequantize},
    {8, "FLOOR", translateUnary<OpType::Floor>},
    {9, "FULLY_CONNECTED", translateFullyConnected},
    {11, "L2_NORMALIZATION", translateL2Normalization},
    {14, "LOGISTIC", translateUnary<OpType::Sigmoid>},
    {17, "MAX_POOL_2D", translateMaxPool},
    {18, "MUL", translateBinary<OpType::Mul>},
    {19, "RELU", translateUnary<OpType::Relu>},
    {20, "RELU_N1_TO_1", translateReluN1To1},
    {21, "RELU6", translateRelu6},
    {22, "RESHAPE", translateReshape},
    {23, "RESIZE_BILINEAR", translateResizeBilinear},
    {25, "SOFTMAX", translateSoftmax},
    {26, "SPACE_TO_DEPTH", translateSpaceToDepth},
    {28, "TANH", translateUnary<OpType::Tanh>},
    {34, "PAD", translatePad},
    {36, "GATHER", translateGather},
    {39, "TRANSPOSE", translateTranspose},
    {40, "MEAN", translateMean},
    {41, "SUB", translateBinary<OpType::Sub>},
    {42, "DIV", translateBinary<OpType::Div>},
    {43, "SQUEEZE", translateSqueeze},
    {45, "STRIDED_SLICE", translateStridedSlice},
    {47, "EXP", translateUnary<OpType::Exp>},
    {49, "SPLIT", translateSplit},
    {50, "LOG_SOFTMAX", translateLogSoftmax},
    {53, "CAST", translateCast},
    {54, "PRELU", translatePlainBinary<OpType::PRelu>},
    {55, "MAXIMUM", translatePlainBinary<OpType::Max>},
    {56, "ARG_MAX", translateArgMax},
    {57, "MINIMUM", translatePlainBinary<OpType::Min>},
    {59, "NEG", translateUnary<OpType::Neg>},
    {60, "PADV2", translatePad},
    {65, "SLICE", translateSlice},
    {67, "TRANSPOSE_CONV", translateTransposeConv},
    {70, "EXPAND_DIMS", translateExpandDims},
    {73, "LOG", translateUnary<OpType::Log>},
    {74, "SUM", translateSum},
    {75, "SQRT", translateUnary<OpType::Sqrt>},
    {76, "RSQRT", translateRsqrt},
    {83, "PACK", translatePack},
    {88, "UNPACK", translateUnpack},
    {92, "SQUARE", translateSquare},
    {97, "RESIZE_NEAREST_NEIGHBOR", translateResizeNearest},
    {98, "LEAKY_RELU", translateLeakyRelu},
    {100, "MIRROR_PAD", translateMirrorPad},
    {101, "ABS", translateUnary<OpType::Abs>},
    {104, "CEIL", translateUnary<OpType::Ceil>},
    {111, "ELU", translateElu},
    {114, "QUANTIZE", translateQuantize},
    {117, "HARD_SWISH", translateUnary<OpType::HardSwish>},
};
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable),
                             [](const OpRow& a, const OpRow& b) { return a.code < b.code; }));

}  // namespace

std::span<const OpRow> opTable() { return kTable; }

const OpRow* findOp(int32_t code) {
  const auto* row = std::lower_bound(std::begin(kTable), std::end(kTable), code,
                                     [](const OpRow& a, int32_t c) { return a.code < c; });
  return row != std::end(kTable) && row->code == code ? row : nullptr;
}

}  // namespace qrt::tflite_import
