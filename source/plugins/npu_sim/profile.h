// What kind of NPU is simulated: speeds, limits, and what goes wrong.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "npu_sim/network.h"

namespace npu_sim {

/// What the hardware takes of an op, and how well it does it.
struct OpLimits {
  int64_t maxKernel = 1024;        ///< height or width of a window
  int64_t maxStride = 1024;
  int64_t maxDilation = 1024;
  int64_t channelsMultiple = 1;    ///< input and output channels must be multiples of this
  bool depthwise = true;           ///< Conv with one input channel to a group
  double slow = 1;                 ///< its time is multiplied with this
};

enum class FaultKind {
  load, hangLoad, hangSupports, compile, hangCompile,
  error, outOfMemory, hang, wrongResult, wrongSize, wrongTime  // of runs
};

struct PlannedFault {
  FaultKind kind = FaultKind::error;
  int64_t run = 1;          ///< the n-th run of the device (compilation, question), counted from 1
  bool repeat = false;      ///< this one and all that follow
  std::string layer;        ///< only runs with this layer fail (and count); "": all
  double hangSeconds = 3600;
  int64_t amount = 32;      ///< wrongResult: added to every value
};

struct Profile {
  std::string name;
  double macsPerSecond = 0;
  double elementsPerSecond = 0;    ///< of layers that do not multiply and accumulate
  double dmaBytesPerSecond = 0;
  double onChipBytes = 0;          ///< weights and activations that fit are not fetched again
  double launchSeconds = 0;        ///< to start a partition
  bool layerTimes = true;
  double timingNoise = 0;          ///< standard deviation of a run's time, as a fraction
  uint64_t seed = 1;
  std::map<std::string, OpLimits> ops;
  std::map<std::string, double> slowLayers;  ///< by name: factors on top of the op's
  std::vector<PlannedFault> faults;
};

/// `config`: the name of a built-in profile, a JSON file, or JSON that begins with '{'. Failures name the field, what
/// was found and what was wanted.
Profile readProfile(const std::string& config);

/// Why the device does not take a layer; "" if it does.
std::string refusal(const Profile& profile, const Network& network, const Layer& layer);

/// Modelled seconds of one layer in a program whose weights take `weightBytes`.
double layerSeconds(const Profile& profile, const Network& network, const Layer& layer, double weightBytes);
/// Modelled seconds to start a program and to move what crosses its border.
double borderSeconds(const Profile& profile, const Network& network);
/// Bytes of all constants.
double weightBytes(const Network& network);

}  // namespace npu_sim
