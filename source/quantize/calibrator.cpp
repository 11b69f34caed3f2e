// Calibrator: runs the prepared float graph and counts what each of its f32 tensors holds.
#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "qrt/quantize.h"
#include "quantize/graph_runner.h"
#include "quantize/prepare_graph.h"
#include "quantize/recipe.h"
#include "quantize/statistics.h"
#include "quantize/value_range.h"

namespace qrt {

struct Calibrator::State {
  std::unique_ptr<GraphRunner> runner;
  Statistics::Data data;
  uint64_t nextSample = 0;
  uint64_t endSample = 0;  // of the recipe's batch_num; 0: none

  /// What one feed() has added, so that it can be taken back.
  struct Seen {
    TensorHistogram* histogram;
    SampleRange range;
  };
  Status observe(std::vector<Seen>& seen);
  void takeBack(const std::vector<Seen>& seen);
};

// Counts as tensors come by. Ranges wait in `seen` until the sample is through.
Status Calibrator::State::observe(std::vector<Seen>& seen) {
  return runner->run([&](const std::string& name, const ConstTensorView& view) -> Status {
    if (view.dtype != DType::f32) return {};
    QRT_ASSIGN_OR_RETURN(const auto values, view.as<float>());
    const auto range = finiteRange(values);
    if (!range) {
      return invalidArgument("tensor '", name, "' has NaN or infinite values in sample ", nextSample,
                             ", wanted finite ones");
    }
    TensorHistogram& histogram = data.tensors[name];
    histogram.add(values);
    seen.push_back({&histogram, {nextSample, range->min, range->max}});
    return {};
  });
}

// The same run gives the same values, so they need not be kept while it goes on.
void Calibrator::State::takeBack(const std::vector<Seen>& seen) {
  size_t done = 0;
  const Status stopped =
      runner->run([&](const std::string&, const ConstTensorView& view) -> Status {
        if (done == seen.size()) return internalError("all taken back");
        if (view.dtype == DType::f32) seen[done++].histogram->remove(*view.as<float>());
        return {};
      });
  QRT_CHECK(done == seen.size());
}

Result<Calibrator> Calibrator::create(const Model& model, const Recipe& recipe,
                                      const CalibratorOptions& options) {
  return catchOutOfMemory([&]() -> Result<Calibrator> {
    if (options.threads < 0) {
      return invalidArgument("threads is ", options.threads, ", wanted 0 (one per core) or more");
    }
    QRT_RETURN_IF_ERROR(resolveRecipe(model, recipe).status());
    QRT_ASSIGN_OR_RETURN(Graph graph, prepareGraph(model, recipe));
    auto state = std::make_unique<State>();
    QRT_ASSIGN_OR_RETURN(state->runner, GraphRunner::create(makeModel(std::move(graph)),
                                                            options.inputShapes, options.threads));
    state->data.model = model.name();
    state->data.fingerprint = calibrationFingerprint(model, recipe);
    state->nextSample = options.firstSample;
    state->endSample = static_cast<uint64_t>(recipe.batchNum);
    return Calibrator(std::move(state));
  });
}

Calibrator::Calibrator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Calibrator::Calibrator(Calibrator&&) noexcept = default;
Calibrator& Calibrator::operator=(Calibrator&&) noexcept = default;
Calibrator::~Calibrator() = default;

const std::vector<TensorInfo>& Calibrator::inputs() const { return state_->runner->inputs(); }

Result<TensorView> Calibrator::input(size_t index) { return state_->runner->input(index); }

Status Calibrator::feed() {
  return catchOutOfMemory([&]() -> Status {
    State& state = *state_;
    if (state.endSample != 0 && state.nextSample >= state.endSample) return {};
    std::vector<State::Seen> seen;
    if (Status status = state.observe(seen); !status.ok()) {
      state.takeBack(seen);
      return status;
    }
    for (const State::Seen& tensor : seen) tensor.histogram->addSample(tensor.range);
    state.data.samples.push_back(state.nextSample++);
    return {};
  });
}

Result<Statistics> Calibrator::statistics() const {
  return catchOutOfMemory([&]() -> Result<Statistics> {
    if (state_->data.samples.empty()) {
      return invalidArgument("no data: feed() took no sample, wanted at least one");
    }
    return Statistics(std::make_shared<const Statistics::Data>(state_->data));
  });
}

}  // namespace qrt
