#include "import/onnx/builder.h"

#include <algorithm>
#include <memory>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "graph/op.h"

namespace qrt::onnx_import {

std::string Builder::Names::add(std::string_view wanted) {
  std::string name(wanted);
  if (!name.empty() && taken.insert(name).second) return name;
  int& suffix = suffixes[name];
  do {
    name = concat(wanted, '_', ++suffix);
  } while (!taken.insert(name).second);
  return name;
}

Status Builder::define(const std::string& value, TensorId id) {
  if (values_.emplace(value, id).second) return {};
  return corruptData("two nodes, inputs or initializers are named '", value, "'");
}

TensorId Builder::value(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? kNoTensor : found->second;
}

TensorId Builder::addTensor(Tensor tensor) {
  tensor.name = tensorNames_.add(tensor.name);
  return addNamedTensor(std::move(tensor));
}

TensorId Builder::addNamedTensor(Tensor tensor) {
  graph_.tensors.push_back(std::move(tensor));
  producers_.push_back(-1);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

bool Builder::madeOnly(const OpList& list, size_t first) const {
  return std::all_of(graph_.layers.begin() + static_cast<std::ptrdiff_t>(std::min(first, graph_.layers.size())),
                     graph_.layers.end(), [&](const Layer& layer) { return list.allows(layer.op); });
}

const Layer* Builder::producer(TensorId id) const {
  const int layer = id == kNoTensor ? -1 : producers_[static_cast<size_t>(id)];
  return layer < 0 ? nullptr : &graph_.layers[static_cast<size_t>(layer)];
}

Result<std::vector<TensorId>> Builder::addLayer(const std::string& name, OpType op,
                                                Attributes attributes, std::vector<TensorId> inputs,
                                                std::vector<Tensor> outputs, Fold fold) {
  while (!inputs.empty() && inputs.back() == kNoTensor) inputs.pop_back();
  std::vector<TensorId> ids;
  for (Tensor& output : outputs) ids.push_back(addTensor(std::move(output)));

  graph_.layers.push_back({name, op, std::move(attributes), std::move(inputs), ids});
  Layer& layer = graph_.layers.back();
  InferContext ctx(graph_, layer);
  QRT_RETURN_IF_ERROR(opDef(op).infer(ctx));
  for (const TensorId id : ids) QRT_RETURN_IF_ERROR(checkTensor(graph_.tensor(id)));
  if (foldable(layer, fold)) {
    QRT_ASSIGN_OR_RETURN(const bool folded, foldLast());
    if (folded) return ids;
  }
  for (const TensorId id : ids) {
    producers_[static_cast<size_t>(id)] = static_cast<int>(graph_.layers.size() - 1);
  }
  return ids;
}

// Quantize and Dequantize stay: they carry what an int8 backend needs to know of a weight. Results
// larger than what they are made from do too: a file of a few bytes may ask for terabytes.
bool Builder::foldable(const Layer& layer, Fold fold) const {
  if (fold == Fold::never || layer.op == OpType::Quantize || layer.op == OpType::Dequantize) {
    return false;
  }
  int64_t largest = kSmallElements;
  for (const TensorId id : layer.inputs) {
    if (id == kNoTensor) continue;
    const Tensor& input = graph_.tensor(id);
    if (layer.op == OpType::Shape) {
      if (!input.shape.known()) return false;
    } else {
      if (!input.isConstant()) return false;
      largest = std::max(largest, input.shape.elements());
    }
  }
  if (fold == Fold::small && largest > kSmallElements) return false;
  return std::all_of(layer.outputs.begin(), layer.outputs.end(), [&](TensorId id) {
    const auto count = graph_.tensor(id).shape.elementCount();
    return count && *count <= largest;
  });
}

// Makes the outputs of the last layer constants and drops it; false if its reference kernel does
// not do the dtype.
Result<bool> Builder::foldLast() {
  const Layer& layer = graph_.layers.back();
  std::vector<ConstTensorView> inputs;
  for (const TensorId id : layer.inputs) {
    if (id == kNoTensor) {
      inputs.emplace_back();
    } else if (const Tensor& tensor = graph_.tensor(id); tensor.isConstant()) {
      inputs.push_back(tensor.constantView());
    } else {  // the input of a Shape layer
      inputs.emplace_back(tensor.dtype, tensor.shape, nullptr);
    }
  }
  std::vector<ConstantData> results;
  std::vector<TensorView> outputs;
  for (const TensorId id : layer.outputs) {
    const Tensor& tensor = graph_.tensor(id);
    const size_t bytes = static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
    // Never null, so that a kernel can tell an empty output from an absent one.
    auto buffer = std::make_shared<AlignedBuffer>(std::max<size_t>(bytes, 1));
    if (buffer->data() == nullptr) return outOfMemory(bytes, " bytes");
    outputs.push_back({tensor.dtype, tensor.shape, buffer->data()});
    results.push_back({buffer, {buffer->data(), bytes}});
  }
  const Status status = runReference(layer, inputs, outputs);
  if (status.code() == StatusCode::unsupported) return false;
  QRT_RETURN_IF_ERROR(status);
  for (size_t i = 0; i < results.size(); ++i) {
    graph_.tensor(layer.outputs[i]).constant = std::move(results[i]);
  }
  graph_.layers.pop_back();
  return true;
}

}  // namespace qrt::onnx_import
