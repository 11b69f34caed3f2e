// Cast between all dtypes. Floats go through double and integers through 64 bits, both exact, so
// that there are 2·13 loops and not 13². Floats to integers truncate and saturate; integers wrap
// around.
#include "graph/ops/convert.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  const DType to = ctx.attrs<CastAttrs>().to;
  if (dtypeSize(to) == 0) {
    return invalidArgument("cast to dtype number ", static_cast<int>(to), ", which is unknown");
  }
  return setOutput(ctx, 0, to, ctx.shape(0));
}

template <class Middle, class T>
Middle load(const T* x, int64_t i) {
  // A bool from a file may be any byte.
  if constexpr (std::is_same_v<T, bool>)
    return reinterpret_cast<const uint8_t*>(x)[i] != 0;
  else if constexpr (kIsFloat<T>)
    return static_cast<Middle>(static_cast<Compute<T>>(x[i]));
  else
    return static_cast<Middle>(x[i]);
}

template <class T, class Middle>
T store(Middle value) {
  if constexpr (std::is_same_v<T, bool>)
    return value != 0;
  else if constexpr (kIsFloat<Middle> || (kIsFloat<T> && sizeof(T) == 2)) {
    return saturate<T>(static_cast<double>(value));
  } else
    return static_cast<T>(value);
}

template <class Middle, class From>
Status convert(const KernelContext& ctx, From fromTypes) {
  constexpr int64_t kChunk = 256;
  Middle middle[kChunk];
  const int64_t count = ctx.outputs[0].shape.elements();
  for (int64_t at = 0; at < count; at += kChunk) {
    const int64_t n = std::min(kChunk, count - at);
    QRT_RETURN_IF_ERROR(visitType(fromTypes, ctx.inputs[0].dtype, [&]<class T>() -> Status {
      for (int64_t i = 0; i < n; ++i) middle[i] = load<Middle>(ctx.in<T>(0) + at, i);
      return {};
    }));
    QRT_RETURN_IF_ERROR(visitType(AllTypes{}, ctx.outputs[0].dtype, [&]<class T>() -> Status {
      for (int64_t i = 0; i < n; ++i) ctx.out<T>(0)[at + i] = store<T>(middle[i]);
      return {};
    }));
  }
  return {};
}

Status reference(const KernelContext& ctx) {
  const DType from = ctx.inputs[0].dtype;
  if (from == ctx.outputs[0].dtype) return copyBytes(ctx);
  QRT_RETURN_IF_ERROR(requireUnquantized(ctx));
  if (contains(FloatTypes{}, from)) return convert<double>(ctx, FloatTypes{});
  if (from == DType::u64) return convert<uint64_t>(ctx, TypeList<uint64_t>{});
  return convert<int64_t>(
      ctx, TypeList<bool, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t>{});
}

}  // namespace

const OpDef kOpCast = {.type = OpType::Cast,
                       .minInputs = 1,
                       .maxInputs = 1,
                       .minOutputs = 1,
                       .maxOutputs = 1,
                       .infer = infer,
                       .reference = reference};

}  // namespace qrt
