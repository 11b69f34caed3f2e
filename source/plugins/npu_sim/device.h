// The simulated device and its programs: computes, waits until the modelled time is over, and fails as planned.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <random>

#include "npu_sim/kernels.h"
#include "npu_sim/profile.h"

namespace npu_sim {

/// What may fail or hang.
enum class Call { load, supports, compile, run };

/// Takes as long as the fault says.
void hang(const PlannedFault& fault);

/// What all programs of a device share; outlives the handle as long as programs need it.
struct Device {
  explicit Device(Profile p) : profile(std::move(p)), counts(profile.faults.size()) {}

  const Profile profile;
  /// The faults that are due now, of the kinds that this call has. Counts.
  std::vector<PlannedFault> due(const Network& network, Call call);

 private:
  std::mutex mutex_;
  std::vector<int64_t> counts;  // by fault: how many calls it could have hit
};

}  // namespace npu_sim

/// The handles of the ABI.
struct QrtBackend {
  std::shared_ptr<npu_sim::Device> device;
};

struct QrtProgram {
  QrtProgram(std::shared_ptr<npu_sim::Device> device, npu_sim::Network network);

  /// Throws npu_sim::Failure.
  void run(const QrtBuffer* const* inputs, uint64_t inputCount, QrtBuffer* const* outputs, uint64_t outputCount);
  /// What the layers took in the last run; empty if the profile has no layer times.
  const std::vector<double>& seconds() const { return seconds_; }

 private:
  using Clock = std::chrono::steady_clock;

  void bind(const std::vector<int>& ids, const QrtBuffer* const* buffers, uint64_t count);
  void compute(const std::vector<npu_sim::PlannedFault>& faults);

  std::shared_ptr<npu_sim::Device> device_;
  npu_sim::Network network_;
  std::vector<npu_sim::Kernel> kernels_;
  std::vector<double> modelled_;  // by layer
  double border_;
  std::vector<double> seconds_;
  std::vector<std::vector<int8_t>> own_;  // memory of the tensors within
  npu_sim::Memory memory_;
  std::mt19937_64 random_;
};
