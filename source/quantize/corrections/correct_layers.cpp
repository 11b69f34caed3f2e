#include "quantize/corrections/correct_layers.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "quantize/corrections/correct_bias.h"
#include "quantize/corrections/round_layer.h"
#include "quantize/eligible.h"
#include "quantize/twins.h"

namespace qrt {
namespace {

constexpr size_t kMostBytes = size_t{512} << 20;

// Fills both chains with the same samples.
Status loadSamples(const QuantizeOptions& options, SampleChain& reference, SampleChain& int8) {
  const size_t each = reference.bytesPerSample() + int8.bytesPerSample();
  const size_t most = std::clamp<size_t>(kMostBytes / std::max<size_t>(each, 1), 1, options.maxSamples);
  for (size_t index = 0; index < most; ++index) {
    const std::vector<TensorView> inputs = reference.addSample();
    QRT_ASSIGN_OR_RETURN(const bool more, options.samples(index, inputs));
    if (!more) {
      reference.dropLastSample();
      break;
    }
    const std::vector<TensorView> copies = int8.addSample();
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto* bytes = static_cast<const std::byte*>(inputs[i].data);
      std::copy(bytes, bytes + inputs[i].bytes(), static_cast<std::byte*>(copies[i].data));
    }
  }
  if (reference.samples() > 0) return {};
  return invalidArgument("AdaRound and bias correction need samples: the data is empty");
}

bool usesAdaRound(const Recipe& recipe, const std::string& layer) {
  const auto found = recipe.layers.find(layer);
  return found != recipe.layers.end() && found->second.weight.algorithm == WeightAlgorithm::adaRound;
}

// The corrected constants of a layer of the chain's graph, whose shapes are known, into the graph it is a
// copy of.
void takeConstants(const Graph& from, const Layer& layer, Graph& to) {
  const auto copy = std::find_if(to.layers.begin(), to.layers.end(),
                                 [&](const Layer& other) { return other.name == layer.name; });
  for (const size_t slot : {size_t{1}, size_t{2}}) {
    if (layer.input(slot) == kNoTensor) continue;
    to.tensor(copy->inputs[slot]).constant = from.tensor(layer.inputs[slot]).constant;
  }
}

}  // namespace

bool wantsCorrections(const Recipe& recipe) {
  return recipe.biasCorrection ||
         std::any_of(recipe.layers.begin(), recipe.layers.end(), [](const auto& layer) {
           return layer.second.quantEnable &&
                  layer.second.weight.algorithm == WeightAlgorithm::adaRound;
         });
}

Status correctLayers(const Graph& prepared, const Recipe& recipe, const QuantizeOptions& options,
                     Graph& int8) {
  if (!options.samples || options.maxSamples == 0) {
    return invalidArgument("AdaRound and bias correction need samples, wanted QuantizeOptions::samples");
  }
  QRT_ASSIGN_OR_RETURN(SampleChain reference, SampleChain::create(prepared, options.threads));
  QRT_ASSIGN_OR_RETURN(SampleChain chain, SampleChain::create(int8, options.threads));
  QRT_RETURN_IF_ERROR(loadSamples(options, reference, chain));
  ThreadPool pool(options.threads);
  const size_t layers = chain.graph().layers.size();
  for (size_t i = 0; i < layers; ++i) {
    const Layer& layer = chain.graph().layers[i];
    QRT_RETURN_IF_ERROR(chain.run(i));
    if (hasWeights(layer.op) && isInt8Layer(chain.graph(), layer)) {
      const LayerPair pair{reference, reference.layer(layer.name), chain, i};
      QRT_RETURN_IF_ERROR(reference.run(pair.referenceLayer));
      if (usesAdaRound(recipe, layer.name)) {
        QRT_RETURN_IF_ERROR(roundLayer(pair, recipe.layers.at(layer.name).weight, pool));
      }
      if (recipe.biasCorrection) {
        const auto corrected = correctBias(pair);
        if (!corrected.ok()) return corrected.status();
      }
      takeConstants(chain.graph(), layer, int8);
    }
    if (options.progress && !options.progress(i + 1, layers)) return {StatusCode::failed, "stopped"};
  }
  return {};
}

}  // namespace qrt
