// The networks of networks.h with s8 tensors: the same bytes on every machine, since weights, scales and
// inputs come from integers alone.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/model_data.h"

namespace qrt::test {

/// The graph of `model`, for input shapes with batch `batch`, where every layer that has an int8 form
/// takes and gives s8 tensors; input and outputs are s8 too. Weights are drawn anew.
Model asInt8(const Model& model, int64_t batch = 1);

/// Bytes drawn with `seed`.
std::vector<int8_t> randomBytes(size_t count, unsigned seed);

}  // namespace qrt::test
