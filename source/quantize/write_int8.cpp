#include "quantize/write_int8.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "quantize/activation_params.h"
#include "quantize/eligible.h"
#include "quantize/error_sums.h"
#include "quantize/int8_weights.h"

namespace qrt {
namespace {

// The tensors that have the value of a tensor of the float graph.
struct Versions {
  TensorId f32 = kNoTensor;   // none yet: nobody needed it
  std::vector<TensorId> s8;   // with different parameters
  bool madeInt8 = false;      // an int8 layer makes s8[0]; else the first Quantize layer does
};

class Int8Writer {
 public:
  Int8Writer(Graph& graph, const Int8Plan& plan)
      : graph_(graph), plan_(plan), versions_(graph.tensors.size()) {
    for (size_t t = 0; t < versions_.size(); ++t) versions_[t].f32 = static_cast<TensorId>(t);
  }

  Status run() {
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      Layer layer = graph_.layers[i];
      const LayerRecipe* recipe = plan_.recipes[i];
      Status status;
      if (recipe == nullptr) {
        for (TensorId& id : layer.inputs) id = floatVersion(id);
        written_.push_back(std::move(layer));
      } else {
        status = writeInt8Layer(layer, recipe->weight);
      }
      if (!status.ok()) {
        return annotate(status, "layer '", graph_.layers[i].name, "' (", opName(layer.op), ")");
      }
    }
    graph_.layers = std::move(written_);
    graph_.compact();
    return {};
  }

 private:
  Versions& versions(TensorId id) { return versions_[static_cast<size_t>(id)]; }
  const QuantParams& params(TensorId id) const { return *plan_.params[static_cast<size_t>(id)]; }

  void addConversion(OpType op, TensorId of, TensorId from, TensorId to) {
    const std::string name = concat(graph_.tensor(of).name, '/', opName(op));
    written_.push_back({graph_.uniqueLayerName(name), op, defaultAttributes(op), {from}, {to}});
  }

  TensorId addInt8Tensor(TensorId of, const QuantParams& quant) {
    const Tensor& tensor = graph_.tensor(of);
    return graph_.addTensor({concat(tensor.name, "/s8"), DType::s8, tensor.shape, quant, {}});
  }

  TensorId floatVersion(TensorId id) {
    if (id == kNoTensor) return id;
    if (versions(id).f32 == kNoTensor) {
      const Tensor& tensor = graph_.tensor(id);
      versions(id).f32 =
          graph_.addTensor({concat(tensor.name, "/f32"), DType::f32, tensor.shape, {}, {}});
      addConversion(OpType::Dequantize, id, versions(id).s8[0], versions(id).f32);
    }
    return versions(id).f32;
  }

  TensorId int8Version(TensorId id, const QuantParams& quant) {
    for (const TensorId version : versions(id).s8) {
      if (*graph_.tensor(version).quant == quant) return version;
    }
    const TensorId added = addInt8Tensor(id, quant);
    if (versions(id).madeInt8) {
      addConversion(OpType::Requantize, id, versions(id).s8[0], added);
    } else {
      addConversion(OpType::Quantize, id, versions(id).f32, added);
    }
    versions(id).s8.push_back(added);
    return added;
  }

  // A constant where a layer reads activations.
  Result<TensorId> int8Constant(TensorId id, const QuantParams& quant) {
    const auto values = graph_.tensor(id).constantView().as<float>();
    QRT_RETURN_IF_ERROR(checkFinite(*values, "constant"));
    std::vector<int8_t> integers(values->size());
    quantizeValues(*values, quant, integers);
    const Tensor& tensor = graph_.tensor(id);
    const TensorId added = graph_.addConstant<int8_t>(concat(tensor.name, "/s8"),
                                                      Shape(tensor.shape), integers);
    graph_.tensor(added).quant = quant;
    return added;
  }

  // Parameters of a constant for a layer that lets it have its own: 8 bits over its range; of a matrix
  // symmetric, as kernels want it.
  QuantParams ownParams(OpType op, TensorId id) const {
    ActivationQuantParams bits;
    bits.asymmetric = op != OpType::MatMul;
    return paramsForRange(rangeOf(graph_.tensor(id)), bits);
  }

