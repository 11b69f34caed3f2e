#include "npu_sim/network.h"

namespace npu_sim {
namespace {

// Structs of an older host are shorter; all fields read here are of version 1.
template <class Struct>
const Struct& whole(const Struct* s) {
  if (s == nullptr || s->structSize < sizeof(Struct)) throw Failure(QRT_INVALID_ARGUMENT, "a struct is too short");
  return *s;
}

Tensor copyOf(const QrtTensor& from) {
  Tensor to;
  to.name = from.name;
  to.dtype = from.dtype;
  to.dims.assign(from.dims, from.dims + from.rank);
  for (const int64_t dim : to.dims) to.elements *= dim;
  to.bytes = from.bytes;
  to.constant = from.constant;
  if (from.quantization == nullptr) return to;
  const QrtQuantization& quant = whole(from.quantization);
  to.axis = quant.axis;
  to.scales.assign(quant.scales, quant.scales + quant.count);
  to.zeroPoints.assign(quant.zeroPoints, quant.zeroPoints + quant.count);
  return to;
}

Layer copyOf(const QrtLayer& from) {
  Layer to{from.name, from.op, {}, {from.inputs, from.inputs + from.inputCount},
           {from.outputs, from.outputs + from.outputCount}};
  for (uint64_t i = 0; i < from.attributeCount; ++i) {
    const QrtAttribute& attribute = whole(from.attributes[i]);
    to.attributes[attribute.name] = {{attribute.ints, attribute.ints + attribute.intCount},
                                     {attribute.floats, attribute.floats + attribute.floatCount},
                                     attribute.text};
  }
  return to;
}

}  // namespace

const Attribute& Layer::attribute(const std::string& wanted) const {
  const auto found = attributes.find(wanted);
  if (found == attributes.end()) throw Failure(QRT_INVALID_ARGUMENT, op + " without the attribute '" + wanted + "'");
  return found->second;
}

Network copyOf(const QrtGraph& given) {
  const QrtGraph& graph = whole(&given);
  Network network;
  for (uint64_t i = 0; i < graph.tensorCount; ++i) network.tensors.push_back(copyOf(whole(graph.tensors[i])));
  for (uint64_t i = 0; i < graph.layerCount; ++i) network.layers.push_back(copyOf(whole(graph.layers[i])));
  network.inputs.assign(graph.inputs, graph.inputs + graph.inputCount);
  network.outputs.assign(graph.outputs, graph.outputs + graph.outputCount);
  return network;
}

}  // namespace npu_sim
