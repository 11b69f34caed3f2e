// The simulated NPU, loaded for tests.
#pragma once

#include "plugins/plugin_support.h"
#include "support/networks.h"

namespace qrt::test {

/// Loads the simulated NPU with `profile` under a name not used before, which is returned.
inline std::string loadNpu(const std::string& profile, double callSeconds = 120) {
  static int count = 0;
  const std::string name = "npu-" + std::to_string(++count);
  auto loaded = BackendRegistry::load(npuSimFile(), {name, profile, callSeconds});
  // A limit that is short enough for tests of it may be too short to load anything on a busy machine.
  for (int i = 0; i < 100 && !loaded.ok(); ++i) {
    loaded = BackendRegistry::load(npuSimFile(), {name, profile, callSeconds});
  }
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  return name;
}

/// The profile "good", so fast that tests do not wait for it, with `more` fields (", \"seed\": 2").
inline std::string fastProfile(const std::string& more = "") {
  return R"({"base": "good", "macs_per_second": 1e15, "elements_per_second": 1e15,
             "dma_bytes_per_second": 1e15, "launch_seconds": 0)" + more + "}";
}

/// A small int8 network.
inline const Model& network() {
  static const Model model = asInt8(squeezeNet(32));
  return model;
}
/// What it gives on the CPU.
inline const std::vector<std::byte>& wanted() {
  static const auto bytes = outputOf(network(), {.threads = 1});
  return bytes;
}

/// A fast profile with one planned fault.
inline std::string planned(const std::string& fault) { return fastProfile(", \"faults\": [" + fault + "]"); }

/// First on this backend, then on the CPU.
inline SessionOptions on(const std::string& backend) {
  return {.threads = 1, .backends = {backend, "cpu-int8", "cpu-float"}, .faults = {.runSeconds = 5}};
}

}  // namespace qrt::test
