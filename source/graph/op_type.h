// The list of ops. To add one: a line here (sorted), its attributes in attributes.h if it has any,
// and source/graph/ops/<op>.cpp; see CONTRIBUTING.md.
//
// Ops have libqrt's own meaning, which is channels-last: spatial ops take [N,H,W,C]. Importers
// translate. Parameters that a graph may compute (shapes, starts, pads) are inputs, all others are
// attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// X(name, attributes): `name` is the enumerator, the name in files and reports, and the OpDef kOp<name>.
#define QRT_OP_LIST(X)                       \
  X(Abs, NoAttrs)                            \
  X(Add, BinaryAttrs)                        \
  X(And, NoAttrs)                            \
  X(ArgMax, ArgMaxAttrs)                     \
  X(AveragePool, PoolAttrs)                  \
  X(BatchNormalization, NormAttrs)           \
  X(Cast, CastAttrs)                         \
  X(Ceil, NoAttrs)                           \
  X(Clip, ClipAttrs)                         \
  X(Concat, AxisAttrs)                       \
  X(ConstantOfShape, NoAttrs)                \
  X(Conv, ConvAttrs)                         \
  X(ConvTranspose, ConvTransposeAttrs)       \
  X(DepthToSpace, DepthToSpaceAttrs)         \
  X(Dequantize, NoAttrs)                     \
  X(Div, BinaryAttrs)                        \
  X(Elu, AlphaAttrs)                         \
  X(Equal, NoAttrs)                          \
  X(Erf, NoAttrs)                            \
  X(Exp, NoAttrs)                            \
  X(Expand, NoAttrs)                         \
  X(Flatten, AxisAttrs)                      \
  X(Floor, NoAttrs)                          \
  X(FullyConnected, FullyConnectedAttrs)     \
  X(Gather, AxisAttrs)                       \
  X(GatherElements, AxisAttrs)               \
  X(Greater, NoAttrs)                        \
  X(HardSigmoid, HardSigmoidAttrs)           \
  X(HardSwish, NoAttrs)                      \
  X(Identity, NoAttrs)                       \
  X(InstanceNormalization, NormAttrs)        \
  X(LayerNormalization, NormAttrs)           \
  X(LeakyRelu, AlphaAttrs)                   \
  X(Less, NoAttrs)                           \
  X(Log, NoAttrs)                            \
  X(LogSoftmax, AxisAttrs)                   \
  X(Lrn, LrnAttrs)                           \
  X(MatMul, NoAttrs)                         \
  X(Max, NoAttrs)                            \
  X(MaxPool, PoolAttrs)                      \
  X(Min, NoAttrs)                            \
  X(Mul, BinaryAttrs)                        \
  X(Neg, NoAttrs)                            \
  X(Not, NoAttrs)                            \
  X(Pad, PadAttrs)                           \
  X(Pow, NoAttrs)                            \
  X(PRelu, NoAttrs)                          \
  X(Quantize, NoAttrs)                       \
  X(Reciprocal, NoAttrs)                     \
  X(ReduceMax, ReduceAttrs)                  \
  X(ReduceMean, ReduceAttrs)                 \
  X(ReduceMin, ReduceAttrs)                  \
  X(ReduceSum, ReduceAttrs)                  \
  X(Relu, NoAttrs)                           \
  X(Requantize, NoAttrs)                     \
  X(Reshape, NoAttrs)                        \
  X(Resize, ResizeAttrs)                     \
  X(Round, NoAttrs)                          \
  X(Shape, ShapeAttrs)                       \
  X(Sigmoid, NoAttrs)                        \
  X(Sign, NoAttrs)                           \
  X(Slice, NoAttrs)                          \
  X(Softmax, AxisAttrs)                      \
  X(Softplus, NoAttrs)                       \
  X(SpaceToDepth, SpaceToDepthAttrs)         \
  X(Split, SplitAttrs)                       \
  X(Sqrt, NoAttrs)                           \
  X(Squeeze, AxesAttrs)                      \
  X(Sub, BinaryAttrs)                        \
  X(Tanh, NoAttrs)                           \
  X(Tile, NoAttrs)                           \
  X(Transpose, TransposeAttrs)               \
  X(Unsqueeze, AxesAttrs)                    \
  X(Where, NoAttrs)

namespace qrt {

enum class OpType : uint16_t {
#define QRT_OP_ENUMERATOR(name, attributes) name,
  QRT_OP_LIST(QRT_OP_ENUMERATOR)
#undef QRT_OP_ENUMERATOR
};

#define QRT_OP_COUNT(name, attributes) +1
inline constexpr int kOpCount = 0 QRT_OP_LIST(QRT_OP_COUNT);
#undef QRT_OP_COUNT

/// "Conv", "Add", …
std::string_view opName(OpType op);
/// The op of that name, exactly as opName() spells it.
std::optional<OpType> opFromName(std::string_view name);

}  // namespace qrt
