// Session: the pipeline's results behind the public API. A call that prepares again makes everything
// anew and swaps it in at the end, so that a failure changes nothing.
#include "qrt/session.h"

#include <algorithm>

#include "backends/backend.h"
#include "base/closest.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "runtime/input_output.h"
#include "runtime/prepare.h"
#include "runtime/profile.h"

namespace qrt {

struct Session::State {
  State(const Model& m, int threads) : model(m), pool(threads) {}

  Model model;
  ThreadPool pool;
  PrepareOptions options;
  Prepared prepared;
  InputsOutputs io;

  const Execution& execution() const { return *prepared.execution; }
  void connect() { prepared.execution->connect(io.memory()); }
  Status reshape(PrepareOptions next);
  Status rebind(const Status& status);
};

namespace {

Result<const Backend*> backendNamed(std::string_view name) {
  if (const Backend* backend = findBackend(name)) return backend;
  std::vector<std::string> names;
  for (const Backend* backend : builtInBackends()) names.emplace_back(backend->name());
  return notFound("no backend is named '", name, "'", suggestNames(name, names));
}

// A layer may be pinned by the name it has in the model, even if preparing folds it away, or by the name
// of a layer that preparing makes.
Status checkLayer(std::string_view name, const Graph& model, const Graph& prepared) {
  std::vector<std::string> names;
  for (const Graph* graph : {&prepared, &model}) {
    for (const Layer& layer : graph->layers) {
      if (layer.name == name) return {};
      if (graph == &prepared) names.push_back(layer.name);
    }
  }
  return notFound("no layer is named '", name, "'", suggestNames(name, names));
}

Result<PlacementPolicy> policyOf(const SessionOptions& options) {
  PlacementPolicy policy;
  const auto add = [&](const Backend* backend) {
    if (std::find(policy.priority.begin(), policy.priority.end(), backend) ==
        policy.priority.end()) {
      policy.priority.push_back(backend);
    }
  };
  for (const std::string& name : options.backends) {
    QRT_ASSIGN_OR_RETURN(const Backend* backend, backendNamed(name));
    add(backend);
  }
  if (options.backends.empty()) {
    for (const Backend* backend : builtInBackends()) add(backend);
  }
  add(findBackend("reference"));
  for (const auto& [layer, name] : options.layerBackends) {
    const auto backend = backendNamed(name);
    if (!backend.ok()) return annotate(backend.status(), "layer '", layer, "'");
    policy.pins[layer] = *backend;
  }
  return policy;
}

}  // namespace

// Prepares for other input shapes; inputs and outputs start anew.
Status Session::State::reshape(PrepareOptions next) {
  QRT_ASSIGN_OR_RETURN(Prepared fresh, prepare(model.data(), next));
  QRT_ASSIGN_OR_RETURN(InputsOutputs memory, InputsOutputs::create(fresh.execution->graph(), model.data().graph));
  options = std::move(next);
  prepared = std::move(fresh);
  io = std::move(memory);
  connect();
  return {};
}

Status Session::State::rebind(const Status& status) {
  if (status.ok()) connect();
  return status;
}

Result<Session> Session::create(const Model& model, const SessionOptions& options) {
  return catchOutOfMemory([&]() -> Result<Session> {
    if (options.threads < 0) {
      return invalidArgument("threads is ", options.threads, ", wanted 0 (one per core) or more");
    }
    if (!(options.winogradError >= 0)) {
      return invalidArgument("winogradError is ", options.winogradError, ", wanted 0 or more");
    }
    const Result<IsaLevel>& isa = activeIsa();
    if (!isa.ok()) return isa.status();
    QRT_ASSIGN_OR_RETURN(PlacementPolicy policy, policyOf(options));

    auto state = std::make_unique<State>(model, options.threads);
    QRT_RETURN_IF_ERROR(state->reshape({options.inputShapes, std::move(policy), *isa,
                                        state->pool.threads(), options.winogradError,
                                        options.profiling}));
    for (const auto& [layer, backend] : options.layerBackends) {
      QRT_RETURN_IF_ERROR(checkLayer(layer, model.data().graph, state->execution().graph()));
    }
    return Session(std::move(state));
  });
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

const std::vector<TensorInfo>& Session::inputs() const { return state_->io.inputs(); }
const std::vector<TensorInfo>& Session::outputs() const { return state_->io.outputs(); }

Result<TensorView> Session::input(size_t index) { return state_->io.input(index); }

Result<TensorView> Session::input(std::string_view name) {
  QRT_ASSIGN_OR_RETURN(const size_t index, state_->io.inputIndex(name));
  return input(index);
}

Result<ConstTensorView> Session::output(size_t index) const { return state_->io.output(index); }

Result<ConstTensorView> Session::output(std::string_view name) const {
  QRT_ASSIGN_OR_RETURN(const size_t index, state_->io.outputIndex(name));
  return output(index);
}

Status Session::bindInput(std::string_view name, const ConstTensorView& view) {
  return catchOutOfMemory([&]() -> Status {
    QRT_ASSIGN_OR_RETURN(const size_t index, state_->io.inputIndex(name));
    return bindInput(index, view);
  });
}

Status Session::bindInput(size_t index, const ConstTensorView& view) {
  return catchOutOfMemory([&] { return state_->rebind(state_->io.bindInput(index, view)); });
}

Status Session::bindOutput(std::string_view name, const TensorView& view) {
  return catchOutOfMemory([&]() -> Status {
    QRT_ASSIGN_OR_RETURN(const size_t index, state_->io.outputIndex(name));
    return bindOutput(index, view);
  });
}

Status Session::bindOutput(size_t index, const TensorView& view) {
  return catchOutOfMemory([&] { return state_->rebind(state_->io.bindOutput(index, view)); });
}

Status Session::resizeInput(std::string_view name, const Shape& shape) {
  return resizeInputs({{std::string(name), shape}});
}

Status Session::resizeInputs(const std::map<std::string, Shape>& shapes) {
  return catchOutOfMemory([&]() -> Status {
    PrepareOptions next = state_->options;
    for (const auto& [name, shape] : shapes) next.inputShapes[name] = shape;
    return state_->reshape(std::move(next));
  });
}

Status Session::run() { return state_->prepared.execution->run(state_->pool); }

Status Session::setLayerBackend(std::string_view layer, std::string_view backend) {
  return catchOutOfMemory([&]() -> Status {
    PrepareOptions next = state_->options;
    if (next.policy.pins.count(std::string(layer)) == 0) {
      QRT_RETURN_IF_ERROR(
          checkLayer(layer, state_->model.data().graph, state_->execution().graph()));
    }
    if (backend.empty()) {
      next.policy.pins.erase(std::string(layer));
    } else {
      QRT_ASSIGN_OR_RETURN(next.policy.pins[std::string(layer)], backendNamed(backend));
    }
    // Shapes stay, so inputs and outputs stay where they are, bindings and contents included.
    QRT_ASSIGN_OR_RETURN(Prepared fresh, prepare(state_->model.data(), next));
    state_->options = std::move(next);
    state_->prepared = std::move(fresh);
    state_->connect();
    return {};
  });
}

const Placement& Session::placement() const { return state_->prepared.placement; }

Profile Session::profile() const {
  return makeProfile(state_->execution(), state_->prepared.placement, state_->options.profiling);
}

void Session::resetProfile() { state_->prepared.execution->recorder().reset(); }

MemoryUse Session::memory() const {
  MemoryUse use = state_->execution().memory();
  use.inputsOutputs = state_->io.ownBytes();
  return use;
}

std::vector<LayerInfo> Session::layers() const {
  const Graph& graph = state_->execution().graph();
  std::vector<LayerInfo> infos;
  for (const Layer& layer : graph.layers) infos.push_back(describeLayer(graph, layer));
  return infos;
}

int Session::threads() const { return state_->pool.threads(); }

}  // namespace qrt
