// Reading an output as the scores of a classifier.
#pragma once

#include <string>
#include <vector>

#include "qrt/qrt.h"

namespace qrt::tools {

/// A class and its score.
struct Ranked {
  size_t index;
  float score;
};

/// Number of classes if the output holds one row of scores ([1,C], [C], [1,1,1,C], …; f32, s8 or u8), else 0.
size_t classCount(const TensorInfo& output);

/// The `k` best classes of one row, best first; of equals the lower index. Quantized scores are dequantized.
std::vector<Ranked> bestClasses(const ConstTensorView& output, size_t k);

}  // namespace qrt::tools
