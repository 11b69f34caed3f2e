// The measure that the kl observer minimizes, for its tests.
#pragma once

#include <span>

namespace qrt {

/// KL divergence of a histogram from itself quantized to `levels` levels over bins [first, last). What lies
/// outside is added to the first and last of them in P, but not in Q, whose levels spread their counts evenly
/// over those of their bins that are not empty.
double klDivergence(std::span<const double> counts, size_t first, size_t last, size_t levels);

}  // namespace qrt
