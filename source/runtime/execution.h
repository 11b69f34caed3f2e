// A model prepared for fixed shapes: everything that run() touches, made beforehand.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/cache_size.h"
#include "qrt/placement.h"
#include "qrt/profile.h"
#include "runtime/compile.h"
#include "runtime/recorder.h"
#include "runtime/share_memory.h"

namespace qrt {

/// Where inputs are read from and outputs are written to, by index.
struct InputOutputMemory {
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
};

/// Sees what a step has just written: its partition, and the memory of the partition's outputs. A failure
/// ends the run.
using StepTap = std::function<Status(const Partition&, std::span<const TensorView> outputs)>;

class Fallback;

struct ExecutionOptions {
  bool profiling = false;
  int threads = 1;
  /// False: a tensor may be part of a Concat's output, or never lie in memory as a whole, where a tap could
  /// not read it.
  bool whole = false;
  size_t cacheBytes = l2CacheBytes();  ///< of each thread
};

/// Not movable: programs and views point into it.
class Execution {
 public:
  /// Takes the graph that `steps` were compiled from, shares and plans memory, and builds all
  /// arguments. outOfMemory names the sizes.
  static Result<std::unique_ptr<Execution>> create(std::unique_ptr<const Graph> graph, std::vector<Step> steps,
                                                   const ExecutionOptions& options);
  ~Execution();

  /// What runs the steps of plugins from now on; without it their failures end the run.
  void setFallback(std::unique_ptr<Fallback> fallback);

  /// Says where inputs and outputs are. To be called before the first run and after each change.
  void connect(const InputOutputMemory& memory);
  /// Runs all steps; `tap`, if not null, is called after each; only if tensors are `whole`. Errors name the layer.
  Status run(ThreadPool& pool, const StepTap* tap = nullptr);

  const Graph& graph() const { return *graph_; }
  const std::vector<Step>& steps() const { return steps_; }
  /// What runs step `step`: its program's kernel, or "view", or "copy".
  std::string_view kernel(size_t step) const;
  Recorder& recorder() { return recorder_; }
  const Recorder& recorder() const { return recorder_; }
  /// Median of the time that the device itself gives for layer `layer` of step `step`; 0: it gives none.
  double deviceMs(size_t step, size_t layer) const;
  /// Arena, lower bound and scratch; not the memory of inputs and outputs.
  const MemoryUse& memory() const { return memory_; }

 private:
  // A step's arguments: ranges of reads_ and writes_; whether it is a view that needs a copy.
  struct Arguments {
    size_t firstRead, reads, firstWrite, writes;
    bool copy;
    bool plugin;
    size_t firstDevice;  // of the layers' own times, in the recorder
  };
  // An output that is not where its tensor is: a constant, an input, or listed twice.
  struct OutputCopy {
    size_t read;    // index in reads_
    size_t output;  // which output
    void* to;
  };

  Execution(std::unique_ptr<const Graph> graph, std::vector<Step> steps, const ExecutionOptions& options);
  Status allocate();
  void buildArguments();
  void addRead(TensorId id);
  void addWrite(TensorId id);
  const void* address(const Place& place, const InputOutputMemory& memory) const;
  std::span<const TensorView> writes(size_t step) const {
    return {writes_.data() + arguments_[step].firstWrite, arguments_[step].writes};
  }
  Status runStep(size_t step, ThreadPool& pool);
  void runChain(const Chain& chain, ThreadPool& pool);
  void takeTurn(const Chain& chain, const Turn& turn, int thread, ThreadPool& pool);
  void recordDevice(size_t step);

  std::unique_ptr<const Graph> graph_;
  std::vector<Step> steps_;
  std::vector<Chain> chains_;
  SharedMemory shared_;
  MemoryPlan plan_;
  MemoryUse memory_;
  AlignedBuffer arena_;
  AlignedBuffer scratch_;
  std::vector<Arguments> arguments_;      // by step
  std::vector<ConstTensorView> reads_;
  std::vector<Place> readPlaces_;
  std::vector<TensorView> writes_;
  std::vector<Place> writePlaces_;
  std::vector<OutputCopy> outputCopies_;
  Recorder recorder_;
  bool profiling_;
  size_t threads_;
  std::vector<double> chainSeconds_;  // by thread and step
  std::unique_ptr<Fallback> fallback_;
};

}  // namespace qrt
