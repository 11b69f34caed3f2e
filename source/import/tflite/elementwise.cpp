// Operators that work element by element, and softmax.
#include "import/tflite/translators.h"

namespace qrt::tflite_import {

template <OpType Type>
void translateBinary(Op& op) {
  const auto* options = op.options<tfl::ActivationOptions>();
  if (options == nullptr) return;
  op.output(op.activated(op.add(Type, BinaryAttrs{}, {op.in(0), op.in(1)}), options->activation()));
}
template void translateBinary<OpType::Add>(Op&);
template void translateBinary<OpType::Sub>(Op&);
template void translateBinary<OpType::Mul>(Op&);
template void translateBinary<OpType::Div>(Op&);

template <OpType Type>
void translatePlainBinary(Op& op) {
  op.output(op.add(Type, {op.in(0), op.in(1)}));
}
template void translatePlainBinary<OpType::Max>(Op&);
template void translatePlainBinary<OpType::Min>(Op&);
template void translatePlainBinary<OpType::PRelu>(Op&);

void translateRelu6(Op& op) { op.output(op.activated(op.in(0), 3)); }
void translateReluN1To1(Op& op) { op.output(op.activated(op.in(0), 2)); }

void translateLeakyRelu(Op& op) {
  const auto* options = op.options<tfl::LeakyReluOptions>();
  if (options == nullptr) return;
  op.output(op.add(OpType::LeakyRelu, AlphaAttrs{options->alpha()}, {op.in(0)}));
}

void translateElu(Op& op) { op.output(op.add(OpType::Elu, AlphaAttrs{1}, {op.in(0)})); }

void translateRsqrt(Op& op) {
  op.output(op.add(OpType::Reciprocal, {op.add(OpType::Sqrt, {op.in(0)})}));
}

void translateSquare(Op& op) {
  const TensorId x = op.in(0);
  op.output(op.add(OpType::Mul, BinaryAttrs{}, {x, x}));
}

// x / sqrt(max(Σx², 1e-6)) along the last dim.
void translateL2Normalization(Op& op) {
  const auto* options = op.file().options<tfl::ActivationOptions>(op.source());
  const TensorId x = op.in(0);
  const TensorId squares = op.add(OpType::Mul, BinaryAttrs{}, {x, x});
  const TensorId sum = op.add(OpType::ReduceSum, ReduceAttrs{{-1}, true}, {squares});
  const TensorId norm = op.add(OpType::Sqrt, {op.add(OpType::Max, {sum, op.constant(1e-6f)})});
  op.output(op.activated(op.add(OpType::Div, BinaryAttrs{}, {x, norm}),
                         options == nullptr ? int8_t{0} : options->activation()));
}

void translateSoftmax(Op& op) {
  const auto* options = op.options<tfl::SoftmaxOptions>();
  if (options == nullptr) return;
  TensorId x = op.in(0);
  if (options->beta() != 1) x = op.add(OpType::Mul, BinaryAttrs{}, {x, op.constant(options->beta())});
  op.output(op.add(OpType::Softmax, AxisAttrs{-1}, {x}));
}

void translateLogSoftmax(Op& op) { op.output(op.add(OpType::LogSoftmax, AxisAttrs{-1}, {op.in(0)})); }

void translateCast(Op& op) {
  op.output(op.add(OpType::Cast, CastAttrs{op.outputTensor(0).dtype}, {op.in(0)}));
}

// Also from one quantization to another.
void translateQuantize(Op& op) { op.output(op.in(0)); }

void translateDequantize(Op& op) {
  const TensorId x = op.raw(0);
  if (!op.ok()) return;
  if (op.tensor(x).quant) return op.output(op.add(OpType::Dequantize, {x}));
  op.output(op.add(OpType::Cast, CastAttrs{DType::f32}, {x}, Fold::always));  // f16 weights
}

}  // namespace qrt::tflite_import
