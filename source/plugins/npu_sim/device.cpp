#include "npu_sim/device.h"

#include <algorithm>
#include <cstring>
#include <thread>

namespace npu_sim {
namespace {

Call callOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::load:
    case FaultKind::hangLoad: return Call::load;
    case FaultKind::hangSupports: return Call::supports;
    case FaultKind::compile:
    case FaultKind::hangCompile: return Call::compile;
    default: return Call::run;
  }
}

// Sleeping ends late: the last of it is spent looking at the clock.
void waitUntil(std::chrono::steady_clock::time_point deadline) {
  constexpr auto kSpin = std::chrono::microseconds(150);
  if (deadline - std::chrono::steady_clock::now() > kSpin) std::this_thread::sleep_until(deadline - kSpin);
  while (std::chrono::steady_clock::now() < deadline) {
  }
}

std::chrono::steady_clock::duration duration(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

bool has(const std::vector<PlannedFault>& faults, FaultKind kind) {
  return std::any_of(faults.begin(), faults.end(), [&](const PlannedFault& fault) { return fault.kind == kind; });
}

}  // namespace

void hang(const PlannedFault& fault) { std::this_thread::sleep_for(duration(fault.hangSeconds)); }

std::vector<PlannedFault> Device::due(const Network& network, Call call) {
  const std::lock_guard lock(mutex_);
  std::vector<PlannedFault> result;
  for (size_t i = 0; i < profile.faults.size(); ++i) {
    const PlannedFault& fault = profile.faults[i];
    const bool hits = fault.layer.empty() || std::any_of(network.layers.begin(), network.layers.end(),
                                                         [&](const Layer& l) { return l.name == fault.layer; });
    if (callOf(fault.kind) != call || !hits) continue;
    const int64_t count = ++counts[i];
    if (count == fault.run || (fault.repeat && count > fault.run)) result.push_back(fault);
  }
  return result;
}

}  // namespace npu_sim

using namespace npu_sim;

QrtProgram::QrtProgram(std::shared_ptr<Device> device, Network network)
    : device_(std::move(device)),
      network_(std::move(network)),
      seconds_(device_->profile.layerTimes ? network_.layers.size() : 0),
      memory_(network_.tensors.size()),
      random_(device_->profile.seed) {
  for (const PlannedFault& fault : device_->due(network_, Call::compile)) {
    if (fault.kind == FaultKind::compile) throw Failure(QRT_OUT_OF_MEMORY, "the program does not fit (injected)");
    hang(fault);
  }
  const double weights = weightBytes(network_);
  border_ = borderSeconds(device_->profile, network_);
  for (const Layer& layer : network_.layers) {
    const std::string reason = refusal(device_->profile, network_, layer);
    if (!reason.empty()) throw Failure(QRT_UNSUPPORTED, "layer '" + layer.name + "': " + reason);
    kernels_.push_back(findOp(layer.op)->prepare(network_, layer));
    modelled_.push_back(layerSeconds(device_->profile, network_, layer, weights));
  }
  std::vector<bool> given(network_.tensors.size());
  for (const std::vector<int>* side : {&network_.inputs, &network_.outputs}) {
    for (const int id : *side) given[static_cast<size_t>(id)] = true;
  }
  for (size_t i = 0; i < network_.tensors.size(); ++i) {
    const Tensor& tensor = network_.tensors[i];
    if (tensor.constant != nullptr) {
      memory_[i] = const_cast<void*>(tensor.constant);  // only read
    } else if (!given[i]) {
      own_.emplace_back(tensor.bytes);
      memory_[i] = own_.back().data();
    }
  }
}

void QrtProgram::bind(const std::vector<int>& ids, const QrtBuffer* const* buffers, uint64_t count) {
  if (count != ids.size()) throw Failure(QRT_INVALID_ARGUMENT, "another number of buffers than compiled for");
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<size_t>(ids[i]);
    if (buffers[i]->bytes != network_.tensors[id].bytes) {
      throw Failure(QRT_INVALID_ARGUMENT, "a buffer of " + std::to_string(buffers[i]->bytes) + " bytes for '" +
                                              network_.tensors[id].name + "', wanted " +
                                              std::to_string(network_.tensors[id].bytes));
    }
    memory_[id] = buffers[i]->data;
  }
}

void QrtProgram::compute(const std::vector<PlannedFault>& faults) {
  const Profile& profile = device_->profile;
  std::normal_distribution<double> normal(1, profile.timingNoise);
  const double noise = profile.timingNoise > 0 ? std::max(0.1, normal(random_)) : 1;
  waitUntil(Clock::now() + duration(border_ * noise));
  for (size_t i = 0; i < kernels_.size(); ++i) {
    const Clock::time_point begin = Clock::now();
    kernels_[i](memory_);
    for (const PlannedFault& fault : faults) {
      if (fault.kind != FaultKind::wrongResult) continue;
      const Layer& layer = network_.layers[i];
      if (fault.layer.empty() ? i + 1 != kernels_.size() : fault.layer != layer.name) continue;
      auto* values = static_cast<int8_t*>(memory_[static_cast<size_t>(layer.outputs[0])]);
      for (int64_t k = 0; k < network_.out(layer).elements; ++k) {
        values[k] = static_cast<int8_t>(std::clamp<int64_t>(values[k] + fault.amount, -128, 127));
      }
    }
    // One that is computed too slowly must not hide in the waiting of those after it: then times would not add up.
    waitUntil(begin + duration(modelled_[i] * noise));
    if (!seconds_.empty()) seconds_[i] = std::chrono::duration<double>(Clock::now() - begin).count();
  }
}

void QrtProgram::run(const QrtBuffer* const* inputs, uint64_t inputCount, QrtBuffer* const* outputs,
                     uint64_t outputCount) {
  bind(network_.inputs, inputs, inputCount);
  bind(network_.outputs, outputs, outputCount);
  const std::vector<PlannedFault> faults = device_->due(network_, Call::run);
  for (const PlannedFault& fault : faults) {
    if (fault.kind == FaultKind::error) throw Failure(QRT_FAILED, "the device reports an error (injected)");
    if (fault.kind == FaultKind::outOfMemory)
      throw Failure(QRT_OUT_OF_MEMORY, "the device is out of memory (injected)");
    if (fault.kind == FaultKind::hang) hang(fault);
  }
  compute(faults);
  for (uint64_t i = 0; i < outputCount; ++i) outputs[i]->written = outputs[i]->bytes;
  if (has(faults, FaultKind::wrongSize) && outputCount > 0) outputs[0]->written = UINT64_MAX;
  if (has(faults, FaultKind::wrongTime)) std::fill(seconds_.begin(), seconds_.end(), std::nan(""));
}
