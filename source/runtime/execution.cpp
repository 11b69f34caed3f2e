#include "runtime/execution.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "runtime/fallback.h"

namespace qrt {
namespace {

size_t deviceTimes(const Step& step) { return step.program ? step.program->layerSeconds().size() : 0; }

size_t deviceTimes(const std::vector<Step>& steps) {
  size_t count = 0;
  for (const Step& step : steps) count += deviceTimes(step);
  return count;
}

}  // namespace

Result<std::unique_ptr<Execution>> Execution::create(std::unique_ptr<const Graph> graph,
                                                     std::vector<Step> steps, const ExecutionOptions& options) {
  std::unique_ptr<Execution> execution(
      new Execution(std::move(graph), std::move(steps), options));
  QRT_RETURN_IF_ERROR(execution->allocate());
  execution->buildArguments();
  return execution;
}

Execution::Execution(std::unique_ptr<const Graph> graph, std::vector<Step> steps, const ExecutionOptions& options)
    : graph_(std::move(graph)),
      steps_(std::move(steps)),
      chains_(options.whole ? std::vector<Chain>()
                            : planChains(*graph_, steps_, options.threads, options.cacheBytes)),
      shared_(shareMemory(*graph_, steps_, chains_, options.threads, !options.whole)),
      plan_(planMemory(shared_.arena)),
      recorder_(options.profiling ? steps_.size() : 0, options.profiling ? deviceTimes(steps_) : 0),
      profiling_(options.profiling),
      threads_(static_cast<size_t>(options.threads)) {
  if (profiling_) chainSeconds_.resize(threads_ * steps_.size());
}

Execution::~Execution() = default;

void Execution::setFallback(std::unique_ptr<Fallback> fallback) { fallback_ = std::move(fallback); }

Status Execution::allocate() {
  memory_.activations = plan_.bytes;
  memory_.lowerBound = memoryLowerBound(shared_.arena);
  for (const Step& step : steps_) {
    if (step.program) memory_.scratch = std::max(memory_.scratch, step.program->scratchBytes());
  }
  for (const Chain& chain : chains_) memory_.scratch = std::max(memory_.scratch, chain.scratchBytes * threads_);
  // Never null: an empty tensor has an address too.
  arena_ = AlignedBuffer(std::max(memory_.activations, kAlignment));
  scratch_ = AlignedBuffer(memory_.scratch);
  if (arena_.data() != nullptr && scratch_.size() == memory_.scratch) return {};
  return outOfMemory("no memory for ", memory_.activations, " bytes of activations and ",
                     memory_.scratch, " bytes of scratch");
}

void Execution::addRead(TensorId id) {
  if (id == kNoTensor) {
    reads_.emplace_back();
    readPlaces_.emplace_back();
    return;
  }
  const Tensor& tensor = graph_->tensor(id);
  reads_.emplace_back(tensor.dtype, tensor.shape, nullptr, tensor.quant ? &*tensor.quant : nullptr);
  readPlaces_.push_back(shared_.of(id));
}

void Execution::addWrite(TensorId id) {
  if (id == kNoTensor) {
    writes_.emplace_back();
    writePlaces_.emplace_back();
    return;
  }
  const Tensor& tensor = graph_->tensor(id);
  writes_.push_back({tensor.dtype, tensor.shape, nullptr, tensor.quant ? &*tensor.quant : nullptr});
  writePlaces_.push_back(shared_.of(id));
}

void Execution::buildArguments() {
  size_t device = 0;
  for (const Step& step : steps_) {
    const Partition& partition = step.partition;
    const bool copy = !step.program &&
                      shared_.of(partition.inputs[0]) != shared_.of(partition.outputs[0]);
    arguments_.push_back({reads_.size(), partition.inputs.size(), writes_.size(),
                          partition.outputs.size(), copy, partition.backend->isPlugin(), device});
    device += deviceTimes(step);
    for (const TensorId id : partition.inputs) addRead(id);
    for (const TensorId id : partition.outputs) addWrite(id);
  }
  for (size_t i = 0; i < graph_->outputs.size(); ++i) {
    const TensorId id = graph_->outputs[i];
    if (shared_.of(id) == Place{Home::output, i}) continue;
    outputCopies_.push_back({reads_.size(), i, nullptr});
    addRead(id);
  }
}

const void* Execution::address(const Place& place, const InputOutputMemory& memory) const {
  switch (place.home) {
    case Home::none:
      return nullptr;
    case Home::constant: {
      const void* bytes = graph_->tensors[place.index].constant->bytes.data();
      return bytes != nullptr ? bytes : arena_.data();
    }
    case Home::input:
      return memory.inputs[place.index];
    case Home::output:
      return static_cast<const std::byte*>(memory.outputs[place.index]) + place.offset;
    case Home::arena:
      return arena_.data() + plan_.offsets[place.index] + place.offset;
  }
  return nullptr;
}

void Execution::connect(const InputOutputMemory& memory) {
  for (size_t i = 0; i < reads_.size(); ++i) reads_[i].data = address(readPlaces_[i], memory);
  for (size_t i = 0; i < writes_.size(); ++i) {
    // Steps write only to the arena and to outputs, none of which is const memory.
    writes_[i].data = const_cast<void*>(address(writePlaces_[i], memory));
  }
  for (OutputCopy& copy : outputCopies_) copy.to = memory.outputs[copy.output];
}

std::string_view Execution::kernel(size_t step) const {
  if (shared_.done[step]) return "view";
  if (steps_[step].program) return steps_[step].program->kernel();
  return arguments_[step].copy ? "copy" : "view";
}

Status Execution::runStep(size_t step, ThreadPool& pool) {
  if (shared_.done[step]) return {};
  const Arguments& args = arguments_[step];
  const std::span reads(reads_.data() + args.firstRead, args.reads);
  const std::span<const TensorView> written = writes(step);
  if (Program* program = steps_[step].program.get()) {
    const RunArgs given{reads, written, {scratch_.data(), scratch_.size()}, pool, shared_.outputSteps[step]};
    return args.plugin && fallback_ ? fallback_->run(*graph_, steps_[step], given) : program->run(given);
  }
  if (args.copy) std::memcpy(written[0].data, reads[0].data, written[0].bytes());
  return {};
}

void Execution::recordDevice(size_t step) {
  if (!steps_[step].program) return;
  size_t column = arguments_[step].firstDevice;
  for (const double seconds : steps_[step].program->layerSeconds()) recorder_.setDevice(column++, seconds);
}

double Execution::deviceMs(size_t step, size_t layer) const {
  if (!profiling_ || layer >= deviceTimes(steps_[step])) return 0;
  return recorder_.device(arguments_[step].firstDevice + layer).medianMs;
}

void Execution::runChain(const Chain& chain, ThreadPool& pool) {
  std::fill(chainSeconds_.begin(), chainSeconds_.end(), 0);
  pool.parallelFor(static_cast<int64_t>(chain.stripes.size()), [&](int64_t stripe, int thread) {
    for (const Turn& turn : chain.stripes[static_cast<size_t>(stripe)]) {
      if (!profiling_) {
        takeTurn(chain, turn, thread, pool);
        continue;
      }
      const auto started = std::chrono::steady_clock::now();
      takeTurn(chain, turn, thread, pool);
      chainSeconds_[static_cast<size_t>(thread) * steps_.size() + turn.step] +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    }
  });
  if (!profiling_) return;
  for (size_t step = chain.first; step <= chain.last; ++step) {
    for (size_t thread = 1; thread < threads_; ++thread) {
      chainSeconds_[step] += chainSeconds_[thread * steps_.size() + step];
    }
  }
  recorder_.endSteps(chain.first, {chainSeconds_.data() + chain.first, chain.last - chain.first + 1});
}

void Execution::takeTurn(const Chain& chain, const Turn& turn, int thread, ThreadPool& pool) {
  // Where row 0 would be if `base` is the row at the front of this thread's ring.
  const auto rowZero = [&](size_t step, int64_t base) {
    const Ring& ring = chain.rings[step - chain.first];
    const TensorId id = steps_[step].partition.outputs[0];
    std::byte* memory = arena_.data() + plan_.offsets[shared_.of(id).index] + static_cast<size_t>(thread) * ring.bytes;
    return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(memory) -
                                        static_cast<uintptr_t>(base * ring.rowBytes));
  };
  const Arguments& args = arguments_[turn.step];
  std::array<ConstTensorView, kMostChainInputs> inputs;
  std::copy_n(reads_.data() + args.firstRead, args.reads, inputs.data());
  TensorView output = writes_[args.firstWrite];
  if (turn.step > chain.first) inputs[0].data = rowZero(turn.step - 1, turn.inputBase);
  if (turn.step < chain.last) output.data = rowZero(turn.step, turn.outputBase);
  if (turn.moveRows > 0) {
    const int64_t rowBytes = chain.rings[turn.step - chain.first].rowBytes;
    std::byte* front = rowZero(turn.step, 0);
    std::memmove(front, front + turn.moveFrom * rowBytes, static_cast<size_t>(turn.moveRows * rowBytes));
  }
  std::byte* scratch = scratch_.data() + static_cast<size_t>(thread) * chain.scratchBytes;
  const RunArgs given{{inputs.data(), args.reads}, {&output, 1}, {scratch, chain.scratchBytes}, pool,
                      shared_.outputSteps[turn.step]};
  steps_[turn.step].program->rowwise()->runUnits(given, turn.first, turn.last);
}

Status Execution::run(ThreadPool& pool, const StepTap* tap) {
  recorder_.begin();
  auto chain = chains_.begin();
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (chain != chains_.end() && chain->first == i) {
      runChain(*chain, pool);
      i = chain++->last;
      continue;
    }
    Status status = runStep(i, pool);
    if (tap != nullptr && status.ok()) status = (*tap)(steps_[i].partition, writes(i));
    if (!status.ok()) return annotate(status, describe(*graph_, steps_[i].partition));
    if (!profiling_) continue;
    recorder_.endStep(i);
    recordDevice(i);
  }
  for (const OutputCopy& copy : outputCopies_) {
    const ConstTensorView& from = reads_[copy.read];
    std::memcpy(copy.to, from.data, from.bytes());
  }
  recorder_.end();
  return {};
}

}  // namespace qrt