  Status writeInt8Layer(Layer& layer, const WeightQuantParams& weight) {
    QRT_RETURN_IF_ERROR(checkSums(layer));
    if (layer.op == OpType::Pad && layer.input(2) == kNoTensor) {  // 0, which the integer 0 may not be
      layer.inputs.resize(3, kNoTensor);
      layer.inputs[2] = graph_.addConstant<float>(concat(layer.name, "_value"), Shape(), {{0.0f}});
    }
    const std::vector<size_t> slots = activationSlots(layer);
    const QuantParams& out = params(layer.outputs[0]);
    for (size_t slot = 0; slot < layer.inputs.size(); ++slot) {
      TensorId& id = layer.inputs[slot];
      const bool isActivation = std::find(slots.begin(), slots.end(), slot) != slots.end();
      if (!isActivation) {
        id = floatVersion(id);
      } else if (graph_.constant(id) != nullptr) {
        const QuantParams quant = movesBytes(layer) ? out : ownParams(layer.op, id);
        QRT_ASSIGN_OR_RETURN(id, int8Constant(id, quant));
      } else {
        id = int8Version(id, movesBytes(layer) ? out : params(id));
      }
    }
    if (hasWeights(layer.op)) QRT_RETURN_IF_ERROR(writeWeights(layer, weight));
    std::vector<std::pair<TensorId, TensorId>> dequantized;
    for (TensorId& id : layer.outputs) {
      if (id != kNoTensor) id = int8Output(id, dequantized);
    }
    written_.push_back(std::move(layer));
    for (const auto& [original, made] : dequantized) {
      addConversion(OpType::Dequantize, original, made, original);
    }
    return {};
  }

  // The tensor that an int8 layer makes: the original, now s8, unless the graph must give it out as f32.
  TensorId int8Output(TensorId id, std::vector<std::pair<TensorId, TensorId>>& dequantized) {
    TensorId made = id;
    if (graph_.isOutput(id)) {
      made = addInt8Tensor(id, params(id));
      dequantized.emplace_back(id, made);
    } else {
      graph_.tensor(id).dtype = DType::s8;
      graph_.tensor(id).quant = params(id);
      versions(id).f32 = kNoTensor;
    }
    versions(id).s8 = {made};
    versions(id).madeInt8 = true;
    return made;
  }

  Status writeWeights(Layer& layer, const WeightQuantParams& params) {
    const Tensor weights = graph_.tensor(layer.inputs[1]);
    const TensorId biasId = layer.input(2);
    std::span<const float> bias;
    if (biasId != kNoTensor) bias = *graph_.tensor(biasId).constantView().as<float>();
    const float inputScale = graph_.tensor(layer.inputs[0]).quant->scales[0];
    const WeightRows rows{*weights.constantView().as<float>(),
                          static_cast<size_t>(weights.shape[0])};
    QRT_ASSIGN_OR_RETURN(const Int8Weights made,
                         makeInt8Weights(rows, bias, inputScale, params));
    const auto quantOf = [](std::vector<float> scales) {
      const int axis = scales.size() == 1 ? -1 : 0;
      std::vector<int32_t> zeros(scales.size(), 0);
      return QuantParams{std::move(scales), std::move(zeros), axis};
    };
    layer.inputs[1] =
        graph_.addConstant<int8_t>(concat(weights.name, "/s8"), weights.shape, made.values);
    graph_.tensor(layer.inputs[1]).quant = quantOf(made.scales);
    if (biasId == kNoTensor) return {};
    std::vector<float> biasScales;
    for (const float scale : made.scales) {
      biasScales.push_back(static_cast<float>(double{inputScale} * scale));
    }
    const Shape shape = graph_.tensor(biasId).shape;
    layer.inputs[2] = graph_.addConstant<int32_t>(concat(graph_.tensor(biasId).name, "/s32"), shape,
                                                  made.bias);
    graph_.tensor(layer.inputs[2]).quant = quantOf(std::move(biasScales));
    return {};
  }

  // Of a MatMul of two activations; layers with weights are checked where these are made.
  Status checkSums(const Layer& layer) const {
    if (layer.op != OpType::MatMul) return {};
    const Shape& shape = graph_.tensor(layer.inputs[0]).shape;
    const int64_t products = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
    if (sumFits(products, 255, 255)) return {};
    return invalidArgument("it sums ", products, " products of activations, more than fit 32 bits: "
                           "it must stay float (quant_enable false)");
  }

  Graph& graph_;
  const Int8Plan& plan_;
  std::vector<Versions> versions_;  // by tensor of the float graph
  std::vector<Layer> written_;
};

}  // namespace

Result<Graph> writeInt8(Graph graph, const Int8Plan& plan) {
  QRT_RETURN_IF_ERROR(Int8Writer(graph, plan).run());
  return graph;
}

}  // namespace qrt
