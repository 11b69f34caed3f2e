// What calibration keeps of a tensor: how often values of each size were seen.
//
// A bin is a float's sign, exponent and 11 bits of its mantissa: bins are never moved or merged, whatever
// the data, so that histograms add up in any order to the same counts, and one pass over the data is all.
// A bin is at most 1/2048 of its values wide: finer than 8 bits need.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace qrt {

/// The range of one calibration sample.
struct SampleRange {
  uint64_t sample = 0;
  float min = 0;
  float max = 0;
  bool operator==(const SampleRange&) const = default;
};

/// A part of the number line and how many values it holds.
struct HistogramBin {
  double low = 0;
  double high = 0;    ///< low ≤ value < high, but within the tensor's least and largest value
  double value = 0;   ///< stands for the values: the middle
  double count = 0;
};

class TensorHistogram {
 public:
  static constexpr int kMantissaBits = 11;
  static constexpr int kBinCount = 1 << (1 + 8 + kMantissaBits);
  static constexpr uint32_t kPageBins = 1 << kMantissaBits;  ///< memory comes in pages: one sign and exponent

  TensorHistogram() = default;
  TensorHistogram(TensorHistogram&&) noexcept = default;
  TensorHistogram& operator=(TensorHistogram&&) noexcept = default;
  TensorHistogram(const TensorHistogram& other) { merge(other); }
  TensorHistogram& operator=(const TensorHistogram&) = delete;

  /// Counts values, all finite.
  void add(std::span<const float> values) { addAll(values, 1); }
  /// Takes back what add() counted.
  void remove(std::span<const float> values) { addAll(values, ~uint64_t{0}); }
  /// Counts `count` values of a bin, for loading.
  void addBin(uint32_t bin, uint64_t count);
  /// Notes the range of a sample, of which there is none yet.
  void addSample(const SampleRange& range);
  /// Adds another's counts and samples, which must be others.
  void merge(const TensorHistogram& other);

  /// How many values were seen, modulo 2^64.
  uint64_t count() const;
  /// The least and largest value seen, 0 if none was.
  float min() const;
  float max() const;
  /// False for bins that hold only NaN and infinities, and for numbers of none.
  static bool isFinite(uint32_t bin) { return bin < kBinCount && bin / kPageBins % 256 != 255; }
  /// Whether min() and max() lie in the outermost bins, as they do unless somebody made the numbers up.
  bool fitsRange() const;
  /// Ranges of the samples, ascending by sample.
  const std::vector<SampleRange>& samples() const { return samples_; }

  /// Calls fn(bin, count) for each that is not empty, ascending by bin: by bit pattern, not by value.
  template <class Fn>
  void forEachBin(Fn&& fn) const {
    for (uint32_t page = 0; page < kPages; ++page) {
      if (!pages_[page]) continue;
      for (uint32_t i = 0; i < kPageBins; ++i) {
        if (const uint64_t count = (*pages_[page])[i]) fn(page * kPageBins + i, count);
      }
    }
  }
  /// The bins that are not empty, ascending by value.
  std::vector<HistogramBin> bins() const;

 private:
  static constexpr uint32_t kPages = kBinCount / kPageBins;
  using Page = std::array<uint64_t, kPageBins>;

  void addAll(std::span<const float> values, uint64_t weight);
  Page& page(uint32_t index);

  std::array<std::unique_ptr<Page>, kPages> pages_;
  std::vector<SampleRange> samples_;
};

/// A sorted histogram as bins of equal width over [low, high]; what lies outside is in the first and last.
std::vector<HistogramBin> uniformBins(std::span<const HistogramBin> bins, double low, double high,
                                      int count);

}  // namespace qrt
