#include "backends/plugin/program.h"

#include <cmath>
#include <cstring>
#include <system_error>

#include "base/aligned_buffer.h"

namespace qrt {
namespace {

// One side of the border: what the plugin is given, and where the host's memory is.
struct Buffers {
  std::vector<size_t> arguments;       // index in RunArgs
  std::vector<std::string> names;
  std::vector<QrtBuffer> buffers;
  std::vector<QrtBuffer*> pointers;
  std::vector<AlignedBuffer> staged;   // with a time limit: our own copies
  std::vector<void*> device;           // with device memory

  void add(const QrtTensor& tensor, size_t argument) {
    arguments.push_back(argument);
    names.emplace_back(tensor.name);
    buffers.push_back({sizeof(QrtBuffer), nullptr, tensor.bytes, 0});
  }
  void finish() {
    for (QrtBuffer& buffer : buffers) pointers.push_back(&buffer);
  }
};

// All that a run touches. What hangs keeps it.
class PluginRun final : public Job {
 public:
  PluginRun(std::shared_ptr<const PluginLibrary> library, QrtProgram* program, const GraphView& view)
      : library_(std::move(library)), program_(program), owners_(view.owners()) {
    const QrtGraph& graph = view.graph();
    for (uint64_t i = 0; i < graph.inputCount; ++i) {
      inputs.add(*graph.tensors[graph.inputs[i]], view.inputArguments()[i]);
    }
    for (uint64_t i = 0; i < graph.outputCount; ++i) {
      outputs.add(*graph.tensors[graph.outputs[i]], view.outputArguments()[i]);
    }
    inputs.finish();
    outputs.finish();
    if (library_->can(QRT_REPORTS_LAYERS)) seconds.resize(graph.layerCount);
    const Status none = seconds.empty() ? Status() : callPlugin([&](char* text, size_t size) {
      return api().layerSeconds(program_, seconds.data(), seconds.size(), text, size);
    });
    if (none.code() == StatusCode::unsupported) seconds.clear();
  }
  PluginRun(const PluginRun&) = delete;
  PluginRun& operator=(const PluginRun&) = delete;

  ~PluginRun() override {
    for (Buffers* side : {&inputs, &outputs}) {
      for (void* memory : side->device) api().release(program_, memory);
    }
    api().destroy(program_);
  }

  Status allocate(bool staging) {
    for (Buffers* side : {&inputs, &outputs}) {
      for (const QrtBuffer& buffer : side->buffers) {
        if (staging) {
          side->staged.emplace_back(buffer.bytes);
          if (side->staged.back().size() != buffer.bytes) {
            return outOfMemory("no memory for ", buffer.bytes, " bytes to give to the plugin");
          }
        }
        if (!library_->can(QRT_DEVICE_MEMORY)) continue;
        void* memory = nullptr;
        QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) {
          return api().allocate(program_, buffer.bytes, &memory, text, size);
        }));
        if (memory == nullptr) return internalError("the plugin allocated nothing and called it success");
        side->device.push_back(memory);
      }
    }
    return {};
  }

  // Host memory is where the buffers say. Allocates nothing unless it fails.
  void run() override { status = result(); }

  Buffers inputs, outputs;
  std::vector<double> seconds;  // by layer
  Status status;                // of the last run

 private:
  const QrtBackendApi& api() const { return library_->api(); }

  Status result() {
    for (QrtBuffer& buffer : outputs.buffers) buffer.written = 0;
    if (!library_->can(QRT_DEVICE_MEMORY)) {
      QRT_RETURN_IF_ERROR(compute());
    } else {
      QRT_RETURN_IF_ERROR(computeOnDevice());
    }
    return seconds.empty() ? Status() : readSeconds();
  }

  Status computeOnDevice() {
    for (size_t i = 0; i < inputs.buffers.size(); ++i) {
      QrtBuffer& buffer = inputs.buffers[i];
      QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) {
        return api().upload(program_, inputs.device[i], buffer.data, buffer.bytes, text, size);
      }));
      buffer.data = inputs.device[i];
    }
    for (size_t i = 0; i < outputs.buffers.size(); ++i) std::swap(outputs.buffers[i].data, outputs.device[i]);
    Status status = compute();
    for (size_t i = 0; i < outputs.buffers.size(); ++i) std::swap(outputs.buffers[i].data, outputs.device[i]);
    for (size_t i = 0; i < outputs.buffers.size() && status.ok(); ++i) {
      const QrtBuffer& buffer = outputs.buffers[i];
      status = callPlugin([&](char* text, size_t size) {
        return api().download(program_, buffer.data, outputs.device[i], buffer.bytes, text, size);
      });
    }
    return status;
  }

  Status compute() {
    const auto begin = api().run != nullptr ? api().run : api().submit;
    QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) {
      return begin(program_, inputs.pointers.data(), inputs.pointers.size(), outputs.pointers.data(),
                   outputs.pointers.size(), text, size);
    }));
    if (api().run == nullptr) {
      QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) { return api().wait(program_, text, size); }));
    }
    for (size_t i = 0; i < outputs.buffers.size(); ++i) {
      const QrtBuffer& buffer = outputs.buffers[i];
      if (buffer.written == buffer.bytes) continue;
      return Status(StatusCode::failed, concat("the plugin says it wrote ", buffer.written, " bytes of '",
                                               outputs.names[i], "', wanted ", buffer.bytes));
    }
    return {};
  }

  Status readSeconds() {
    std::fill(seconds.begin(), seconds.end(), -1);
    QRT_RETURN_IF_ERROR(callPlugin([&](char* text, size_t size) {
      return api().layerSeconds(program_, seconds.data(), seconds.size(), text, size);
    }));
    for (const double value : seconds) {
      if (std::isfinite(value) && value >= 0) continue;
      return Status(StatusCode::failed, concat("the plugin says a layer took ", value, " seconds"));
    }
    return {};
  }

  std::shared_ptr<const PluginLibrary> library_;
  QrtProgram* program_;
  std::vector<std::shared_ptr<const void>> owners_;  // of the constants
};

