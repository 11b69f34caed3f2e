#include "quantize/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace qrt {
namespace {

constexpr int kShift = 23 - TensorHistogram::kMantissaBits;

double lowOfBin(uint32_t magnitude) {
  // Beyond the largest float the next bin would begin at infinity.
  constexpr uint32_t kInfinity = 0x7f800000u >> kShift;
  return magnitude >= kInfinity ? 0x1p128 : double{std::bit_cast<float>(magnitude << kShift)};
}

}  // namespace

TensorHistogram::Page& TensorHistogram::page(uint32_t index) {
  if (!pages_[index]) pages_[index] = std::make_unique<Page>();
  return *pages_[index];
}

void TensorHistogram::addAll(std::span<const float> values, uint64_t weight) {
  for (const float value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    page(bits >> 23)[(bits >> kShift) & (kPageBins - 1)] += weight;
  }
}

void TensorHistogram::addBin(uint32_t bin, uint64_t count) {
  page(bin / kPageBins)[bin % kPageBins] += count;
}

void TensorHistogram::addSample(const SampleRange& range) {
  const auto at = std::lower_bound(
      samples_.begin(), samples_.end(), range,
      [](const SampleRange& a, const SampleRange& b) { return a.sample < b.sample; });
  samples_.insert(at, range);
}

void TensorHistogram::merge(const TensorHistogram& other) {
  other.forEachBin([&](uint32_t bin, uint64_t count) { addBin(bin, count); });
  for (const SampleRange& range : other.samples_) addSample(range);
}

uint64_t TensorHistogram::count() const {
  uint64_t total = 0;
  forEachBin([&](uint32_t, uint64_t count) { total += count; });
  return total;
}

float TensorHistogram::min() const {
  float least = samples_.empty() ? 0 : samples_.front().min;
  for (const SampleRange& range : samples_) least = std::min(least, range.min);
  return least;
}

float TensorHistogram::max() const {
  float largest = samples_.empty() ? 0 : samples_.front().max;
  for (const SampleRange& range : samples_) largest = std::max(largest, range.max);
  return largest;
}

bool TensorHistogram::fitsRange() const {
  const auto binOf = [](float x) { return std::bit_cast<uint32_t>(x) >> kShift; };
  // By value: the negative bins backwards, then the positive ones.
  const auto order = [](uint32_t bin) {
    const auto magnitude = static_cast<int64_t>(bin % (kBinCount / 2));
    return bin >= kBinCount / 2 ? -1 - magnitude : magnitude;
  };
  int64_t first = kBinCount, last = -kBinCount;
  forEachBin([&](uint32_t bin, uint64_t) {
    first = std::min(first, order(bin));
    last = std::max(last, order(bin));
  });
  return first == order(binOf(min())) && last == order(binOf(max()));
}

std::vector<HistogramBin> TensorHistogram::bins() const {
  const double least = min();
  const double largest = max();
  const auto clamp = [&](double x) { return std::min(std::max(x, least), largest); };
  std::vector<HistogramBin> result;
  size_t positive = 0;  // positive ones come first by bit pattern
  forEachBin([&](uint32_t bin, uint64_t count) {
    const bool negative = bin >= kBinCount / 2;
    const uint32_t magnitude = bin % (kBinCount / 2);
    double low = lowOfBin(magnitude);
    double high = lowOfBin(magnitude + 1);
    if (negative) {
      std::swap(low, high);
      low = -low;
      high = -high;
    } else {
      ++positive;
    }
    low = clamp(low);
    high = clamp(high);
    const double value = magnitude == 0 ? 0 : (low + high) / 2;  // zeros, and next to nothing
    result.push_back({low, high, value, static_cast<double>(count)});
  });
  const auto middle = result.begin() + static_cast<std::ptrdiff_t>(positive);
  std::reverse(middle, result.end());
  std::rotate(result.begin(), middle, result.end());
  return result;
}

std::vector<HistogramBin> uniformBins(std::span<const HistogramBin> bins, double low, double high,
                                      int count) {
  const double width = (high - low) / count;
  std::vector<HistogramBin> result(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    HistogramBin& bin = result[static_cast<size_t>(i)];
    bin = {low + i * width, low + (i + 1) * width, low + (i + 0.5) * width, 0};
  }
  const auto indexOf = [&](double x) {
    return static_cast<size_t>(std::min(std::max((x - low) / width, 0.0), count - 1.0));
  };
  for (const HistogramBin& bin : bins) {
    const size_t first = indexOf(bin.low);
    const size_t last = indexOf(bin.high);
    if (first == last || !(bin.high > bin.low)) {
      result[first].count += bin.count;
      continue;
    }
    const double density = bin.count / (bin.high - bin.low);
    double rest = bin.count;
    for (size_t i = first; i < last; ++i) {
      const double from = i == first ? bin.low : result[i].low;
      const double part = std::min(rest, density * std::max(0.0, result[i].high - from));
      result[i].count += part;
      rest -= part;
    }
    result[last].count += rest;
  }
  return result;
}

}  // namespace qrt
