#include "conformance_backend/run_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/aligned_buffer.h"
#include "conformance_backend/cases.h"
#include "graph/attribute_io.h"
#include "graph/op.h"
#include "support/guarded_buffer.h"

namespace qrt::test {
namespace {

const QuantParams* quantOf(const Tensor& tensor) { return tensor.quant ? &*tensor.quant : nullptr; }

// The views of a layer's inputs: constants where they are, others in `inputs`, by graph input.
template <class Buffer>
std::vector<ConstTensorView> views(const Graph& graph, const std::vector<Buffer>& inputs) {
  std::vector<ConstTensorView> result;
  for (const TensorId id : graph.layers[0].inputs) {
    if (id == kNoTensor) {
      result.emplace_back();
      continue;
    }
    const Tensor& tensor = graph.tensor(id);
    if (tensor.isConstant()) {
      result.push_back(tensor.constantView());
      continue;
    }
    const auto at = std::find(graph.inputs.begin(), graph.inputs.end(), id) - graph.inputs.begin();
    result.emplace_back(tensor.dtype, tensor.shape, inputs[static_cast<size_t>(at)].data(), quantOf(tensor));
  }
  return result;
}

size_t bytesOf(const Tensor& tensor) {
  return static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
}

// `outputs` by output of the layer.
template <class Buffer>
std::vector<TensorView> outputViews(const Graph& graph, std::vector<Buffer>& outputs) {
  std::vector<TensorView> result;
  for (const TensorId id : graph.layers[0].outputs) {
    const Tensor& tensor = graph.tensor(id);
    outputs.emplace_back(bytesOf(tensor));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& tensor = graph.tensor(graph.layers[0].outputs[i]);
    result.push_back({tensor.dtype, tensor.shape, outputs[i].data(), quantOf(tensor)});
  }
  return result;
}

}  // namespace

Result<CompiledCase> compileCase(const Backend& backend, const Graph& graph) {
  CompiledCase compiled{std::make_shared<const Graph>(graph), std::make_shared<WeightCache>(), nullptr};
  QRT_ASSIGN_OR_RETURN(const IsaLevel isa, activeIsa());
  const Layer& layer = compiled.graph->layers[0];
  const int index = 0;
  QRT_ASSIGN_OR_RETURN(compiled.program,
                       backend.compile({*compiled.graph, {&index, 1}, isa, 1, *compiled.weights, 0,
                                        layer.inputs, layer.outputs}));
  return compiled;
}

Result<std::vector<Bytes>> CompiledCase::run(const std::vector<Bytes>& inputs) const {
  std::vector<GuardedBuffer> given, made;
  for (const Bytes& input : inputs) {
    given.emplace_back(input.size());
    if (!input.empty()) std::memcpy(given.back().data(), input.data(), input.size());
  }
  const std::vector<ConstTensorView> reads = views(*graph, given);
  const std::vector<TensorView> writes = outputViews(*graph, made);
  const AlignedBuffer scratch(program->scratchBytes());
  ThreadPool pool(1);
  QRT_RETURN_IF_ERROR(program->run({reads, writes, {scratch.data(), scratch.size()}, pool}));
  for (const std::vector<GuardedBuffer>* side : {&given, &made}) {
    for (const GuardedBuffer& buffer : *side) {
      if (!buffer.frontIntact()) return internalError("wrote in front of a buffer");
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].empty() && std::memcmp(inputs[i].data(), given[i].data(), inputs[i].size()) != 0) {
      return internalError("wrote to an input");
    }
  }
  std::vector<Bytes> outputs;
  for (const GuardedBuffer& buffer : made) outputs.emplace_back(buffer.data(), buffer.data() + buffer.size());
  return outputs;
}

std::vector<Bytes> inputsFor(const Graph& graph, unsigned seed) {
  std::vector<Bytes> inputs;
  for (const TensorId id : graph.inputs) inputs.push_back(randomValues(graph.tensor(id), seed++));
  return inputs;
}

Result<std::vector<Bytes>> referenceOutputs(const Graph& graph, const std::vector<Bytes>& inputs) {
  std::vector<Bytes> outputs;
  const std::vector<TensorView> writes = outputViews(graph, outputs);
  QRT_RETURN_IF_ERROR(runReference(graph.layers[0], views(graph, inputs), writes));
  return outputs;
}

std::string differenceOf(const Graph& graph, const std::vector<Bytes>& found, const std::vector<Bytes>& wanted) {
  for (size_t o = 0; o < wanted.size(); ++o) {
    const Tensor& tensor = graph.tensor(graph.layers[0].outputs[o]);
    if (found[o] == wanted[o]) continue;
    if (tensor.dtype != DType::f32) {
      const auto at = std::mismatch(wanted[o].begin(), wanted[o].end(), found[o].begin());
      return concat("byte ", at.first - wanted[o].begin(), " of output ", o, " is ", static_cast<int>(*at.second),
                    ", wanted ", static_cast<int>(*at.first));
    }
    const auto* f = reinterpret_cast<const float*>(found[o].data());
    const auto* w = reinterpret_cast<const float*>(wanted[o].data());
    const size_t count = wanted[o].size() / sizeof(float);
    float largest = 0;
    for (size_t i = 0; i < count; ++i) {
      if (std::isfinite(w[i])) largest = std::max(largest, std::abs(w[i]));
    }
    for (size_t i = 0; i < count; ++i) {
      const bool same = f[i] == w[i] || (std::isnan(f[i]) && std::isnan(w[i]));
      if (!same && !(std::abs(f[i] - w[i]) <= 1e-4f * largest)) {
        return concat("element ", i, " of output ", o, " is ", f[i], ", wanted ", w[i]);
      }
    }
  }
  return "";
}

std::string describeCase(const Graph& graph) {
  const Layer& layer = graph.layers[0];
  std::string text = concat(opName(layer.op));
  for (const TensorId id : layer.inputs) {
    if (id == kNoTensor) {
      text += " -";
    } else {
      text += concat(' ', dtypeName(graph.tensor(id).dtype), '[', graph.tensor(id).shape.toString(), ']');
    }
  }
  return concat(text, ' ', attributesText(layer.op, layer.attributes));
}

}  // namespace qrt::test