class PluginProgram final : public Program {
 public:
  PluginProgram(std::shared_ptr<PluginRun> run, std::string kernel, std::shared_ptr<Workers> workers, double timeLimit)
      : run_(std::move(run)), kernel_(std::move(kernel)), workers_(std::move(workers)), timeLimit_(timeLimit) {}

  std::string_view kernel() const override { return kernel_; }

  Status run(const RunArgs& args) override {
    if (!workers_) {
      connect(args);
      run_->run();
      return run_->status;
    }
    if (hung_) return {StatusCode::failed, "an earlier run did not end"};
    stage(args);
    if (!callInTime()) {
      hung_ = true;
      return {StatusCode::failed, concat("the run did not end within ", timeLimit_, " s")};
    }
    if (run_->status.ok()) unstage(args);
    return run_->status;
  }

  bool usable() const override { return !hung_; }
  std::span<const double> layerSeconds() const override {
    return hung_ ? std::span<const double>() : run_->seconds;
  }

 private:
  // Also false if there can be no thread.
  bool callInTime() {
    try {
      return workers_->run(run_, std::chrono::duration<double>(timeLimit_));
    } catch (const std::system_error&) {
      return false;
    }
  }

  void connect(const RunArgs& args) {
    for (size_t i = 0; i < run_->inputs.buffers.size(); ++i) {
      // The ABI has one struct for both sides; plugins only read inputs.
      run_->inputs.buffers[i].data = const_cast<void*>(args.inputs[run_->inputs.arguments[i]].data);
    }
    for (size_t i = 0; i < run_->outputs.buffers.size(); ++i) {
      run_->outputs.buffers[i].data = args.outputs[run_->outputs.arguments[i]].data;
    }
  }

  // A run that hangs may wake up when the session's memory is gone, so it gets copies.
  void stage(const RunArgs& args) {
    for (Buffers* side : {&run_->inputs, &run_->outputs}) {
      for (size_t i = 0; i < side->buffers.size(); ++i) side->buffers[i].data = side->staged[i].data();
    }
    for (size_t i = 0; i < run_->inputs.buffers.size(); ++i) {
      const QrtBuffer& buffer = run_->inputs.buffers[i];
      if (buffer.bytes > 0) std::memcpy(buffer.data, args.inputs[run_->inputs.arguments[i]].data, buffer.bytes);
    }
  }
  void unstage(const RunArgs& args) {
    for (size_t i = 0; i < run_->outputs.buffers.size(); ++i) {
      const QrtBuffer& buffer = run_->outputs.buffers[i];
      if (buffer.bytes > 0) std::memcpy(args.outputs[run_->outputs.arguments[i]].data, buffer.data, buffer.bytes);
    }
  }

  std::shared_ptr<PluginRun> run_;
  std::string kernel_;
  std::shared_ptr<Workers> workers_;
  double timeLimit_;
  bool hung_ = false;
};

}  // namespace

Result<std::unique_ptr<Program>> makePluginProgram(std::shared_ptr<const PluginLibrary> library, QrtProgram* program,
                                                   const GraphView& view, std::string kernel,
                                                   std::shared_ptr<Workers> workers, double timeLimit) {
  if (kernel.empty()) kernel = library->api().name;
  auto run = std::make_shared<PluginRun>(std::move(library), program, view);
  QRT_RETURN_IF_ERROR(run->allocate(workers != nullptr));
  return std::unique_ptr<Program>(
      std::make_unique<PluginProgram>(std::move(run), std::move(kernel), std::move(workers), timeLimit));
}

}  // namespace qrt
