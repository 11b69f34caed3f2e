#include "quantize/corrections/round_layer.h"

#include <algorithm>
#include <random>

#include "base/error.h"
#include "passes/matching.h"
#include "quantize/weights/ada_round.h"
#include "quantize/weights/weights.h"

namespace qrt {
namespace {

constexpr size_t kMostPositions = 2048;

// A layer as a convolution; FullyConnected is one of 1×1 pixels.
struct Geometry {
  ConvAttrs attrs;
  int64_t ih = 1, iw = 1, ic = 1, oh = 1, ow = 1, oc = 1, kh = 1, kw = 1;

  static Geometry of(const Graph& graph, const Layer& layer) {
    Geometry g;
    const Shape& x = graph.tensor(layer.inputs[0]).shape;
    const Shape& w = graph.tensor(layer.inputs[1]).shape;
    const Shape& y = graph.tensor(layer.outputs[0]).shape;
    g.oc = w[0];
    if (layer.op == OpType::FullyConnected) {
      g.ic = w[1];
      return g;
    }
    g.attrs = layer.attrs<ConvAttrs>();
    g.ih = x[1], g.iw = x[2], g.ic = x[3];
    g.oh = y[1], g.ow = y[2];
    g.kh = w[1], g.kw = w[2];
    return g;
  }
  int64_t depth() const { return ic / attrs.groups; }
  int64_t pixels() const { return oh * ow; }
};

// Rows [kh·kw·ic][positions] of what the layer multiplies, and rows [oc][positions] of what it should sum.
struct Columns {
  std::vector<std::vector<float>> inputs, wanted;
};

struct Position {
  size_t sample;
  int64_t pixel;  // of the whole batch: image·pixels + y·ow + x
};

std::vector<Position> choosePositions(const std::vector<std::vector<float>>& sums, int64_t oc) {
  std::vector<Position> all;
  for (size_t sample = 0; sample < sums.size(); ++sample) {
    const auto pixels = static_cast<int64_t>(sums[sample].size()) / oc;
    for (int64_t pixel = 0; pixel < pixels; ++pixel) all.push_back({sample, pixel});
  }
  std::mt19937 random(1);  // the same result each time
  const size_t count = std::min(all.size(), kMostPositions);
  for (size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random() % (all.size() - i)]);
  all.resize(count);
  return all;
}

void gather(const Geometry& g, const std::vector<float>& x, int64_t pixel, size_t column,
            Columns& columns) {
  const int64_t image = pixel / g.pixels();
  const int64_t oy = pixel % g.pixels() / g.ow;
  const int64_t ox = pixel % g.ow;
  for (int64_t ky = 0; ky < g.kh; ++ky) {
    for (int64_t kx = 0; kx < g.kw; ++kx) {
      const int64_t iy = oy * g.attrs.strides[0] + ky * g.attrs.dilations[0] - g.attrs.pads[0];
      const int64_t ix = ox * g.attrs.strides[1] + kx * g.attrs.dilations[1] - g.attrs.pads[1];
      if (iy < 0 || iy >= g.ih || ix < 0 || ix >= g.iw) continue;  // padding: 0
      const float* from = x.data() + ((image * g.ih + iy) * g.iw + ix) * g.ic;
      for (int64_t c = 0; c < g.ic; ++c) {
        columns.inputs[static_cast<size_t>((ky * g.kw + kx) * g.ic + c)][column] = from[c];
      }
    }
  }
}

Columns gatherAll(const LayerPair& pair, const Geometry& g,
                  const std::vector<std::vector<float>>& sums) {
  const std::vector<Position> positions = choosePositions(sums, g.oc);
  Columns columns;
  columns.inputs.assign(static_cast<size_t>(g.kh * g.kw * g.ic), std::vector<float>(positions.size()));
  columns.wanted.assign(static_cast<size_t>(g.oc), std::vector<float>(positions.size()));
  for (size_t sample = 0; sample < sums.size(); ++sample) {
    const std::vector<float> x = pair.quantizedInput(sample, 0);
    for (size_t i = 0; i < positions.size(); ++i) {
      if (positions[i].sample != sample) continue;
      gather(g, x, positions[i].pixel, i, columns);
      for (size_t c = 0; c < columns.wanted.size(); ++c) {
        columns.wanted[c][i] = sums[sample][static_cast<size_t>(positions[i].pixel) *
                                                static_cast<size_t>(g.oc) + c];
      }
    }
  }
  return columns;
}

// What the layer clamps its sums to; nothing where a residual is added before.
void setClamp(const Layer& layer, RoundingProblem& problem) {
  const Activation& activation = *activationOf(const_cast<Layer&>(layer));
  if (layer.input(3) != kNoTensor || activation.kind == ActivationKind::none) return;
  problem.low = activation.kind == ActivationKind::relu ? 0 : activation.a;
  if (activation.kind == ActivationKind::clip) problem.high = activation.b;
}

}  // namespace

Status roundLayer(const LayerPair& pair, const WeightQuantParams& params, ThreadPool& pool) {
  const Layer& layer = pair.floatLayer();
  if (layer.op != OpType::Conv && layer.op != OpType::FullyConnected) return {};
  QRT_ASSIGN_OR_RETURN(const auto sums, floatSums(pair, false));
  const Geometry g = Geometry::of(pair.reference.graph(), layer);
  const Columns columns = gatherAll(pair, g, sums);

  const Graph& int8 = pair.int8.graph();
  const Layer& quantized = pair.quantizedLayer();
  Tensor& constant = pair.int8.graph().tensor(quantized.inputs[1]);
  const auto old = *constant.constantView().as<int8_t>();
  std::vector<int8_t> integers(old.begin(), old.end());
  const auto weights = *pair.reference.graph().tensor(layer.inputs[1]).constantView().as<float>();
  const std::vector<float> bias = quantized.input(2) == kNoTensor
                                      ? std::vector<float>(static_cast<size_t>(g.oc))
                                      : dequantized(int8.tensor(quantized.inputs[2]));
  const size_t products = weights.size() / static_cast<size_t>(g.oc);
  pool.parallelFor(g.oc, [&](int64_t c, int) {
    const auto channel = static_cast<size_t>(c);
    const int64_t firstChannel = c / (g.oc / g.attrs.groups) * g.depth();
    std::vector<const float*> rows;
    for (int64_t k = 0; k < static_cast<int64_t>(products); ++k) {
      const int64_t tap = k / g.depth();
      rows.push_back(columns.inputs[static_cast<size_t>(tap * g.ic + firstChannel + k % g.depth())].data());
    }
    RoundingProblem problem;
    problem.weights = weights.subspan(channel * products, products);
    problem.scale = constant.quant->scales[constant.quant->axis == 0 ? channel : 0];
    problem.largest = largestInteger(params.numBits);
    problem.inputs = rows;
    problem.wanted = columns.wanted[channel];
    problem.bias = bias[channel];
    setClamp(layer, problem);
    adaRound(problem, std::span(integers).subspan(channel * products, products));
  });
  constant.constant = ConstantData::copyOf(std::as_bytes(std::span(integers)));
  return pair.int8.run(pair.int8Layer);
}

}  // namespace qrt
