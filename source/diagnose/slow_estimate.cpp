#include "diagnose/slow_estimate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qrt {
namespace {

// How layers vary around the usual ratio of the backends' speeds: standard deviation of one, as a share.
constexpr double kNaturalSpread = 0.5;

}  // namespace

double SlowEstimate::deviation(const Row& row) const { return std::sqrt(std::max(0.0, fit_->covariance(row, row))); }

Moved SlowEstimate::with(Moved moved, const Segment& segment, bool value) const {
  for (size_t i = segment.begin; i < segment.end; ++i) moved[i] = value;
  return moved;
}

SlowEstimate::Row SlowEstimate::row(const Moved& moved) const {
  Row row;
  for (const Segment& segment : segments_) row.push_back(moved[segment.begin] ? 0 : 1);
  const SlowSearch::Border border = s_.border(moved);
  row.insert(row.end(), {1, border.partitions, border.bytes});
  return row;
}

SlowEstimate::Row SlowEstimate::difference(const Moved& a, const Moved& b) const {
  Row result = row(a);
  const Row other = row(b);
  for (size_t i = 0; i < result.size(); ++i) result[i] -= other[i];
  return result;
}

SlowEstimate::Row SlowEstimate::own(size_t segment) const {
  Row row(segments_.size() + 3);
  row[segment] = 1;
  return row;
}

double SlowEstimate::elsewhere(const Segment& segment) const {
  const auto first = s_.elsewhere.begin();
  return std::accumulate(first + static_cast<std::ptrdiff_t>(segment.begin),
                         first + static_cast<std::ptrdiff_t>(segment.end), 0.0);
}

// Everything moved but this segment.
Moved SlowEstimate::without(const Segment& segment) const { return with(Moved(base_.size(), true), segment, false); }

// All that the runs say so far.
void SlowEstimate::estimate() {
  times_.findNoise(run_);
  const std::vector<Moved> sets = times_.sets();
  const double whole = times_.rest(sets[0]);
  double bytes = 1;
  for (const Moved& moved : sets) bytes = std::max(bytes, s_.border(moved).bytes);
  Row mean, deviation;
  for (const Segment& segment : segments_) {
    mean.push_back(usual_ * elsewhere(segment));
    deviation.push_back(whole);
  }
  mean.insert(mean.end(), {0, 0, 0});
  deviation.insert(deviation.end(), {whole, 0.05 * whole, 0.1 * whole / bytes});
  fit_ = std::make_unique<LeastSquares>(mean, deviation);
  for (const Moved& moved : sets) {
    const double rest = times_.rest(moved);
    fit_->observe(row(moved), rest, times_.noise(moved, rest) / std::sqrt(times_.runs(moved)));
  }
  fit_->solve();
  run_ = fit_->mean(row(base_));
  run_ += times_.elsewhere(base_);
  findUsual();
}

// The median over the segments, by weight, of their time per second elsewhere: slow layers are few.
void SlowEstimate::findUsual() {
  std::vector<std::pair<double, double>> ratios;
  double total = 0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const double weight = elsewhere(segments_[i]);
    if (weight <= 0) continue;
    ratios.emplace_back(std::max(0.0, fit_->mean(own(i)) / weight), weight);
    total += weight;
  }
  std::sort(ratios.begin(), ratios.end());
  double below = 0;
  for (const auto& [ratio, weight] : ratios) {
    below += weight;
    if (below < total / 2) continue;
    usual_ = ratio;
    return;
  }
}

// What moving one layer of the segment can save if all others take what is usual, give or take their nature.
double SlowEstimate::mostGain(size_t index) const {
  const Segment& segment = segments_[index];
  double squares = 0, least = s_.elsewhere[segment.begin];
  for (size_t i = segment.begin; i < segment.end; ++i) {
    squares += s_.elsewhere[i] * s_.elsewhere[i];
    least = std::min(least, s_.elsewhere[i]);
  }
  const double others = usual_ * (elsewhere(segment) - least - kNaturalSpread * std::sqrt(squares));
  return fit_->mean(own(index)) - std::max(0.0, others) - least;
}

// The set of moved layers, of those timed before and those that the segment suggests, whose next run will narrow
// `wanted` most, and by what part of its variance.
std::pair<Moved, double> SlowEstimate::bestTest(const Row& wanted, const Segment& segment) const {
  std::vector<Moved> choices = {base_, with(base_, segment), without(segment)};
  for (Moved& moved : times_.sets()) choices.push_back(std::move(moved));
  const Moved* best = nullptr;
  double most = -1;
  for (const Moved& moved : choices) {
    const Row seen = row(moved);
    const double sigma = times_.noise(moved, fit_->mean(seen));
    const double covariance = fit_->covariance(wanted, seen);
    const double narrowed = covariance * covariance / (fit_->covariance(seen, seen) + sigma * sigma);
    if (narrowed > most) most = narrowed, best = &moved;
  }
  return {*best, most / fit_->covariance(wanted, wanted)};
}

// Whether a layer is slow if its moving causes no launch and no transfer.
bool SlowEstimate::standsOut(size_t index) const {
  return segments_[index].size() == 1 && segments_[index].state != Segment::State::slow &&
         mostGain(index) > s_.smallestGain * run_;
}

// The single layers around this one that stand out.
Segment SlowEstimate::neighbours(size_t index) const {
  size_t first = index, last = index;
  while (first > 0 && standsOut(first - 1)) --first;
  while (last + 1 < segments_.size() && standsOut(last + 1)) ++last;
  return {segments_[first].begin, segments_[last].end};
}

// Of layers that move together: what is saved by moving the one that saves least, the others being moved.
std::pair<SlowEstimate::Row, double> SlowEstimate::weakest(const Segment& layers) const {
  const Moved all = with(base_, layers);
  std::pair<Row, double> weakest{difference(base_, all), 0};
  weakest.second = fit_->mean(weakest.first) - elsewhere(layers);
  for (size_t i = layers.begin; i < layers.end; ++i) {
    const Segment layer{i, i + 1};
    Row saved = difference(with(all, layer, false), all);
    const double gain = fit_->mean(saved) - elsewhere(layer);
    if (gain < weakest.second) weakest = {std::move(saved), gain};
  }
  return weakest;
}

}  // namespace qrt
