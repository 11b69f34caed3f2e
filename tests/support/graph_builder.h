// Graphs written down in a test, layer by layer.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/model_data.h"

namespace qrt::test {

class GraphBuilder {
 public:
  /// Weights are drawn with `seed`.
  explicit GraphBuilder(unsigned seed = 1) : random_(seed) {}

  TensorId input(const std::string& name, const Shape& shape, DType dtype = DType::f32) {
    const TensorId id = graph.addTensor({.name = name, .dtype = dtype, .shape = shape});
    graph.inputs.push_back(id);
    return id;
  }

  /// A constant of the given values.
  template <class T>
  TensorId constant(const Shape& shape, const std::vector<T>& values) {
    return graph.addConstant("constant", shape, std::span<const T>(values));
  }

  /// A constant f32 tensor of normal values whose sums over `fanIn` stay near 1.
  TensorId weights(const Shape& shape, int64_t fanIn) {
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(fanIn)));
    std::vector<float> values(static_cast<size_t>(shape.elements()));
    for (float& value : values) value = normal(random_);
    return constant(shape, values);
  }

  /// Appends a layer "<op>_<index>" with one output, which it returns.
  TensorId add(OpType op, Attributes attributes, std::vector<TensorId> inputs) {
    const std::string name = std::string(opName(op)) + "_" + std::to_string(graph.layers.size());
    const TensorId id = graph.addTensor({.name = name + ":0"});
    graph.layers.push_back({name, op, std::move(attributes), std::move(inputs), {id}});
    return id;
  }
  TensorId add(OpType op, std::vector<TensorId> inputs) {
    return add(op, defaultAttributes(op), std::move(inputs));
  }

  /// A convolution with same-size padding (at stride 1), bias, and random weights. groups == 0:
  /// depthwise.
  TensorId conv(TensorId x, int64_t ic, int64_t oc, int kernel, int stride = 1, int groups = 1,
                ActivationKind activation = ActivationKind::none) {
    ConvAttrs attrs;
    attrs.strides = {stride, stride};
    attrs.pads = {kernel / 2, kernel / 2, kernel / 2, kernel / 2};
    attrs.groups = groups == 0 ? static_cast<int>(ic) : groups;
    attrs.activation.kind = activation;
    const int64_t depth = ic / attrs.groups;
    return add(OpType::Conv, attrs,
               {x, weights({oc, kernel, kernel, depth}, kernel * kernel * depth),
                weights({oc}, 1)});
  }

  void output(TensorId id) { graph.outputs.push_back(id); }

  /// The graph as a model; the graph must be right.
  Model model() const {
    Graph copy = graph;
    Status status = validate(copy);
    if (status.ok()) status = inferShapes(copy);
    if (!status.ok()) {
      std::fprintf(stderr, "GraphBuilder: %s\n", status.message().c_str());
      std::abort();
    }
    return makeModel(std::move(copy));
  }

  Graph graph;

 private:
  std::mt19937 random_;
};

}  // namespace qrt::test
