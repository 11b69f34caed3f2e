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

// What is open, and stays so as long as a call into it has not returned.
struct Device {
  Device(std::shared_ptr<const PluginLibrary> l, QrtBackend* h) : library(std::move(l)), handle(h) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() { api().close(handle); }
  const QrtBackendApi& api() const { return library->api(); }

  const std::shared_ptr<const PluginLibrary> library;
  QrtBackend* const handle;
};

Result<std::shared_ptr<const Device>> openDevice(const std::string& path, const std::string& config) {
  QRT_ASSIGN_OR_RETURN(auto library, PluginLibrary::open(path));
  QrtBackend* handle = nullptr;
  const Status opened = callPlugin(
      [&](char* text, size_t size) { return library->api().open(config.c_str(), &handle, text, size); });
  if (!opened.ok()) return annotate(opened, path);
  if (handle == nullptr) return internalError(path, ": the plugin opened nothing and called it success");
  return std::shared_ptr<const Device>(std::make_shared<Device>(std::move(library), handle));
}

Verdict ask(const Device& device, const GraphView& view) {
  QrtVerdict verdict{sizeof(QrtVerdict), 0, 0};
  std::string reason;
  const Status status = callPlugin(
      [&](char* text, size_t size) {
        return device.api().supports(device.handle, &view.graph(), &verdict, text, size);
      },
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

Result<std::unique_ptr<Program>> compileOn(const Device& device, const GraphView& view, int threads,
                                           std::shared_ptr<Workers> workers, double timeLimit) {
  const QrtCompileOptions options{sizeof(QrtCompileOptions), threads};
  QrtProgram* program = nullptr;
  std::string kernel;
  QRT_RETURN_IF_ERROR(callPlugin(
      [&](char* text, size_t size) {
        return device.api().compile(device.handle, &view.graph(), &options, &program, text, size);
      },
      &kernel));
  if (program == nullptr) return internalError("the plugin compiled nothing and called it success");
  return makePluginProgram(device.library, program, view, std::move(kernel), std::move(workers), timeLimit);
}

Result<std::shared_ptr<Workers>> makeWorkers() {
  try {
    return std::make_shared<Workers>();
  } catch (const std::system_error& error) {
    return outOfMemory("no thread for the plugin's calls: ", error.what());
  }
}

// Makes `call`; the error says that `what` took too long. It then lives on, as `hung`.
template <class T>
Result<T> inTime(Workers& workers, double limit, const std::string& what, std::function<Result<T>()> call,
                 std::weak_ptr<Job>& hung) {
  const auto task = std::make_shared<Task<T>>(std::move(call));
  try {
    if (workers.run(task, std::chrono::duration<double>(limit))) return std::move(*task->result);
  } catch (const std::system_error& error) {
    return outOfMemory("no thread for the plugin's calls: ", error.what());
  }
  hung = task;
  return Status(StatusCode::failed, concat(what, " did not return within ", limit, " s"));
}

class PluginBackend final : public Backend {
 public:
  PluginBackend(std::shared_ptr<const Device> device, const PluginOptions& options)
      : device_(std::move(device)), name_(options.name.empty() ? device_->api().name : options.name),
        description_(pluginText(device_->api().description, 512, "")), callSeconds_(options.callSeconds) {}

  std::string_view name() const override { return name_; }
  std::string description() const override { return description_; }
  std::string_view pluginPath() const override { return device_->library->path(); }
  bool wantsPartitions() const override { return device_->library->can(QRT_WANTS_PARTITIONS); }

  Verdict supports(const Graph& graph, const Layer& layer) const override {
    const auto unknown = [&](TensorId id) { return id != kNoTensor && !graph.tensor(id).shape.known(); };
    if (std::any_of(layer.inputs.begin(), layer.inputs.end(), unknown) ||
        std::any_of(layer.outputs.begin(), layer.outputs.end(), unknown)) {
      return Verdict::no("a shape is not known");
    }
    const int index = static_cast<int>(&layer - graph.layers.data());
    const auto view = std::make_shared<const GraphView>(graph, std::span(&index, 1), layer.inputs, layer.outputs);
    Result<Verdict> verdict =
        guarded<Verdict>("supports()", [device = device_, view] { return ask(*device, *view); });
    if (!verdict.ok()) return Verdict::no(concat("it could not be asked: ", verdict.status().message()));
    return std::move(verdict).value();
  }

  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    std::shared_ptr<Workers> workers;
    if (ctx.timeLimit > 0) {
      QRT_ASSIGN_OR_RETURN(workers, this->workers());
    }
    const auto view = std::make_shared<const GraphView>(ctx.graph, ctx.layers, ctx.inputs, ctx.outputs);
    return guarded<std::unique_ptr<Program>>(
        "compile()", [device = device_, view, threads = ctx.threads, workers, limit = ctx.timeLimit] {
          return compileOn(*device, *view, threads, workers, limit);
        });
  }

  std::string unavailable() const override {
    const std::lock_guard lock(mutex_);
    return hung_.expired() ? "" : why_;
  }

 private:
  // Makes a call that may hang, unless one does.
  template <class T>
  Result<T> guarded(const char* what, std::function<Result<T>()> call) const {
    if (callSeconds_ == 0) return call();
    if (const std::string why = unavailable(); !why.empty()) return Status(StatusCode::failed, why);
    QRT_ASSIGN_OR_RETURN(const auto workers, this->workers());
    std::weak_ptr<Job> hung;
    Result<T> result = inTime(*workers, callSeconds_, what, std::move(call), hung);
    if (!hung.expired()) {
      const std::lock_guard lock(mutex_);
      if (hung_.expired()) hung_ = hung;
      why_ = result.status().message();
    }
    return result;
  }

  // Shared by all calls with a limit; made when the first wants them.
  Result<std::shared_ptr<Workers>> workers() const {
    const std::lock_guard lock(mutex_);
    if (!workers_) {
      QRT_ASSIGN_OR_RETURN(workers_, makeWorkers());
    }
    return workers_;
  }

  std::shared_ptr<const Device> device_;
  std::string name_, description_;
  double callSeconds_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<Workers> workers_;
  mutable std::weak_ptr<Job> hung_;  // the last call that did not return in time, until it does
  mutable std::string why_;
};

}  // namespace

Result<std::unique_ptr<Backend>> openPlugin(const std::string& path, const PluginOptions& options) {
  const auto open = [path, config = options.config] { return openDevice(path, config); };
  const auto openInTime = [&]() -> Result<std::shared_ptr<const Device>> {
    if (options.callSeconds == 0) return open();
    QRT_ASSIGN_OR_RETURN(const auto workers, makeWorkers());
    std::weak_ptr<Job> hung;
    return inTime<std::shared_ptr<const Device>>(*workers, options.callSeconds, path + ": loading it", open, hung);
  };
  QRT_ASSIGN_OR_RETURN(auto device, openInTime());
  return std::unique_ptr<Backend>(std::make_unique<PluginBackend>(std::move(device), options));
}

}  // namespace qrt
