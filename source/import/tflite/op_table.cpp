#include "import/tflite/op_table.h"

#include <algorithm>

#include "import/tflite/translators.h"

namespace qrt::tflite_import {
namespace {

using enum OpType;

constexpr OpRow kTable[] = {
    {0, "ADD", translateBinary<Add>, {Add}},
    {1, "AVERAGE_POOL_2D", translateAveragePool, {AveragePool}},
    {2, "CONCATENATION", translateConcatenation, {Concat}},
    {3, "CONV_2D", translateConv, {Conv}},
    {4, "DEPTHWISE_CONV_2D", translateDepthwiseConv, {Conv}},
    {5, "DEPTH_TO_SPACE", translateDepthToSpace, {DepthToSpace}},
    {6, "DEQUANTIZE", translateDequantize, {Dequantize}},
    {8, "FLOOR", translateUnary<Floor>, {Floor}},
    {9, "FULLY_CONNECTED", translateFullyConnected, {FullyConnected}},
    {11, "L2_NORMALIZATION", translateL2Normalization, {Mul, ReduceSum, Max, Sqrt, Div}},
    {14, "LOGISTIC", translateUnary<Sigmoid>, {Sigmoid}},
    {17, "MAX_POOL_2D", translateMaxPool, {MaxPool}},
    {18, "MUL", translateBinary<Mul>, {Mul}},
    {19, "RELU", translateUnary<Relu>, {Relu}},
    {20, "RELU_N1_TO_1", translateReluN1To1, {Clip}},
    {21, "RELU6", translateRelu6, {Clip}},
    {22, "RESHAPE", translateReshape, {Reshape}},
    {23, "RESIZE_BILINEAR", translateResizeBilinear, {Resize}},
    {25, "SOFTMAX", translateSoftmax, {Softmax, Mul}},
    {26, "SPACE_TO_DEPTH", translateSpaceToDepth, {SpaceToDepth}},
    {28, "TANH", translateUnary<Tanh>, {Tanh}},
    {34, "PAD", translatePad, {Pad}},
    {36, "GATHER", translateGather, {Gather}},
    {39, "TRANSPOSE", translateTranspose, {Transpose}},
    {40, "MEAN", translateMean, {ReduceMean}},
    {41, "SUB", translateBinary<Sub>, {Sub}},
    {42, "DIV", translateBinary<Div>, {Div}},
    {43, "SQUEEZE", translateSqueeze, {Squeeze}},
    {45, "STRIDED_SLICE", translateStridedSlice, {Slice}},
    {47, "EXP", translateUnary<Exp>, {Exp}},
    {49, "SPLIT", translateSplit, {Split}},
    {50, "LOG_SOFTMAX", translateLogSoftmax, {LogSoftmax}},
    {53, "CAST", translateCast, {Cast}},
    {54, "PRELU", translatePlainBinary<PRelu>, {PRelu}},
    {55, "MAXIMUM", translatePlainBinary<Max>, {Max}},
    {56, "ARG_MAX", translateArgMax, {ArgMax}},
    {57, "MINIMUM", translatePlainBinary<Min>, {Min}},
    {59, "NEG", translateUnary<Neg>, {Neg}},
    {60, "PADV2", translatePad, {Pad}},
    {65, "SLICE", translateSlice, {Slice}},
    {67, "TRANSPOSE_CONV", translateTransposeConv, {ConvTranspose}},
    {70, "EXPAND_DIMS", translateExpandDims, {Unsqueeze}},
    {73, "LOG", translateUnary<Log>, {Log}},
    {74, "SUM", translateSum, {ReduceSum}},
    {75, "SQRT", translateUnary<Sqrt>, {Sqrt}},
    {76, "RSQRT", translateRsqrt, {Sqrt, Reciprocal}},
    {83, "PACK", translatePack, {Concat}},
    {88, "UNPACK", translateUnpack, {Split}},
    {92, "SQUARE", translateSquare, {Mul}},
    {97, "RESIZE_NEAREST_NEIGHBOR", translateResizeNearest, {Resize}},
    {98, "LEAKY_RELU", translateLeakyRelu, {LeakyRelu}},
    {100, "MIRROR_PAD", translateMirrorPad, {Pad, Slice, Concat}},
    {101, "ABS", translateUnary<Abs>, {Abs}},
    {104, "CEIL", translateUnary<Ceil>, {Ceil}},
    {111, "ELU", translateElu, {Elu}},
    {114, "QUANTIZE", translateQuantize, {Quantize}},
    {117, "HARD_SWISH", translateUnary<HardSwish>, {HardSwish}},
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
