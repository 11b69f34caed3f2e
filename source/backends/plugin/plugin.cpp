#include "backends/plugin/plugin.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <system_error>

#include "backends/plugin/graph_view.h"
#include "backends/plugin/library.h"
#include "backends/plugin/program.h"

namespace qrt {
namespace {

class PluginBackend final : public Backend {
 public:
  PluginBackend(std::shared_ptr<const PluginLibrary> library, QrtBackend* device, std::string name)
      : library_(std::move(library)), device_(device), name_(std::move(name)),
        description_(pluginText(api().description, 512, "")) {}
  PluginBackend(const PluginBackend&) = delete;
  PluginBackend& operator=(const PluginBackend&) = delete;
  ~PluginBackend() override { api().close(device_); }

  std::string_view name() const override { return name_; }
  std::string description() const override { return description_; }
  std::string_view pluginPath() const override { return library_->path(); }
  bool wantsPartitions() const override { return library_->can(QRT_WANTS_PARTITIONS); }

  Verdict supports(const Graph& graph, const Layer& layer) const override {
    const auto unknown = [&](TensorId id) { return id != kNoTensor && !graph.tensor(id).shape.known(); };
    if (std::any_of(layer.inputs.begin(), layer.inputs.end(), unknown) ||
        std::any_of(layer.outputs.begin(), layer.outputs.end(), unknown)) {
      return Verdict::no("a shape is not known");
    }
    const int index = static_cast<int>(&layer - graph.layers.data());
    const GraphView view(graph, {&index, 1}, layer.inputs, layer.outputs);
    QrtVerdict verdict{sizeof(QrtVerdict), 0, 0};
    std::string reason;
    const Status status = callPlugin(
        [&](char* text, size_t size) { return api().supports(device_, &view.graph(), &verdict, text, size); },
        &reason);
    if (!status.ok()) return Verdict::no(concat("it could not be asked: ", status.message()));
    if (verdict.supported != 0 && verdict.supported != 1) {
      return Verdict::no(concat("its answer was ", verdict.supported, ", wanted 0 or 1"));
    }
    if (verdict.supported == 0) return Verdict::no(reason.empty() ? "it gives no reason" : reason);
    if (!std::isfinite(verdict.seconds) || verdict.seconds < 0) {
      return Verdict::no(concat("it estimates ", verdict.seconds, " seconds"));
    }
    return Verdict::yes(verdict.seconds);
  }

  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    QRT_ASSIGN_OR_RETURN(auto workers, workersFor(ctx.timeLimit));
    const GraphView view(ctx.graph, ctx.layers, ctx.inputs, ctx.outputs);
    const QrtCompileOptions options{sizeof(QrtCompileOptions), ctx.threads};
    QrtProgram* program = nullptr;
    std::string kernel;
    QRT_RETURN_IF_ERROR(callPlugin(
        [&](char* text, size_t size) {
          return api().compile(device_, &view.graph(), &options, &program, text, size);
        },
        &kernel));
    if (program == nullptr) return internalError("the plugin compiled nothing and called it success");
    return makePluginProgram(library_, program, view, std::move(kernel), std::move(workers), ctx.timeLimit);
  }

 private:
  const QrtBackendApi& api() const { return library_->api(); }

  // Shared by all programs with a limit; made when the first wants them.
  Result<std::shared_ptr<Workers>> workersFor(double timeLimit) const {
    if (timeLimit == 0) return std::shared_ptr<Workers>();
    const std::lock_guard lock(mutex_);
    try {
      if (!workers_) workers_ = std::make_shared<Workers>();
      return workers_;
    } catch (const std::system_error& error) {
      return outOfMemory("no thread for the plugin's runs: ", error.what());
    }
  }

  std::shared_ptr<const PluginLibrary> library_;
  QrtBackend* device_;
  std::string name_, description_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<Workers> workers_;
};

}  // namespace

Result<std::unique_ptr<Backend>> openPlugin(const std::string& path, std::string name, const std::string& config) {
  QRT_ASSIGN_OR_RETURN(auto library, PluginLibrary::open(path));
  QrtBackend* device = nullptr;
  const QrtBackendApi& api = library->api();
  const Status opened = callPlugin(
      [&](char* text, size_t size) { return api.open(config.c_str(), &device, text, size); });
  if (!opened.ok()) return annotate(opened, path);
  if (device == nullptr) return internalError(path, ": the plugin opened nothing and called it success");
  if (name.empty()) name = api.name;
  return std::unique_ptr<Backend>(std::make_unique<PluginBackend>(std::move(library), device, std::move(name)));
}

}  // namespace qrt
