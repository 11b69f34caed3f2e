#include "runtime/execution.h"

#include <algorithm>
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
      shared_(shareMemory(*graph_, steps_, chains_, !options.whole)),
      plan_(planMemory(shared_.arena)),
      recorder_(options.profiling ? steps_.size() : 0, options.profiling ? deviceTimes(steps_) : 0),
      profiling_(options.profiling) {}

Execution::~Execution() = default;

void Execution::setFallback(std::unique_ptr<Fallback> fallback) { fallback_ = std::move(fallback); }

Status Execution::allocate() {
  memory_.activations = plan_.bytes;
  memory_.lowerBound = memoryLowerBound(shared_.arena);
  for (const Step& step : steps_) {
    if (step.program) memory_.scratch = std::max(memory_.scratch, step.program->scratchBytes());
  }
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

Status Execution::runChain(const Chain& chain, ThreadPool& pool) {
  // Where a ring's row 0 would be if `base` is the row at its front.
  const auto ring = [&](size_t step, int64_t base) {
    const TensorId id = steps_[step].partition.outputs[0];
    return arena_.data() + plan_.offsets[shared_.of(id).index] - base * chain.rings[step - chain.first].rowBytes;
  };
  for (const Turn& turn : chain.turns) {
    const Arguments& args = arguments_[turn.step];
    if (turn.moveRows > 0) {
      const int64_t rowBytes = chain.rings[turn.step - chain.first].rowBytes;
      std::byte* front = ring(turn.step, 0);
      std::memmove(front, front + turn.moveFrom * rowBytes, static_cast<size_t>(turn.moveRows * rowBytes));
    }
    if (turn.step > chain.first) reads_[args.firstRead].data = ring(turn.step - 1, turn.inputBase);
    if (turn.step < chain.last) writes_[args.firstWrite].data = ring(turn.step, turn.outputBase);
    const RunArgs given{{reads_.data() + args.firstRead, args.reads}, writes(turn.step),
                        {scratch_.data(), scratch_.size()}, pool, shared_.outputSteps[turn.step]};
    const Status status = steps_[turn.step].program->rowwise()->runUnits(given, turn.first, turn.last);
    if (!status.ok()) return annotate(status, describe(*graph_, steps_[turn.step].partition));
    if (profiling_) recorder_.endStep(turn.step);
  }
  return {};
}

Status Execution::run(ThreadPool& pool, const StepTap* tap) {
  recorder_.begin();
  auto chain = chains_.begin();
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (chain != chains_.end() && chain->first == i) {
      QRT_RETURN_IF_ERROR(runChain(*chain, pool));
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
