// The functions of op_table.cpp, by the files they are in.
#pragma once

#include "import/tflite/op.h"

namespace qrt::tflite_import {

// conv_pool.cpp
void translateConv(Op& op);
void translateDepthwiseConv(Op& op);
void translateTransposeConv(Op& op);
void translateFullyConnected(Op& op);
void translateMaxPool(Op& op);
void translateAveragePool(Op& op);

// elementwise.cpp
template <OpType Type>
void translateUnary(Op& op) {
  op.output(op.add(Type, {op.in(0)}));
}
template <OpType Type>
void translateBinary(Op& op);  // with a fused activation
template <OpType Type>
void translatePlainBinary(Op& op);
void translateRelu6(Op& op);
void translateReluN1To1(Op& op);
void translateLeakyRelu(Op& op);
void translateElu(Op& op);
void translateRsqrt(Op& op);
void translateSquare(Op& op);
void translateL2Normalization(Op& op);
void translateSoftmax(Op& op);
void translateLogSoftmax(Op& op);
void translateCast(Op& op);
void translateQuantize(Op& op);
void translateDequantize(Op& op);

// shape.cpp
void translateReshape(Op& op);
void translateSqueeze(Op& op);
void translateExpandDims(Op& op);
void translateTranspose(Op& op);
void translateConcatenation(Op& op);
void translateSplit(Op& op);
void translateSlice(Op& op);
void translateStridedSlice(Op& op);
void translatePack(Op& op);
void translateUnpack(Op& op);
void translateGather(Op& op);
void translatePad(Op& op);
void translateMirrorPad(Op& op);
void translateDepthToSpace(Op& op);
void translateSpaceToDepth(Op& op);
void translateResizeBilinear(Op& op);
void translateResizeNearest(Op& op);
void translateMean(Op& op);
void translateSum(Op& op);
void translateArgMax(Op& op);

}  // namespace qrt::tflite_import
