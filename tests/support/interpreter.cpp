#include "support/interpreter.h"

#include <algorithm>

#include "base/aligned_buffer.h"
#include "graph/op.h"

namespace qrt::test {
namespace {

ConstantData allocate(const Tensor& tensor) {
  const size_t bytes = static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
  auto buffer = std::make_shared<AlignedBuffer>(std::max<size_t>(bytes, 1));
  const std::span<const std::byte> span(buffer->data(), bytes);
  return {std::move(buffer), span};
}

Status runLayer(Graph& graph, Layer& layer) {
  InferContext ctx(graph, layer);
  QRT_RETURN_IF_ERROR(opDef(layer.op).infer(ctx));
  std::vector<ConstTensorView> inputs;
  for (const TensorId id : layer.inputs) {
    inputs.push_back(id == kNoTensor ? ConstTensorView() : graph.tensor(id).constantView());
  }
  std::vector<TensorView> outputs;
  for (const TensorId id : layer.outputs) {
    if (id == kNoTensor) {
      outputs.emplace_back();
      continue;
    }
    Tensor& tensor = graph.tensor(id);
    if (!tensor.shape.known()) {
      return internalError("'", tensor.name, "' has shape ", tensor.shape.toString(),
                           " though all inputs are known");
    }
    tensor.constant = allocate(tensor);
    outputs.push_back({tensor.dtype, tensor.shape,
                       const_cast<std::byte*>(tensor.constant->bytes.data()),
                       tensor.quant ? &*tensor.quant : nullptr});
  }
  return runReference(layer, inputs, outputs);
}

}  // namespace

// What has been computed becomes a constant, so that shape rules see the values they need.
Result<std::vector<Tensor>> interpret(Graph graph, std::span<const Tensor> inputs) {
  for (const TensorId id : graph.inputs) {
    Tensor& input = graph.tensor(id);
    const auto given = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const Tensor& t) { return t.name == input.name; });
    if (given == inputs.end()) return notFound("no value for input '", input.name, "'");
    input.shape = given->shape;
    input.constant = given->constant;
  }
  for (Layer& layer : graph.layers) {
    QRT_RETURN_IF_ERROR(annotate(runLayer(graph, layer), "layer '", layer.name, "'"));
  }
  std::vector<Tensor> outputs;
  for (const TensorId id : graph.outputs) outputs.push_back(graph.tensor(id));
  return outputs;
}

}  // namespace qrt::test
