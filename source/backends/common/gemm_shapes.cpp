#include "backends/common/gemm_shapes.h"

#include <algorithm>

#include "base/error.h"
#include "graph/op.h"

namespace qrt {
namespace {

// A ConvTranspose is one product per group and remainder of the output position by the stride, each
// planned and packed on its own.
constexpr int64_t kMostProducts = 4096;
constexpr int64_t kMostMatrices = int64_t{1} << 16;  // each has a place in a table

template <class Attrs>
ConvShape windowShape(const Graph& graph, const Layer& layer) {
  const auto& attrs = layer.attrs<Attrs>();
  const Shape& x = graph.tensor(layer.inputs[0]).shape;
  const Shape& weights = graph.tensor(layer.inputs[1]).shape;
  const Shape& y = graph.tensor(layer.outputs[0]).shape;
  return {.n = x[0],
          .h = x[1],
          .w = x[2],
          .c = x[3],
          .oh = y[1],
          .ow = y[2],
          .o = y[3],
          .kh = weights[1],
          .kw = weights[2],
          .strideH = attrs.strides[0],
          .strideW = attrs.strides[1],
          .dilationH = attrs.dilations[0],
          .dilationW = attrs.dilations[1],
          .padTop = attrs.pads[0],
          .padLeft = attrs.pads[1],
          .groups = attrs.groups,
          .transposed = std::is_same_v<Attrs, ConvTransposeAttrs>};
}

Shape batchOf(const Shape& shape) {
  return shape.rank() < 3 ? Shape()
                          : Shape(shape.dims().first(static_cast<size_t>(shape.rank() - 2)));
}

// For each matrix of `all`, which one of `own` it is made of, by numpy's broadcasting.
std::vector<int64_t> matrixIndices(const Shape& all, const Shape& own) {
  std::vector<int64_t> indices(static_cast<size_t>(all.elements()));
  for (size_t i = 0; i < indices.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    int64_t scale = 1;
    for (int d = 1; d <= own.rank(); ++d) {
      const int64_t dim = own[own.rank() - d], whole = all[all.rank() - d];
      if (dim != 1) indices[i] += rest % whole * scale;
      rest /= whole;
      scale *= dim;
    }
  }
  return indices;
}

// After each part the pages of a mapped file are given back, so that its weights are never all in memory beside
// their packing.
void packInParts(ThreadPool* pool, const ConstantData& weights, size_t bytes, int64_t tasks,
                 const std::function<void(int64_t task)>& pack) {
  constexpr size_t kPartBytes = size_t{16} << 20;
  const int64_t parts = std::clamp<int64_t>(static_cast<int64_t>(bytes / kPartBytes) + 1, 1, std::max<int64_t>(1, tasks));
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = tasks * part / parts, last = tasks * (part + 1) / parts;
    if (pool != nullptr) {
      pool->parallelFor(last - first, [&](int64_t i, int) { pack(first + i); });
    } else {
      for (int64_t i = first; i < last; ++i) pack(i);
    }
    weights.givePagesBack();
  }
}

}  // namespace

ConvShape convShapeOf(const Graph& graph, const Layer& layer) {
  if (layer.op == OpType::Conv) return windowShape<ConvAttrs>(graph, layer);
  if (layer.op == OpType::ConvTranspose) return windowShape<ConvTransposeAttrs>(graph, layer);
  const Shape& x = graph.tensor(layer.inputs[0]).shape;
  return {.w = x[0], .c = x[1], .ow = x[0], .o = graph.tensor(layer.inputs[1]).shape[0]};
}

const Activation& fusedActivationOf(const Layer& layer) {
  if (layer.op == OpType::Conv) return layer.attrs<ConvAttrs>().activation;
  if (layer.op == OpType::ConvTranspose) return layer.attrs<ConvTransposeAttrs>().activation;
  return layer.attrs<FullyConnectedAttrs>().activation;
}

Verdict checkConvShape(const Graph& graph, const Layer& layer) {
  if (graph.constant(layer.inputs[1]) == nullptr) {
    return Verdict::no("weights are not constant");
  }
  if (layer.op == OpType::ConvTranspose) {
    const auto& attrs = layer.attrs<ConvTransposeAttrs>();
    const Shape& y = graph.tensor(layer.outputs[0]).shape;
    const int64_t products = std::min<int64_t>(attrs.strides[0], y[1]) *
                             std::min<int64_t>(attrs.strides[1], y[2]) * attrs.groups;
    if (products > kMostProducts) {
      return Verdict::no(concat("strides and groups cut it into ", products,
                                " products, wanted at most ", kMostProducts));
    }
  }
  return Verdict::yes();
}

MatMulShape matMulShapeOf(const Graph& graph, const Layer& layer) {
  const Shape& a = graph.tensor(layer.inputs[0]).shape;
  const Shape& b = graph.tensor(layer.inputs[1]).shape;
  const Shape batch = broadcastShapes(batchOf(a), batchOf(b)).value();  // as the shape rule did
  MatMulShape shape;
  shape.k = a[a.rank() - 1];
  shape.m = a.rank() == 1 ? 1 : a[a.rank() - 2];
  shape.n = b.rank() == 1 ? 1 : b[b.rank() - 1];
  if (batchOf(b).elements() == 1) {  // one matrix for all rows of a
    shape.m *= batch.elements();
    shape.aIndex = shape.bIndex = {0};
    return shape;
  }
  shape.aIndex = matrixIndices(batch, batchOf(a));
  shape.bIndex = matrixIndices(batch, batchOf(b));
  shape.bCount = batchOf(b).elements();
  return shape;
}

Verdict checkMatMulShape(const Graph& graph, const Layer& layer) {
  const Shape batchA = batchOf(graph.tensor(layer.inputs[0]).shape);
  const Shape batchB = batchOf(graph.tensor(layer.inputs[1]).shape);
  const auto batch = broadcastShapes(batchA, batchB);
  if (!batch.ok()) return Verdict::no(batch.status().message());
  if (batchB.elements() != 1 && batch->elements() > kMostMatrices) {
    return Verdict::no(concat(batch->elements(), " matrices, wanted at most ", kMostMatrices));
  }
  return Verdict::yes();
}

Result<WeightCache::Packed> packConstant(
    const CompileContext& ctx, const Tensor& tensor, const std::string& key, size_t bytes, int64_t tasks,
    const std::function<void(const std::byte* weights, std::byte* packed, int64_t task)>& pack) {
  const ConstantData& constant = *tensor.constant;
  return ctx.weights.get(constant.owner, constant.bytes, key, [&]() -> Result<AlignedBuffer> {
    AlignedBuffer packed(bytes);
    if (packed.size() != bytes) {
      return outOfMemory("no ", bytes, " bytes for packed weights '", tensor.name, "'");
    }
    packInParts(ctx.pool, constant, bytes, tasks,
                [&](int64_t task) { pack(constant.bytes.data(), packed.data(), task); });
    return packed;
  });
}

}  // namespace qrt
