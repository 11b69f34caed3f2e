// Session: the pipeline's results behind the public API. A call that prepares again makes everything
// anew and swaps it in at the end, so that a failure changes nothing.
#include "qrt/session.h"

#include <algorithm>

#include "backends/backend.h"
#include "base/closest.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "runtime/fault_log.h"
#include "runtime/input_output.h"
#include "runtime/prepare.h"
#include "runtime/profile.h"

namespace qrt {

struct Session::State {
  State(const Model& m, const SessionOptions& o) : model(m), pool(o.threads), faults(o.faults, o.log) {}

  Model model;
  ThreadPool pool;
  FaultLog faults;
  size_t setAside = 0;  // how many backends were when this was prepared
  PrepareOptions options;
  Prepared prepared;
  Kept kept;  // for these input shapes
  InputsOutputs io;

  const Execution& execution() const { return *prepared.execution; }
  void connect() { prepared.execution->connect(io.memory()); }
  void adopt(PrepareOptions next, Prepared fresh);
  Status reshape(PrepareOptions next);
  Status replace(PrepareOptions next, const std::map<std::string, std::string>& unknown);
  Status rebind(const Status& status);
};

namespace {

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

Status checkFaultOptions(const FaultOptions& faults) {
  if (!(faults.runSeconds >= 0 && faults.runSeconds <= 1e6)) {
    return invalidArgument("faults.runSeconds is ", faults.runSeconds, ", wanted 0 (any time) to 1e6");
  }
  if (faults.mostFailures < 1) {
    return invalidArgument("faults.mostFailures is ", faults.mostFailures, ", wanted at least 1");
  }
  return {};
}

// Of pins, those that mean themselves: `meant` is what they mean by layer name.
Status checkNames(const std::map<std::string, std::string>& pins, const std::map<std::string, const Backend*>& meant,
                  const Graph& model, const Graph& prepared) {
  for (const auto& [layer, backend] : pins) {
    if (meant.count(layer) != 0) QRT_RETURN_IF_ERROR(checkLayer(layer, model, prepared));
  }
  return {};
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
  if (std::all_of(policy.priority.begin(), policy.priority.end(), [](const Backend* b) { return b->isPlugin(); })) {
    for (const Backend* backend : builtInBackends()) add(backend);
  }
  add(findBackend("reference"));
  for (auto [wanted, pins] : {std::pair(&options.layerBackends, &policy.pins), {&options.placement, &policy.saved}}) {
    for (const auto& [layer, name] : *wanted) {
      const auto backend = backendNamed(name);
      if (!backend.ok()) return annotate(backend.status(), "layer '", layer, "'");
      (*pins)[layer] = *backend;
    }
  }
  return policy;
}

}  // namespace

void Session::State::adopt(PrepareOptions next, Prepared fresh) {
  options = std::move(next);
  prepared = std::move(fresh);
  kept.programs.use(execution().graph(), execution().steps());
  setAside = faults.setAside().size();
  faults.tellFallbacks(prepared.placement);
}

// Prepares for other input shapes; inputs and outputs start anew.
Status Session::State::reshape(PrepareOptions next) {
  Kept none;
  QRT_ASSIGN_OR_RETURN(Prepared fresh, prepare(model.data(), next, none));
  QRT_ASSIGN_OR_RETURN(InputsOutputs memory, InputsOutputs::create(fresh.execution->graph(), model.data().graph));
  kept = std::move(none);
  adopt(std::move(next), std::move(fresh));
  io = std::move(memory);
  connect();
  return {};
}

// Prepares with other pins, of which `unknown` are new. Shapes stay, so inputs and outputs stay where they are, bindings
// and contents included.
Status Session::State::replace(PrepareOptions next, const std::map<std::string, std::string>& unknown) {
  QRT_ASSIGN_OR_RETURN(Prepared fresh, prepare(model.data(), next, kept));
  for (const auto& [layers, backend] : unknown) {
    const bool name = backend.empty() || fresh.pins.count(layers) != 0;
    if (name) QRT_RETURN_IF_ERROR(checkLayer(layers, model.data().graph, execution().graph()));
  }
  adopt(std::move(next), std::move(fresh));
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

    QRT_RETURN_IF_ERROR(checkFaultOptions(options.faults));
    auto state = std::make_unique<State>(model, options);
    QRT_RETURN_IF_ERROR(state->reshape({options.inputShapes, std::move(policy), *isa, state->pool.threads(),
                                        options.winogradError, options.profiling, true, &state->pool, &state->faults}));
    for (const auto* pins : {&options.layerBackends, &options.placement}) {
      QRT_RETURN_IF_ERROR(checkNames(*pins, state->prepared.pins, model.data().graph, state->execution().graph()));
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

Status Session::run() {
  // If preparing anew fails, the fallbacks of what is prepared go on.
  if (state_->faults.setAside().size() != state_->setAside) {
    (void)catchOutOfMemory([&] { return state_->replace(state_->options, {}); });
    state_->setAside = state_->faults.setAside().size();
  }
  // Only what comes after a plugin's failure allocates.
  return catchOutOfMemory([&] { return state_->prepared.execution->run(state_->pool); });
}

Status Session::setLayerBackend(std::string_view layers, std::string_view backend) {
  return setLayerBackends({{std::string(layers), std::string(backend)}});
}

Status Session::setLayerBackends(const std::map<std::string, std::string>& backends) {
  return catchOutOfMemory([&]() -> Status {
    PrepareOptions next = state_->options;
    std::map<std::string, std::string> unknown;
    for (const auto& [layers, backend] : backends) {
      if (next.policy.pins.count(layers) == 0) unknown[layers] = backend;
      if (backend.empty()) {
        next.policy.pins.erase(layers);
      } else {
        QRT_ASSIGN_OR_RETURN(next.policy.pins[layers], backendNamed(backend));
      }
    }
    return state_->replace(std::move(next), unknown);
  });
}

const Placement& Session::placement() const {
  if (state_->options.profiling) timeTransfers(state_->execution(), state_->prepared.placement);
  return state_->prepared.placement;
}

Profile Session::profile() const {
  Profile profile = makeProfile(state_->execution(), state_->prepared.placement, state_->options.profiling);
  profile.faults = state_->faults.faults();
  return profile;
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
