#include "quantize/graph_runner.h"

#include "base/error.h"

namespace qrt {
namespace {

PlacementPolicy fastestFirst() {
  PlacementPolicy policy;
  for (const Backend* backend : builtInBackends()) policy.priority.push_back(backend);
  return policy;
}

}  // namespace

Result<std::unique_ptr<GraphRunner>> GraphRunner::create(
    const Model& model, const std::map<std::string, Shape>& inputShapes, int threads) {
  const Result<IsaLevel>& isa = activeIsa();
  if (!isa.ok()) return isa.status();
  std::unique_ptr<GraphRunner> runner(new GraphRunner(model, threads));
  PrepareOptions options{inputShapes, fastestFirst(), *isa, runner->pool_.threads()};
  options.optimize = false;
  Kept kept;
  QRT_ASSIGN_OR_RETURN(runner->prepared_, prepare(model.data(), options, kept));
  QRT_ASSIGN_OR_RETURN(runner->io_,
                       InputsOutputs::create(runner->graph(), runner->model_.data().graph));
  runner->prepared_.execution->connect(runner->io_.memory());
  return runner;
}

Status GraphRunner::showInputs(const TensorTap& tap) {
  for (size_t i = 0; i < inputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const ConstTensorView view, io_.input(i));
    if (Status status = tap(inputs()[i].name, view); !status.ok()) {
      return annotate(status, "input '", inputs()[i].name, "'");
    }
  }
  return {};
}

Status GraphRunner::run(const TensorTap& tap) {
  QRT_RETURN_IF_ERROR(showInputs(tap));
  const StepTap stepTap = [&](const Partition& partition,
                              std::span<const TensorView> written) -> Status {
    for (size_t i = 0; i < written.size(); ++i) {
      const TensorId id = partition.outputs[i];
      if (id != kNoTensor) QRT_RETURN_IF_ERROR(tap(graph().tensor(id).name, written[i]));
    }
    return {};
  };
  return prepared_.execution->run(pool_, &stepTap);
}

}  // namespace qrt
