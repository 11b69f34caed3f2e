// One layer on cpu-float, at every float level this machine has and with several threads, in guarded
// memory, against the op's reference kernel.
#pragma once

#include <string>
#include <vector>

#include "support/one_op.h"

namespace qrt::test {

/// A result may differ from the reference's by `ulps` units of its last place or by `absolute`.
struct Tolerance {
  double ulps = 0;
  double absolute = 0;
};

/// Expects the layer to compile on cpu-float, to give the reference's outputs within `tolerance` (f32)
/// or exactly (other dtypes), the same bytes with 1 and 3 threads, to touch nothing beyond its
/// buffers, and, where the program says so, to work in place. NaNs must be where the reference has
/// them. All inputs have bytes; `outputs` as for oneOpGraph().
void expectCpuFloat(OpType op, const Attributes& attributes, const std::vector<TestTensor>& inputs,
                    const Tolerance& tolerance, const std::vector<TestTensor>& outputs = {{}});

/// Expects cpu-float to refuse the layer with a reason that holds `text`.
void expectCpuFloatRefuses(OpType op, const Attributes& attributes,
                           const std::vector<TestTensor>& inputs, const std::string& text);

/// `count` floats in [low, high), the same for the same seed.
std::vector<float> randomFloats(int64_t count, unsigned seed, float low = -2, float high = 2);
/// A tensor of them.
inline TestTensor randomTensor(const Shape& shape, unsigned seed, float low = -2, float high = 2) {
  return floats(shape, randomFloats(shape.elements(), seed, low, high));
}

}  // namespace qrt::test
