// Pow: the exponent may have another dtype than the base, whose dtype the result has. Integers to
// an integer power wrap around; all else goes through double.
#include <cmath>

#include "graph/ops/binary.h"
#include "graph/ops/convert.h"
#include "graph/ops/ops.h"

namespace qrt {
namespace {

using IntegerTypes =
    TypeList<int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>;

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, NumericTypes{}));
  QRT_RETURN_IF_ERROR(requireDType(ctx, 1, NumericTypes{}));
  QRT_ASSIGN_OR_RETURN(const Shape shape, broadcastShapes(ctx.shape(0), ctx.shape(1)));
  return setOutput(ctx, 0, ctx.dtype(0), shape);
}

template <class T>
T integerPower(T base, int64_t exponent) {
  if (exponent < 0) {  // 1 / base^|exponent|, towards zero; no infinity for base 0
    if (base == 1) return 1;
    if (std::is_signed_v<T> && base == static_cast<T>(-1)) return exponent % 2 == 0 ? T(1) : base;
    return 0;
  }
  uint64_t result = 1;
  for (auto square = static_cast<uint64_t>(base); exponent > 0; exponent /= 2, square *= square) {
    if (exponent % 2 != 0) result *= square;
  }
  return static_cast<T>(result);
}

// How to read an exponent of whatever dtype, so that only the base's dtype needs a loop of its own.
template <class Wide>
using Reader = Wide (*)(const void* data, int64_t i);

template <class Wide, class Types>
Status readerFor(Types types, DType dtype, Reader<Wide>& reader) {
  return visitType(types, dtype, [&]<class T>() -> Status {
    reader = [](const void* data, int64_t i) {
      return static_cast<Wide>(static_cast<Compute<T>>(static_cast<const T*>(data)[i]));
    };
    return {};
  });
}

template <class T, class Wide, class Fn>
void map(const KernelContext& ctx, Reader<Wide> exponent, Fn fn) {
  const Shape& shape = ctx.outputs[0].shape;
  const void* exponents = ctx.inputs[1].data;
  T* out = ctx.out<T>(0);
  forEachRow<2>(
      shape.dims(),
      {broadcastStrides(ctx.inputs[0].shape, shape), broadcastStrides(ctx.inputs[1].shape, shape)},
      [&](int64_t count, const auto& at, const auto& step) {
        const T* base = ctx.in<T>(0) + at[0];
        for (int64_t i = 0; i < count; ++i) {
          *out++ = fn(base[i * step[0]], exponent(exponents, at[1] + i * step[1]));
        }
      });
}

Status reference(const KernelContext& ctx) {
  QRT_RETURN_IF_ERROR(requireUnquantized(ctx));
  const DType base = ctx.inputs[0].dtype;
  const DType exponent = ctx.inputs[1].dtype;
  if (contains(IntegerTypes{}, base) && contains(IntegerTypes{}, exponent)) {
    Reader<int64_t> reader = nullptr;
    QRT_RETURN_IF_ERROR(readerFor(IntegerTypes{}, exponent, reader));
    return visitType(IntegerTypes{}, base, [&]<class T>() -> Status {
      map<T>(ctx, reader, integerPower<T>);
      return {};
    });
  }
  Reader<double> reader = nullptr;
  QRT_RETURN_IF_ERROR(readerFor(NumericTypes{}, exponent, reader));
  return visitType(NumericTypes{}, base, [&]<class T>() -> Status {
    map<T>(ctx, reader, [](T x, double y) {
      return saturate<T>(std::pow(static_cast<double>(static_cast<Compute<T>>(x)), y));
    });
    return {};
  });
}

}  // namespace

const OpDef kOpPow = binaryOp(OpType::Pow, infer, reference);

}  // namespace qrt
