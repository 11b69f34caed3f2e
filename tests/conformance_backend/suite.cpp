#include "conformance_backend/suite.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

#include "conformance_backend/cases.h"
#include "conformance_backend/run_case.h"
#include "graph/op.h"
#include "qrt/session.h"
#include "support/int8_networks.h"
#include "support/networks.h"

namespace qrt::test {
namespace {

std::string kindOf(const Graph& graph) {
  const Layer& layer = graph.layers[0];
  const TensorId id = layer.input(0) != kNoTensor ? layer.inputs[0] : layer.outputs[0];
  return concat(opName(layer.op), ' ', dtypeName(graph.tensor(id).dtype));
}

// Constants are computed before a session begins: no backend is asked to.
bool takesInputs(const Graph& graph) { return !graph.inputs.empty(); }

// "" or what is wrong with one claimed layer.
std::string tryCase(const Backend& backend, const Graph& graph, unsigned seed) {
  const auto compiled = compileCase(backend, graph);
  if (!compiled.ok()) return "claimed, but does not compile: " + compiled.status().message();
  // Twice: a program must not depend on what the run before left.
  for (unsigned run = 0; run < 2; ++run) {
    const auto inputs = inputsFor(graph, seed + run);
    const auto wanted = referenceOutputs(graph, inputs);
    if (!wanted.ok()) return "";  // indices that the model does not have: nobody can run it
    const auto found = compiled->run(inputs);
    if (!found.ok()) return "claimed, but does not run: " + found.status().message();
    const std::string difference = differenceOf(graph, *found, *wanted);
    if (!difference.empty()) return difference;
  }
  return "";
}

// The output of a network on some backends, or why there is none.
Result<Bytes> runNetwork(const Model& model, std::vector<std::string> backends) {
  SessionOptions options{.threads = 1, .backends = std::move(backends), .faults = {.strict = true}};
  options.inputShapes[model.inputs()[0].name] = model.inputs()[0].shape;
  options.inputShapes.begin()->second[0] = 1;
  QRT_ASSIGN_OR_RETURN(Session session, Session::create(model, options));
  QRT_ASSIGN_OR_RETURN(const TensorView input, session.input(0));
  Tensor like{"x", input.dtype, input.shape, {}, {}};
  const Bytes values = randomValues(like, 7);
  std::memcpy(input.data, values.data(), values.size());
  QRT_RETURN_IF_ERROR(session.run());
  QRT_ASSIGN_OR_RETURN(const ConstTensorView output, session.output(0));
  const auto* first = static_cast<const std::byte*>(output.data);
  return Bytes(first, first + output.bytes());
}

bool alike(const Bytes& found, const Bytes& wanted, bool exact) {
  if (exact || found.size() != wanted.size()) return found == wanted;
  const auto* f = reinterpret_cast<const float*>(found.data());
  const auto* w = reinterpret_cast<const float*>(wanted.data());
  float largest = 0;
  for (size_t i = 0; i < wanted.size() / sizeof(float); ++i) largest = std::max(largest, std::abs(w[i]));
  for (size_t i = 0; i < wanted.size() / sizeof(float); ++i) {
    if (!(std::abs(f[i] - w[i]) <= 1e-3f * largest)) return false;
  }
  return true;
}

}  // namespace

void checkOps(const Backend& backend, const SuiteOptions& options, SuiteResult& result) {
  unsigned seed = options.seed * 1000;
  forEachCase(options.seed, options.rounds, [&](const Graph& graph) {
    if (!takesInputs(graph)) return;
    seed += 10;
    OpResult& op = result.ops[kindOf(graph)];
    ++op.asked;
    const Verdict verdict = backend.supports(graph, graph.layers[0]);
    if (backend.supports(graph, graph.layers[0]).supported != verdict.supported) {
      result.failures.push_back(describeCase(graph) + ": two answers to the same question");
    }
    if (!verdict.supported) {
      if (verdict.reason.empty()) result.failures.push_back(describeCase(graph) + ": refused without a reason");
      op.refusal = verdict.reason;
      return;
    }
    ++op.claimed;
    const std::string wrong = tryCase(backend, graph, seed);
    if (wrong.empty()) return;
    if (++op.wrong == 1)
      result.failures.push_back(concat(describeCase(graph), ": ", wrong, " (seed ", options.seed, ")"));
  });
}

void checkNetworks(const Backend& backend, SuiteResult& result) {
  for (const NamedNetwork& network : kNetworks) {
    for (const bool int8 : {false, true}) {
      const Model model = int8 ? asInt8(network.make(32)) : network.make(32);
      const auto wanted = runNetwork(model, {"reference"});
      const auto found = runNetwork(model, {std::string(backend.name()), "cpu-int8", "cpu-float"});
      const std::string name = concat(network.name, int8 ? " in int8" : " in float");
      if (!found.ok()) {
        result.failures.push_back(name + ": " + found.status().message());
      } else if (!wanted.ok() || !alike(*found, *wanted, int8)) {
        result.failures.push_back(name + ": another result than the reference");
      }
    }
  }
}

void checkConcurrency(const Backend& backend, const SuiteOptions& options, SuiteResult& result) {
  std::vector<Graph> graphs;
  forEachCase(options.seed + 1, 1, [&](const Graph& graph) {
    if (takesInputs(graph) && backend.supports(graph, graph.layers[0]).supported) graphs.push_back(graph);
  });
  // Every thread runs a program of each layer, all at once.
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (const Graph& graph : graphs) {
        const std::string difference = tryCase(backend, graph, static_cast<unsigned>(t));
        if (!difference.empty()) wrong[t] = concat(describeCase(graph), " beside other threads: ", difference);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& sentence : wrong) {
    if (!sentence.empty()) result.failures.push_back(sentence);
  }
}

}  // namespace qrt::test
