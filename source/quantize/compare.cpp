// A float model beside its int8 model: both run as they are written, every layer of the int8 model also by
// itself on the float model's values.
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "quantize/error_sums.h"
#include "quantize/graph_runner.h"
#include "quantize/layer_runner.h"
#include "quantize/prepare_graph.h"
#include "quantize/twins.h"

namespace qrt {
namespace {

// The graph whose tensors the int8 model's stand for.
Result<Graph> floatGraph(const Model& reference, const Model& quantized) {
  Recipe recipe;
  const auto& metadata = quantized.metadata();
  if (const auto found = metadata.find("recipe"); found != metadata.end()) {
    auto read = Recipe::fromJson(found->second, reference, "the int8 model's recipe");
    if (!read.ok()) return annotate(read.status(), "the models do not belong together");
    recipe = std::move(read).value();
  }
  return prepareGraph(reference, recipe);
}

struct ComparedLayer {
  size_t index = 0;            // in the int8 graph
  TensorId twin = kNoTensor;   // in the float graph, of its first output
  LayerRunner runner;
  std::vector<TensorId> inputTwins;
  ErrorSums cumulative, local;
};

class Comparer {
 public:
  static Result<std::unique_ptr<Comparer>> create(const Model& reference, const Model& quantized) {
    auto comparer = std::make_unique<Comparer>();
    QRT_ASSIGN_OR_RETURN(Graph prepared, floatGraph(reference, quantized));
    QRT_ASSIGN_OR_RETURN(comparer->float_, GraphRunner::create(makeModel(std::move(prepared))));
    QRT_ASSIGN_OR_RETURN(comparer->int8_, GraphRunner::create(quantized));
    QRT_RETURN_IF_ERROR(comparer->checkSame(comparer->float_->inputs(), comparer->int8_->inputs(),
                                            "inputs"));
    QRT_RETURN_IF_ERROR(comparer->checkSame(comparer->float_->outputs(),
                                            comparer->int8_->outputs(), "outputs"));
    QRT_RETURN_IF_ERROR(comparer->prepareLayers());
    return comparer;
  }

  std::vector<TensorView> inputs() {
    std::vector<TensorView> views;
    for (size_t i = 0; i < float_->inputs().size(); ++i) views.push_back(*float_->input(i));
    return views;
  }

  // What the float model's inputs hold is one sample.
  Status addSample() {
    QRT_RETURN_IF_ERROR(float_->run([&](const std::string& name, const ConstTensorView& view) {
      const auto* bytes = static_cast<const std::byte*>(view.data);
      values_[static_cast<size_t>(floatIds_.at(name))].assign(bytes, bytes + view.bytes());
      return Status();
    }));
    for (size_t i = 0; i < int8_->inputs().size(); ++i) {
      QRT_ASSIGN_OR_RETURN(const TensorView to, int8_->input(i));
      QRT_ASSIGN_OR_RETURN(const TensorView from, float_->input(i));
      std::memcpy(to.data, from.data, to.bytes());
    }
    QRT_RETURN_IF_ERROR(int8_->run([&](const std::string& name, const ConstTensorView& view) {
      if (const auto layer = byOutput_.find(name); layer != byOutput_.end()) {
        add(layers_[layer->second].cumulative, layers_[layer->second].twin, view);
      }
      return Status();
    }));
    for (size_t i = 0; i < outputs_.size(); ++i) {
      QRT_ASSIGN_OR_RETURN(const ConstTensorView wanted, float_->output(i));
      QRT_ASSIGN_OR_RETURN(const ConstTensorView found, int8_->output(i));
      if (found.dtype == DType::f32) outputs_[i].add(*wanted.as<float>(), *found.as<float>());
    }
    for (ComparedLayer& layer : layers_) QRT_RETURN_IF_ERROR(runLocally(layer));
    return {};
  }

  Comparison result(size_t samples) const {
    Comparison comparison;
    comparison.samples = samples;
    for (const ComparedLayer& layer : layers_) {
      const Layer& described = int8_->graph().layers[layer.index];
      comparison.layers.push_back({described.name, std::string(opName(described.op)),
                                   layer.local.sqnrDb(), layer.cumulative.sqnrDb(),
                                   layer.cumulative.cosine(), layer.cumulative.saturation()});
    }
    for (size_t i = 0; i < outputs_.size(); ++i) {
      LayerError error;
      error.name = int8_->outputs()[i].name;
      error.cumulativeSqnrDb = outputs_[i].sqnrDb();
      error.cosine = outputs_[i].cosine();
      comparison.outputs.push_back(std::move(error));
    }
    return comparison;
  }

