// Winograd's convolution F(m×m, r×r): tiles of m × m outputs from tiles of α × α inputs, where
// α = m + r − 1, with α² instead of m²·r² products per input and output channel. Start here.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A      d: α × α inputs, g: r × r weights, Y: m × m outputs
//
// (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4; products of
// one position of the α × α summed over channels are a matrix product.) The matrices follow from α
// points x_j by the transposed Toom-Cook construction (Barabasz et al., "Error Analysis and
// Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2018, section 3):
//
//   A[j][i] = x_j^i
//   G[j][i] = x_j^i / Π_{k≠j} (x_j − x_k)
//   Bᵀ[j]   = coefficients of Π_{k≠j} (x − x_k)
//
// and for the point ∞, which takes part in none of the products, A[j] = G[j] = (0 … 0 1), and Bᵀ[j]
// has the coefficients of Π_k (x − x_k).
//
// α is even here, and the points are 0, ±p for one to three p, and ∞, in this order. With Q(x²) =
// Π (x² − p²) and E_p = Q / (x² − p²) the row of 0 in Bᵀ is Q, that of ∞ is x·Q, and those of ±p
// are x²·E_p ± p·x·E_p: one even and one odd sum serve both. So do sums and differences of the two
// in Aᵀ.
#pragma once

#include <cstdint>

namespace qrt {

/// F(m×m, r×r) as the transforms want it. Coefficients above the number of pairs are 0.
struct Winograd {
  static constexpr int kMaxPairs = 3;
  static constexpr int kMaxAlpha = 2 * kMaxPairs + 2;

  int m = 0, r = 0;
  int pairs = 0;
  float point[kMaxPairs] = {};             ///< p
  float q[kMaxPairs] = {};                 ///< Q(x²) = Σ q[i]·x²ⁱ + x^(2·pairs)
  float e[kMaxPairs][kMaxPairs - 1] = {};  ///< E_p(x²) = Σ e[p][i]·x²ⁱ + x^(2·pairs − 2)
  float power[kMaxAlpha - 1][kMaxPairs] = {};  ///< pⁱ
  double g[kMaxAlpha][kMaxAlpha - 1] = {};     ///< G
  /// By how much more than a direct sum's the rounding errors of a sum of products show in the
  /// output, as root mean squares, for inputs and weights at random: in each of two directions √ of
  /// the mean over outputs i of Σ_j A[j][i]²·ΣB[j]²·ΣG[j]² / r. It grows fast with α.
  double amplification = 1;

  int alpha() const { return 2 * pairs + 2; }
  /// Expected error of sums over c channels, as root mean square over that of the outputs, for
  /// inputs and weights at random. The roundings of c sums add up as √c; 2⁻²⁵ each is a little more
  /// than what was measured of any tile size (docs/winograd.md).
  double error(int64_t c) const;
};

/// Whether winograd(m, r) exists: m ≥ 2, 2 ≤ r ≤ 7, α one of 4, 6, 8.
bool winogradExists(int m, int r);
/// Its coefficients. The points of each α are those with the least measured error.
Winograd winograd(int m, int r);

}  // namespace qrt
