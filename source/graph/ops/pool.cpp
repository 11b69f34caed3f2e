// MaxPool and AveragePool.
#include <algorithm>

#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"
#include "graph/ops/spatial.h"

namespace qrt {
namespace {

using MaxPoolTypes = TypeList<float, double, Half, BFloat16, int8_t, uint8_t>;

Window poolWindow(const PoolAttrs& attrs, int axis) {
  return windowOf(attrs, axis, attrs.kernel[static_cast<size_t>(axis)]);
}

template <class Types>
Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireReals(ctx, Types{}));
  QRT_RETURN_IF_ERROR(requireRank(ctx, 0, 4, "[N,H,W,C]"));
  auto& attrs = ctx.attrsToResolve<PoolAttrs>();
  resolveAutoPad(attrs, ctx.shape(0), {attrs.kernel[0], attrs.kernel[1]});
  const Shape& x = ctx.shape(0);
  Shape out{dimOf(x, 0), 0, 0, dimOf(x, 3)};
  for (int axis = 0; axis < 2; ++axis) {
    const Window window = poolWindow(attrs, axis);
    if (window.kernel < 1) {  // checkWindow would take -1 for a kernel that is not known yet
      return invalidArgument("kernel size (", kSpatialNames[axis], ") is ", window.kernel,
                             ", wanted at least 1");
    }
    QRT_RETURN_IF_ERROR(checkWindow(window, axis));
    if (std::max(window.padBegin, window.padEnd) >= window.extent()) {
      return invalidArgument("padding ", window.padBegin, " and ", window.padEnd, " (",
                             kSpatialNames[axis], "), wanted less than the kernel's extent ",
                             window.extent(), ": a window would see only padding");
    }
    if (ctx.layer().op == OpType::AveragePool && window.dilation != 1) {
      return unsupported("dilation ", window.dilation, " of AveragePool, wanted 1");
    }
    QRT_ASSIGN_OR_RETURN(out[1 + axis],
                         slidingOutput(dimOf(x, 1 + axis), window, axis, attrs.ceilMode));
  }
  ctx.setOutput(0, ctx.dtype(0), out);
  return {};
}

// Calls pool(n, oh, ow, c) → T for each output in order.
template <class T, class Pool>
Status forEachOutput(const KernelContext& ctx, Pool pool) {
  const Shape& out = ctx.outputs[0].shape;
  T* dst = ctx.out<T>(0);
  for (int64_t n = 0; n < out[0]; ++n) {
    for (int64_t oh = 0; oh < out[1]; ++oh) {
      for (int64_t ow = 0; ow < out[2]; ++ow) {
        for (int64_t c = 0; c < out[3]; ++c) *dst++ = static_cast<T>(pool(n, oh, ow, c));
      }
    }
  }
  return {};
}

// Calls visit(x[n, ih, iw, c]) for each input under the window of output (oh, ow).
template <class T, class Visit>
void forEachTap(const KernelContext& ctx, const Window& rows, const Window& columns, int64_t n,
                int64_t oh, int64_t ow, int64_t c, Visit visit) {
  const Shape& x = ctx.inputs[0].shape;
  for (int64_t kh = rows.firstTap(oh); kh < rows.endTap(oh, x[1]); ++kh) {
    const int64_t ih = rows.position(oh, kh);
    for (int64_t kw = columns.firstTap(ow); kw < columns.endTap(ow, x[2]); ++kw) {
      const int64_t iw = columns.position(ow, kw);
      visit(static_cast<Compute<T>>(ctx.in<T>(0)[((n * x[1] + ih) * x[2] + iw) * x[3] + c]));
    }
  }
}

// Dilated windows may see only padding: the result is then the lowest value.
Status maxPool(const KernelContext& ctx) {
  const Window rows = poolWindow(ctx.attrs<PoolAttrs>(), 0);
  const Window columns = poolWindow(ctx.attrs<PoolAttrs>(), 1);
  return visitType(MaxPoolTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    return forEachOutput<T>(ctx, [&](int64_t n, int64_t oh, int64_t ow, int64_t c) {
      Compute<T> best = kLowest<T>;
      forEachTap<T>(ctx, rows, columns, n, oh, ow, c,
                    [&](Compute<T> value) {
                      if (value > best || value != value) best = value;  // NaN wins
                    });
      return best;
    });
  });
}

// Taps of output `o` inside the padded input; in ceil mode the last window may reach behind it.
int64_t paddedTaps(const Window& window, int64_t o, int64_t in) {
  return std::min(window.kernel, in + window.padEnd - window.position(o, 0));
}

// mean(sum, taps, count) of every window, where `taps` values were added and the divisor is `count`.
template <class T, class Sum, class Mean>
Status averages(const KernelContext& ctx, Mean mean) {
  const auto& attrs = ctx.attrs<PoolAttrs>();
  const Window rows = poolWindow(attrs, 0);
  const Window columns = poolWindow(attrs, 1);
  const Shape& x = ctx.inputs[0].shape;
  return forEachOutput<T>(ctx, [&](int64_t n, int64_t oh, int64_t ow, int64_t c) {
    Sum sum = 0;
    int64_t taps = 0;
    forEachTap<T>(ctx, rows, columns, n, oh, ow, c, [&](Compute<T> value) {
      sum += static_cast<Sum>(value);
      ++taps;
    });
    return mean(sum, taps,
                attrs.countIncludePad ? paddedTaps(rows, oh, x[1]) * paddedTaps(columns, ow, x[2])
                                      : taps);
  });
}

Status averagePool(const KernelContext& ctx) {
  if (const PoolTies ties = ctx.attrs<PoolAttrs>().ties; ctx.inputs[0].quant != nullptr && ties != PoolTies::even) {
    const int64_t shift = ties == PoolTies::up ? 128 : 0;  // of values that are not negative, up is away from zero
    return averages<int8_t, int64_t>(ctx, [=](int64_t sum, int64_t, int64_t count) {
      // No value in the window: the lowest, as requantize() makes it of NaN.
      if (count == 0) return int8_t{-128};
      sum += shift * count;
      return static_cast<int8_t>((sum + (sum < 0 ? -count : count) / 2) / count - shift);
    });
  }
  if (ctx.inputs[0].quant != nullptr) {
    QRT_ASSIGN_OR_RETURN(const Int8Mean rule, Int8Mean::create(ctx));
    return averages<int8_t, int64_t>(ctx, rule);
  }
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    return averages<T, double>(ctx, [](double sum, int64_t, int64_t count) {
      return sum / static_cast<double>(count);
    });
  });
}

}  // namespace

const OpDef kOpMaxPool = {OpType::MaxPool, 1, 1, 1, 1, infer<MaxPoolTypes>, maxPool};
const OpDef kOpAveragePool = {OpType::AveragePool, 1, 1, 1, 1, infer<FloatTypes>, averagePool};

}  // namespace qrt