 private:
  Status checkSame(const std::vector<TensorInfo>& wanted, const std::vector<TensorInfo>& found,
                   const char* what) {
    bool same = wanted.size() == found.size();
    for (size_t i = 0; same && i < wanted.size(); ++i) {
      same = wanted[i].name == found[i].name && wanted[i].dtype == found[i].dtype &&
             wanted[i].shape == found[i].shape;
    }
    if (same) return {};
    return invalidArgument("the models do not belong together: they have other ", what);
  }

  Status prepareLayers() {
    const Graph& graph = int8_->graph();
    floatIds_ = tensorsByName(float_->graph());
    values_.resize(float_->graph().tensors.size());
    outputs_.resize(int8_->outputs().size());
    const std::vector<TensorId> twins = floatTwins(graph, float_->graph());
    const auto twinOf = [&](TensorId id) { return twins[static_cast<size_t>(id)]; };
    for (size_t i = 0; i < graph.layers.size(); ++i) {
      const Layer& layer = graph.layers[i];
      if (!isInt8Layer(graph, layer)) continue;
      ComparedLayer compared{i, twinOf(layer.outputs[0]), {}, {}, {}, {}};
      QRT_RETURN_IF_ERROR(checkTwin(layer, layer.outputs[0], compared.twin));
      QRT_ASSIGN_OR_RETURN(compared.runner, LayerRunner::create(graph, i, 0));
      for (const TensorId id : compared.runner.inputs()) {
        QRT_RETURN_IF_ERROR(checkTwin(layer, id, twinOf(id)));
        compared.inputTwins.push_back(twinOf(id));
      }
      byOutput_[graph.tensor(layer.outputs[0]).name] = layers_.size();
      layers_.push_back(std::move(compared));
    }
    return {};
  }

  Status checkTwin(const Layer& layer, TensorId id, TensorId twin) const {
    const Tensor& tensor = int8_->graph().tensor(id);
    if (twin != kNoTensor && float_->graph().tensor(twin).shape == tensor.shape) return {};
    return invalidArgument("the models do not belong together: the float model has no tensor for '",
                           tensor.name, "' of layer '", layer.name, "'");
  }

  std::span<const float> floats(TensorId twin) const {
    const auto& bytes = values_[static_cast<size_t>(twin)];
    return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
  }

  void add(ErrorSums& sums, TensorId twin, const ConstTensorView& view) const {
    sums.add(floats(twin), *view.as<int8_t>(), *view.quant);
  }

  Status runLocally(ComparedLayer& layer) {
    for (size_t i = 0; i < layer.inputTwins.size(); ++i) {
      QRT_ASSIGN_OR_RETURN(const TensorView to, layer.runner.input(i));
      if (to.dtype == DType::s8 && to.quant != nullptr) {
        quantizeValues(floats(layer.inputTwins[i]), *to.quant, *to.as<int8_t>());
      } else {
        std::memcpy(to.data, values_[static_cast<size_t>(layer.inputTwins[i])].data(), to.bytes());
      }
    }
    QRT_RETURN_IF_ERROR(layer.runner.run());
    QRT_ASSIGN_OR_RETURN(const ConstTensorView made, layer.runner.output(0));
    add(layer.local, layer.twin, made);
    return {};
  }

  std::unique_ptr<GraphRunner> float_, int8_;
  std::map<std::string, TensorId> floatIds_;
  std::vector<std::vector<std::byte>> values_;  // of the last sample, by tensor of the float graph
  std::vector<ComparedLayer> layers_;
  std::map<std::string, size_t> byOutput_;  // index in layers_, by tensor of the int8 graph
  std::vector<ErrorSums> outputs_;
};

Result<Comparison> compareModels(const Model& reference, const Model& quantized,
                                 const SampleSource& samples, size_t maxSamples,
                                 const ProgressCallback& progress) {
  if (!samples) return invalidArgument("no samples to compare with");
  QRT_ASSIGN_OR_RETURN(const auto comparer, Comparer::create(reference, quantized));
  const std::vector<TensorView> inputs = comparer->inputs();
  size_t done = 0;
  for (; maxSamples == 0 || done < maxSamples; ++done) {
    QRT_ASSIGN_OR_RETURN(const bool more, samples(done, inputs));
    if (!more) break;
    QRT_RETURN_IF_ERROR(annotate(comparer->addSample(), "sample ", done));
    if (progress && !progress(done + 1, maxSamples)) return Status(StatusCode::failed, "stopped");
  }
  if (done == 0) return invalidArgument("no samples to compare with: the data is empty");
  return comparer->result(done);
}

}  // namespace

Result<Comparison> compare(const Model& reference, const Model& quantized,
                           const SampleSource& samples, size_t maxSamples,
                           const ProgressCallback& progress) {
  return catchOutOfMemory(
      [&] { return compareModels(reference, quantized, samples, maxSamples, progress); });
}

}  // namespace qrt
