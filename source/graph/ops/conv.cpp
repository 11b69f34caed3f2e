// Conv and ConvTranspose. Each output is a sum over the kernel's taps of dot products over the
// group's input channels; the two differ only in which input a tap reads.
#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"
#include "graph/ops/spatial.h"

namespace qrt {
namespace {

// Everything but the spatial sizes, for which the two ops have different formulas.
template <class Attrs>
Status checkChannels(const InferContext& ctx) {
  const auto& attrs = ctx.attrs<Attrs>();
  QRT_RETURN_IF_ERROR(requireReals(ctx, FloatTypes{}, attrs.activation));
  QRT_RETURN_IF_ERROR(requireRank(ctx, 0, 4, "[N,H,W,C]"));
  QRT_RETURN_IF_ERROR(requireRank(ctx, 1, 4, "weights [O,KH,KW,I/groups]"));
  const int64_t ic = dimOf(ctx.shape(0), 3);
  const int64_t oc = dimOf(ctx.shape(1), 0);
  for (const int64_t dim : ctx.shape(1).dims()) {
    if (dim == 0) return invalidArgument("weights of shape ", ctx.shape(1).toString(), " are empty");
  }
  const auto divides = [](int64_t groups, int64_t channels) {
    return channels == Shape::kUnknown || (channels > 0 && channels % groups == 0);
  };
  if (attrs.groups < 1 || !divides(attrs.groups, ic) || !divides(attrs.groups, oc)) {
    return invalidArgument("groups is ", attrs.groups, ", wanted a positive divisor of ", ic,
                           " input and ", oc, " output channels (-1: unknown)");
  }
  if (ic != Shape::kUnknown) {
    QRT_RETURN_IF_ERROR(requireDim("weights' last dimension (input channels per group)",
                                   dimOf(ctx.shape(1), 3), ic / attrs.groups));
  }
  if (!ctx.has(2)) return {};
  QRT_RETURN_IF_ERROR(requireRank(ctx, 2, 1, "bias [O]"));
  return requireDim("size of the bias", dimOf(ctx.shape(2), 0), oc);
}

// outputSize(attrs, axis, in, window) is the op's formula.
template <class Attrs, class OutputSize>
Result<Shape> outputShape(InferContext& ctx, OutputSize outputSize) {
  QRT_RETURN_IF_ERROR(checkChannels<Attrs>(ctx));
  if constexpr (std::is_same_v<Attrs, ConvAttrs>) {
    resolveAutoPad(ctx.attrsToResolve<ConvAttrs>(), ctx.shape(0),
                   {dimOf(ctx.shape(1), 1), dimOf(ctx.shape(1), 2)});
  }
  Shape out{dimOf(ctx.shape(0), 0), 0, 0, dimOf(ctx.shape(1), 0)};
  for (int axis = 0; axis < 2; ++axis) {
    const Window window = windowOf(ctx.attrs<Attrs>(), axis, dimOf(ctx.shape(1), 1 + axis));
    QRT_RETURN_IF_ERROR(checkWindow(window, axis));
    QRT_ASSIGN_OR_RETURN(out[1 + axis], outputSize(axis, dimOf(ctx.shape(0), 1 + axis), window));
  }
  return out;
}

Status inferConv(InferContext& ctx) {
  const auto size = [](int axis, int64_t in, const Window& window) {
    return slidingOutput(in, window, axis);
  };
  QRT_ASSIGN_OR_RETURN(Shape out, outputShape<ConvAttrs>(ctx, size));
  if (ctx.has(3) && ctx.shape(3).ranked()) {
    QRT_RETURN_IF_ERROR(requireRank(ctx, 3, 4, "residual [N,OH,OW,O]"));
    for (int i = 0; i < 4; ++i) {
      QRT_RETURN_IF_ERROR(requireDim("a dimension of the residual", ctx.shape(3)[i], out[i]));
      if (out[i] == Shape::kUnknown) out[i] = ctx.shape(3)[i];
    }
  }
  ctx.setOutput(0, ctx.dtype(0), out);
  return {};
}

Status inferConvTranspose(InferContext& ctx) {
  const auto size = [&ctx](int axis, int64_t in, const Window& window) {
    const auto& outputPads = ctx.attrs<ConvTransposeAttrs>().outputPads;
    return transposedOutput(in, window, axis, outputPads[static_cast<size_t>(axis)]);
  };
  QRT_ASSIGN_OR_RETURN(const Shape out, outputShape<ConvTransposeAttrs>(ctx, size));
  ctx.setOutput(0, ctx.dtype(0), out);
  return {};
}

// Which input position tap `k` of output `o` reads; out of range: none.
struct ConvTaps {
  static int64_t source(const Window& window, int64_t o, int64_t k) { return window.position(o, k); }
};
struct ConvTransposeTaps {
  static int64_t source(const Window& window, int64_t o, int64_t k) {
    const int64_t scaled = o + window.padBegin - k * window.dilation;
    return scaled % window.stride == 0 ? scaled / window.stride : -1;
  }
};

// store(at, oc, sum) for every output, where the sum is over product(xAt, wAt, count) of all taps that
// are not in the padding.
template <class Sum, class Taps, class Attrs, class Product, class Store>
void convolve(const KernelContext& ctx, const Attrs& attrs, Product product, Store store) {
  const Shape& x = ctx.inputs[0].shape;
  const Shape& w = ctx.inputs[1].shape;
  const Shape& out = ctx.outputs[0].shape;
  const Window rows = windowOf(attrs, 0, w[1]);
  const Window columns = windowOf(attrs, 1, w[2]);
  const int64_t groupIn = w[3];
  const int64_t groupOut = w[0] / attrs.groups;

  const auto sumOfTaps = [&](int64_t n, int64_t oh, int64_t ow, int64_t oc) {
    Sum sum = 0;
    for (int64_t kh = 0; kh < w[1]; ++kh) {
      const int64_t ih = Taps::source(rows, oh, kh);
      if (ih < 0 || ih >= x[1]) continue;
      for (int64_t kw = 0; kw < w[2]; ++kw) {
        const int64_t iw = Taps::source(columns, ow, kw);
        if (iw < 0 || iw >= x[2]) continue;
        const int64_t xAt = ((n * x[1] + ih) * x[2] + iw) * x[3] + oc / groupOut * groupIn;
        const int64_t wAt = ((oc * w[1] + kh) * w[2] + kw) * groupIn;
        sum += product(xAt, wAt, groupIn);
      }
    }
    return sum;
  };

  int64_t at = 0;
  for (int64_t n = 0; n < out[0]; ++n) {
    for (int64_t oh = 0; oh < out[1]; ++oh) {
      for (int64_t ow = 0; ow < out[2]; ++ow) {
        for (int64_t oc = 0; oc < out[3]; ++oc, ++at) store(at, oc, sumOfTaps(n, oh, ow, oc));
      }
    }
  }
}

template <class Taps, class Attrs>
Status int8Reference(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<Attrs>();
  QRT_ASSIGN_OR_RETURN(const Int8Sums sums, Int8Sums::create(ctx, attrs.activation));
  convolve<int32_t, Taps>(
      ctx, attrs,
      [&](int64_t xAt, int64_t wAt, int64_t count) { return sums.dot(xAt, wAt, count); },
      [&](int64_t at, int64_t oc, int32_t sum) { sums.store(at, oc, sum); });
  return {};
}

template <class Taps, class Attrs>
Status reference(const KernelContext& ctx) {
  if (ctx.inputs[0].quant != nullptr) return int8Reference<Taps, Attrs>(ctx);
  const auto& attrs = ctx.attrs<Attrs>();
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    convolve<double, Taps>(
        ctx, attrs,
        [&](int64_t xAt, int64_t wAt, int64_t count) {
          return dot(ctx.in<T>(0) + xAt, ctx.in<T>(1) + wAt, count);
        },
        [&](int64_t at, int64_t oc, double sum) {
          if (ctx.has(2)) sum += static_cast<double>(ctx.in<T>(2)[oc]);
          if (ctx.has(3)) sum += static_cast<double>(ctx.in<T>(3)[at]);
          ctx.out<T>(0)[at] = static_cast<T>(applyActivation(attrs.activation, sum));
        });
    return {};
  });
}

int64_t macsConv(const Graph& graph, const Layer& layer) {
  const Shape& w = graph.tensor(layer.inputs[1]).shape;
  const Shape& out = graph.tensor(layer.outputs[0]).shape;
  return saturatingProduct({out[0], out[1], out[2], w[0], w[1], w[2], w[3]});
}

// Every input pixel meets every tap; those that fall on the cut-off border are counted too.
int64_t macsConvTranspose(const Graph& graph, const Layer& layer) {
  const Shape& w = graph.tensor(layer.inputs[1]).shape;
  const Shape& x = graph.tensor(layer.inputs[0]).shape;
  return saturatingProduct({x[0], x[1], x[2], w[0], w[1], w[2], w[3]});
}

}  // namespace

const OpDef kOpConv = {OpType::Conv, 2, 4, 1, 1, inferConv, reference<ConvTaps, ConvAttrs>, macsConv};
const OpDef kOpConvTranspose = {OpType::ConvTranspose,
                                2,
                                3,
                                1,
                                1,
                                inferConvTranspose,
                                reference<ConvTransposeTaps, ConvTransposeAttrs>,
                                macsConvTranspose};

}  // namespace qrt
