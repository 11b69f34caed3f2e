#include "support/int8_networks.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "graph/quantized.h"
#include "passes/passes.h"

namespace qrt::test {
namespace {

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "asInt8: %s\n", why.c_str());
  std::abort();
}

class Converter {
 public:
  explicit Converter(Graph& graph) : graph_(graph) {}

  void run() {
    for (const TensorId id : graph_.inputs) quantize(id, 0.02f, -3);
    std::vector<Layer> layers;
    std::swap(layers, graph_.layers);
    for (Layer& layer : layers) convert(std::move(layer));
  }

 private:
  void quantize(TensorId id, float scale, int32_t zeroPoint) {
    graph_.tensor(id).dtype = DType::s8;
    graph_.tensor(id).quant = QuantParams{{scale}, {zeroPoint}, -1};
  }
  float scaleOf(TensorId id) const { return graph_.tensor(id).quant->scales[0]; }

  // A fused sigmoid becomes a layer of its own again.
  void convert(Layer layer) {
    auto* conv = std::get_if<ConvAttrs>(&layer.attributes);
    if (conv == nullptr || conv->activation.kind != ActivationKind::sigmoid) return append(std::move(layer));
    conv->activation = {};
    const TensorId out = layer.outputs[0];
    layer.outputs[0] = graph_.addTensor({graph_.tensor(out).name, DType::s8, graph_.tensor(out).shape, {}, {}});
    Layer sigmoid{layer.name + "_sigmoid", OpType::Sigmoid, NoAttrs{}, {layer.outputs[0]}, {out}};
    append(std::move(layer));
    append(std::move(sigmoid));
  }

  void append(Layer layer) {
    const TensorId out = layer.outputs[0];
    switch (int8Form(layer.op)) {
      case Int8Form::accumulate:
        accumulate(layer);
        break;
      case Int8Form::arithmetic:
        arithmetic(layer);
        break;
      case Int8Form::average:
        quantize(out, 0.4f * scaleOf(layer.inputs[0]), -7);
        break;
      case Int8Form::table:
        if (layer.op == OpType::Sigmoid) {
          quantize(out, 1.0f / 256, -128);
        } else {
          quantize(out, 0.8f * scaleOf(layer.inputs[0]), -11);
        }
        break;
      case Int8Form::move:
        move(layer);
        break;
      default:
        fail("no int8 form: " + layer.name);
    }
    graph_.layers.push_back(std::move(layer));
  }

  // Sums of K products with weights of deviation 73 shall fill a good part of the output's range.
  void accumulate(Layer& layer) {
    const Shape shape = graph_.tensor(layer.inputs[1]).shape;
    const int64_t channels = shape[0];
    QuantParams weightQuant{{}, std::vector<int32_t>(static_cast<size_t>(channels)), 0};
    for (int64_t c = 0; c < channels; ++c) {
      weightQuant.scales.push_back(static_cast<float>(1 + draw(63)) / 4096);
    }
    std::vector<int8_t> weights(static_cast<size_t>(shape.elements()));
    for (int8_t& w : weights) w = static_cast<int8_t>(draw(255) - 127);
    layer.inputs[1] = graph_.addConstant("weights", shape, std::span<const int8_t>(weights));
    graph_.tensor(layer.inputs[1]).quant = weightQuant;

    const float in = scaleOf(layer.inputs[0]);
    const float fan = std::sqrt(static_cast<float>(shape.elements() / channels));
    quantize(layer.outputs[0], in * fan * 40.0f / 128.0f, draw(40) - 20);
    if (layer.input(2) == kNoTensor) return;
    QuantParams biasQuant{{}, std::vector<int32_t>(static_cast<size_t>(channels)), 0};
    for (const float scale : weightQuant.scales) biasQuant.scales.push_back(in * scale);
    std::vector<int32_t> bias(static_cast<size_t>(channels));
    for (int32_t& b : bias) b = draw(4000) - 2000;
    layer.inputs[2] = graph_.addConstant("bias", {channels}, std::span<const int32_t>(bias));
    graph_.tensor(layer.inputs[2]).quant = biasQuant;
  }

  void arithmetic(Layer& layer) {
    for (TensorId& id : layer.inputs) {
      if (!graph_.tensor(id).isConstant()) continue;
      const Shape shape = graph_.tensor(id).shape;
      std::vector<int8_t> values(static_cast<size_t>(shape.elements()));
      for (int8_t& value : values) value = static_cast<int8_t>(draw(256) - 128);
      id = graph_.addConstant("factors", shape, std::span<const int8_t>(values));
      quantize(id, 1.0f / 64, 9);
    }
    const float a = scaleOf(layer.inputs[0]), b = scaleOf(layer.inputs[1]);
    quantize(layer.outputs[0], layer.op == OpType::Mul ? a * b * 90 : 0.7f * (a + b), 5);
  }

  void move(Layer& layer) {
    const QuantParams params = *graph_.tensor(layer.inputs[0]).quant;
    quantize(layer.outputs[0], params.scales[0], params.zeroPoints[0]);
    if (layer.op != OpType::Concat) return;
    for (TensorId& id : layer.inputs) {
      if (graph_.tensor(id).quant == params) continue;
      Tensor same{graph_.tensor(id).name, DType::s8, graph_.tensor(id).shape, params, {}};
      const TensorId made = graph_.addTensor(std::move(same));
      graph_.layers.push_back({graph_.tensor(made).name, OpType::Requantize, NoAttrs{}, {id}, {made}});
      id = made;
    }
  }

  int32_t draw(uint32_t below) { return static_cast<int32_t>((random_() >> 4) % below); }

  Graph& graph_;
  std::mt19937 random_{7};
};

}  // namespace

Model asInt8(const Model& model, int64_t batch) {
  Graph graph = model.data().graph;
  std::map<std::string, Shape> shapes;
  for (const TensorId id : graph.inputs) {
    Shape shape = graph.tensor(id).shape;
    shape[0] = batch;
    shapes[graph.tensor(id).name] = shape;
  }
  if (const Status status = specialize(graph, shapes); !status.ok()) fail(status.message());
  Converter(graph).run();
  if (const Status status = validate(graph); !status.ok()) fail(status.message());
  if (const Status status = inferShapes(graph); !status.ok()) fail(status.message());
  return makeModel(std::move(graph));
}

std::vector<int8_t> randomBytes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> bytes(count);
  for (int8_t& b : bytes) b = static_cast<int8_t>(random() >> 8);
  return bytes;
}

}  // namespace qrt::test
