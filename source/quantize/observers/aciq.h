// The clips of the aciq observer, for its tests.
#pragma once

namespace qrt {

/// The best clip of normal values in units of sigma, for 2^bits levels over both signs.
double aciqGaussClip(int bits);
/// The best clip of Laplace values in units of b.
double aciqLaplaceClip(int bits);

}  // namespace qrt
