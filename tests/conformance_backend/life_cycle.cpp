// The parts of the suite that speak the C ABI directly, without the runtime in between.
#include <cstring>

#include "backends/plugin/graph_view.h"
#include "backends/plugin/library.h"
#include "backends/plugin/plugin.h"
#include "conformance_backend/cases.h"
#include "conformance_backend/suite.h"

namespace qrt::test {
namespace {

// The first layer that the plugin takes.
std::optional<Graph> someLayer(const Backend& backend, unsigned seed) {
  std::optional<Graph> found;
  forEachCase(seed, 1, [&](const Graph& graph) {
    if (!found && !graph.inputs.empty() && backend.supports(graph, graph.layers[0]).supported) found = graph;
  });
  return found;
}

struct Handles {
  QrtBackend* backend = nullptr;
  QrtProgram* program = nullptr;
};

Status openAndCompile(const QrtBackendApi& api, const std::string& config, const Graph& graph, Handles& handles) {
  QRT_RETURN_IF_ERROR(callPlugin(
      [&](char* text, size_t size) { return api.open(config.c_str(), &handles.backend, text, size); }));
  if (handles.backend == nullptr) return internalError("no device, though it says QRT_OK");
  const int index = 0;
  const GraphView view(graph, {&index, 1}, graph.layers[0].inputs, graph.layers[0].outputs);
  const QrtCompileOptions options{sizeof(QrtCompileOptions), 1};
  QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) {
    return api.compile(handles.backend, &view.graph(), &options, &handles.program, text, size);
  }));
  return handles.program != nullptr ? Status() : internalError("no program, though it says QRT_OK");
}

// The library again and again; programs end before their device, or after it.
void checkUnloading(const std::string& path, const SuiteOptions& options, const Graph& graph, SuiteResult& result) {
  for (int i = 0; i < 10; ++i) {
    const auto library = PluginLibrary::open(path);
    if (!library.ok()) {
      result.failures.push_back(concat("loading it again fails: ", library.status().message()));
      return;
    }
    const QrtBackendApi& api = (*library)->api();
    Handles handles;
    if (const Status status = openAndCompile(api, options.config, graph, handles); !status.ok()) {
      result.failures.push_back(concat("opening it again fails: ", status.message()));
      return;
    }
    if (i % 2 == 0) {
      api.destroy(handles.program);
      api.close(handles.backend);
    } else {
      api.close(handles.backend);
      api.destroy(handles.program);
    }
  }
}

// What no plugin knows is refused with a reason, not taken and not crashed at.
void checkUnknown(const std::string& path, const SuiteOptions& options, const Graph& graph, SuiteResult& result) {
  const auto library = PluginLibrary::open(path);
  if (!library.ok()) return;
  const QrtBackendApi& api = (*library)->api();
  QrtBackend* backend = nullptr;
  if (!callPlugin([&](char* text, size_t size) {
         return api.open(options.config.c_str(), &backend, text, size);
       }).ok()) {
    return;
  }
  const int index = 0;
  const GraphView view(graph, {&index, 1}, graph.layers[0].inputs, graph.layers[0].outputs);
  QrtLayer layer = *view.graph().layers[0];
  layer.op = "AnOpOfTheFuture";
  const QrtLayer* layers[] = {&layer};
  QrtGraph unknown = view.graph();
  unknown.layers = layers;
  QrtVerdict verdict{sizeof(QrtVerdict), 0, 0};
  std::string reason;
  const Status status = callPlugin(
      [&](char* text, size_t size) { return api.supports(backend, &unknown, &verdict, text, size); }, &reason);
  if (status.ok() && verdict.supported != 0) result.failures.push_back("it claims an op that does not exist");
  if (status.ok() && verdict.supported == 0 && reason.empty()) {
    result.failures.push_back("it refuses an op that does not exist without a reason");
  }
  // A text that is cut off must still end.
  char tiny[2] = {0, 'x'};
  (void)api.supports(backend, &unknown, &verdict, tiny, 1);
  if (tiny[0] != 0 || tiny[1] != 'x') result.failures.push_back("it writes more text than textSize");
  api.close(backend);
}

}  // namespace

void checkLifeCycle(const std::string& path, const SuiteOptions& options, SuiteResult& result) {
  const auto backend = openPlugin(path, {.config = options.config});
  if (!backend.ok()) {
    result.failures.push_back(backend.status().message());
    return;
  }
  const std::optional<Graph> graph = someLayer(**backend, options.seed);
  if (!graph) {
    result.failures.push_back("it takes none of the layers");
    return;
  }
  checkUnloading(path, options, *graph, result);
  checkUnknown(path, options, *graph, result);
}

}  // namespace qrt::test
