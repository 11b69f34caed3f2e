// The profiles that come with the simulator, as users write them.
#pragma once

#include <array>

namespace npu_sim {

struct NamedProfile {
  const char* name;
  const char* json;
};

/// A small NPU, and its relatives. One core with AVX2 keeps up with its rates: where the arithmetic takes longer than a
/// profile says, the device is slower than its model, which nobody notices who only measures it.
inline constexpr std::array<NamedProfile, 4> kProfiles = {{
    {"good", R"({
       "macs_per_second": 10e9, "elements_per_second": 500e6, "dma_bytes_per_second": 4e9,
       "on_chip_bytes": 8388608, "launch_seconds": 50e-6, "layer_times": true})"},
    {"slow-op", R"({"base": "good", "ops": {"Add": {"slow": 20}}})"},
    {"partial", R"({"base": "good", "without": ["Add", "Concat", "MaxPool", "Resize", "Softmax", "Transpose"],
       "ops": {"Conv": {"max_kernel": 5, "max_stride": 2, "max_dilation": 1}}})"},
    {"no-layer-times", R"({"base": "good", "layer_times": false})"},
}};

}  // namespace npu_sim
