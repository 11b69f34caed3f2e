#include "quantize/sample_chain.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "passes/passes.h"
#include "quantize/layer_runner.h"
#include "runtime/share_memory.h"

namespace qrt {

Result<SampleChain> SampleChain::create(Graph graph, int threads) {
  SampleChain chain;
  chain.graph_ = std::move(graph);
  chain.threads_ = threads;
  QRT_RETURN_IF_ERROR(specializeAsWritten(chain.graph_, {}));
  chain.lastUse_.assign(chain.graph_.tensors.size(), 0);
  for (size_t i = 0; i < chain.graph_.layers.size(); ++i) {
    const auto use = [&](TensorId id) {
      if (id != kNoTensor) chain.lastUse_[static_cast<size_t>(id)] = i;
    };
    const Layer& layer = chain.graph_.layers[i];
    std::for_each(layer.inputs.begin(), layer.inputs.end(), use);
    std::for_each(layer.outputs.begin(), layer.outputs.end(), use);
  }
  return chain;
}

size_t SampleChain::layer(const std::string& name) const {
  const auto found = std::find_if(graph_.layers.begin(), graph_.layers.end(),
                                  [&](const Layer& layer) { return layer.name == name; });
  QRT_CHECK(found != graph_.layers.end());
  return static_cast<size_t>(found - graph_.layers.begin());
}

size_t SampleChain::bytesPerSample() const {
  size_t live = 0, most = 0;
  for (const TensorId id : graph_.inputs) live += tensorBytes(graph_.tensor(id));
  for (size_t i = 0; i < graph_.layers.size(); ++i) {
    for (const TensorId id : graph_.layers[i].outputs) {
      if (id != kNoTensor) live += tensorBytes(graph_.tensor(id));
    }
    most = std::max(most, live);
    for (size_t t = 0; t < lastUse_.size(); ++t) {
      if (lastUse_[t] == i && !graph_.tensors[t].isConstant()) live -= std::min(live, tensorBytes(graph_.tensors[t]));
    }
  }
  return most;
}

std::vector<TensorView> SampleChain::addSample() {
  auto& sample = values_.emplace_back(graph_.tensors.size());
  std::vector<TensorView> views;
  for (const TensorId id : graph_.inputs) {
    const Tensor& tensor = graph_.tensor(id);
    auto& bytes = sample[static_cast<size_t>(id)];
    bytes.resize(tensorBytes(tensor));
    views.push_back({tensor.dtype, tensor.shape, bytes.data(), nullptr});
  }
  return views;
}

Status SampleChain::run(size_t layer) {
  if (layer + 1 == next_) return runLayer(layer);
  for (; next_ <= layer; ++next_) {
    forget(next_);
    QRT_RETURN_IF_ERROR(runLayer(next_));
  }
  return {};
}

void SampleChain::forget(size_t before) {
  for (auto& sample : values_) {
    for (size_t t = 0; t < sample.size(); ++t) {
      if (lastUse_[t] < before) std::vector<std::byte>().swap(sample[t]);
    }
  }
}

Status SampleChain::runLayer(size_t layer) {
  QRT_ASSIGN_OR_RETURN(LayerRunner runner, LayerRunner::create(graph_, layer, threads_));
  for (auto& sample : values_) {
    for (size_t i = 0; i < runner.inputs().size(); ++i) {
      QRT_ASSIGN_OR_RETURN(const TensorView to, runner.input(i));
      std::memcpy(to.data, sample[static_cast<size_t>(runner.inputs()[i])].data(), to.bytes());
    }
    QRT_RETURN_IF_ERROR(runner.run());
    size_t made = 0;
    for (const TensorId id : graph_.layers[layer].outputs) {
      if (id == kNoTensor) continue;
      QRT_ASSIGN_OR_RETURN(const ConstTensorView from, runner.output(made++));
      const auto* bytes = static_cast<const std::byte*>(from.data);
      sample[static_cast<size_t>(id)].assign(bytes, bytes + from.bytes());
    }
  }
  return {};
}

}  // namespace qrt
