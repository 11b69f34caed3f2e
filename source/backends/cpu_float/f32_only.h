// The condition that most families of cpu-float share.
#pragma once

#include "backends/backend.h"
#include "base/error.h"

namespace qrt {

/// Yes if all inputs and outputs are f32; else no, naming the first that is not.
inline Verdict f32Only(const Graph& graph, const Layer& layer) {
  const auto check = [&](const char* what, std::span<const TensorId> ids) {
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == kNoTensor || graph.tensor(ids[i]).dtype == DType::f32) continue;
      return Verdict::no(
          concat(what, ' ', i, " is ", dtypeName(graph.tensor(ids[i]).dtype), ", wanted f32"));
    }
    return Verdict::yes();
  };
  const Verdict inputs = check("input", layer.inputs);
  return inputs.supported ? check("output", layer.outputs) : inputs;
}

}  // namespace qrt
