#include "diagnose/find_slow.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "diagnose/slow_estimate.h"

namespace qrt {
namespace {

// A run that narrows a segment's time by less of its variance is not worth it: better two halves.
constexpr double kLeastNarrowing = 0.05;
constexpr size_t kFirstSegments = 8;

std::string text(double milliseconds) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g ms", milliseconds * 1e3);
  return buffer;
}

class Search : private SlowEstimate {
 public:
  explicit Search(const SlowSearch& s) : SlowEstimate(s) {}

  Result<SlowLayers> run();

 private:
  Status time(const Moved& moved);
  Status timeOnce(const Moved& moved) {
    QRT_RETURN_IF_ERROR(time(moved));
    estimate();
    return {};
  }
  Status look(size_t segment);
  Status lookAtLayer(size_t segment);
  Result<bool> lookAtNeighbours(size_t segment);
  void foundSlow(const Segment& layers, double sure);
  void split(size_t segment);
  size_t mostSuspicious() const;
  void say(const std::string& sentence) const {
    if (s_.say) s_.say(sentence);
  }
  std::string named(const Segment& segment) const;
  Status confirm(size_t segment);
  SlowLayers result();
};

Status Search::time(const Moved& moved) {
  QRT_ASSIGN_OR_RETURN(const SlowSearch::Sample sample, s_.measure(moved));
  times_.add(moved, sample);
  return {};
}

void Search::split(size_t index) {
  Segment& left = segments_[index];
  Segment right = left;
  // Halves of equal usual time rather than equal count.
  const double half = elsewhere(left) / 2;
  double sum = s_.elsewhere[left.begin];
  size_t middle = left.begin + 1;
  while (middle + 1 < left.end && sum + s_.elsewhere[middle] / 2 < half) sum += s_.elsewhere[middle++];
  right.begin = left.end = middle;
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(index) + 1, right);
  estimate();
}

std::string Search::named(const Segment& segment) const {
  const std::string& first = s_.layers[segment.begin];
  if (segment.size() == 1) return concat("'", first, "'");
  return concat("the ", segment.size(), " layers '", first, "' to '", s_.layers[segment.end - 1], "'");
}

// One step on a segment of several layers: clean, cut in two, or one more run.
Status Search::look(size_t index) {
  const Segment segment = segments_[index];
  const double sigma = deviation(own(index));
  const double limit = s_.smallestGain * run_;
  const double most = mostGain(index);
  const auto [test, narrows] = bestTest(own(index), segment);
  if (most + s_.certainty * sigma < limit) {
    segments_[index].state = Segment::State::clean;
    segments_[index].sure = (limit - most) / sigma;
    say(concat("In ", named(segment), " nothing is slow: they take ", text(mean(own(index))), " ± ", text(sigma),
               ", usual would be ", text(usual_ * elsewhere(segment)), "."));
    return {};
  }
  if (most - s_.certainty * sigma > limit || s_.certainty * sigma < limit / 2 || narrows < kLeastNarrowing) {
    say(concat("Moving ", named(segment), " takes ", text(mean(own(index))), " ± ", text(sigma),
               " off the backend, usual would be ", text(usual_ * elsewhere(segment)), ": a closer look."));
    split(index);
    return {};
  }
  return timeOnce(test);
}

Status Search::lookAtLayer(size_t index) {
  Segment& segment = segments_[index];
  const Row saved = gainRow(index);
  const double sigma = deviation(saved), found = gain(index), limit = s_.smallestGain * run_;
  const bool close = s_.certainty * sigma < limit / 2;  // to the limit: it does not matter which way
  if (found - s_.certainty * sigma > limit || (close && found > limit)) {
    say(concat("Without ", named(segment), " a run of ", text(run_), " is ", text(found), " ± ", text(sigma),
               " faster: it is slow, and stays moved."));
    foundSlow(segment, (found - limit) / sigma);
    return {};
  }
  if (found + s_.certainty * sigma < limit || close) {
    QRT_ASSIGN_OR_RETURN(const bool busy, lookAtNeighbours(index));
    if (busy) return {};
    segment.state = Segment::State::clean;
    segment.sure = (limit - found) / sigma;
    say(concat("Moving ", named(segment), " changes a run by ", text(-found), " ± ", text(sigma), ": it is not slow."));
    return {};
  }
  return timeOnce(bestTest(saved, segment).first);
}

// These layers stay moved. What was too little to matter in the slower run may matter now.
void Search::foundSlow(const Segment& layers, double sure) {
  for (Segment& segment : segments_) {
    if (segment.begin >= layers.begin && segment.end <= layers.end) {
      segment.state = Segment::State::slow;
      segment.sure = sure;
    } else if (segment.state == Segment::State::clean) {
      segment.state = Segment::State::open;
    }
  }
  base_ = with(base_, layers);
  estimate();
}

// Of neighbours each may save nothing alone, for what then has to travel between them. True if there was something to do.
Result<bool> Search::lookAtNeighbours(size_t index) {
  if (!standsOut(index)) return false;
  const Segment layers = neighbours(index);
  if (layers.size() < 2) return false;
  const auto [saved, least] = weakest(layers);
  const double sigma = deviation(saved), limit = s_.smallestGain * run_;
  const bool close = s_.certainty * sigma < limit / 2;
  if (least - s_.certainty * sigma > limit || (close && least > limit)) {
    say(concat("Without ", named(layers), " a run of ", text(run_), " is ",
               text(mean(difference(base_, with(base_, layers))) - elsewhere(layers)),
               " faster: they are slow, which moving only one of them hides, and stay moved."));
    foundSlow(layers, (least - limit) / sigma);
    return true;
  }
  if (least + s_.certainty * sigma < limit || close) return false;
  QRT_RETURN_IF_ERROR(timeOnce(bestTest(saved, layers).first));
  return true;
}

// The open segment that may save most; their number if none is open.
size_t Search::mostSuspicious() const {
  size_t best = segments_.size();
  double most = 0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].state != Segment::State::open) continue;
    const double suspicion = mostGain(i) + deviation(own(i));
    if (best == segments_.size() || suspicion > most) best = i, most = suspicion;
  }
  return best;
}

// What was concluded is seen: the run with this slow layer back in its place against the run without it.
Status Search::confirm(size_t index) {
  Segment& segment = segments_[index];
  const Moved back = with(base_, segment, false);
  const double limit = s_.smallestGain * run_;
  while (true) {
    const int slow = times_.runs(back), fast = times_.runs(base_);
    if (slow < 2 || fast < 2) {
      QRT_RETURN_IF_ERROR(time(slow <= fast ? back : base_));
      continue;
    }
    const auto variance = [&](const Moved& moved) {
      const double sigma = times_.noise(moved, times_.rest(moved));
      return sigma * sigma / times_.runs(moved);
    };
    segment.gain = times_.rest(back) - times_.rest(base_) - elsewhere(segment);
    segment.deviation = std::sqrt(variance(back) + variance(base_));
    segment.sure = std::abs(segment.gain - limit) / segment.deviation;
    if (segment.sure >= s_.certainty || times_.runs() >= s_.mostRuns || s_.certainty * segment.deviation < limit / 2) break;
    QRT_RETURN_IF_ERROR(time(variance(back) >= variance(base_) ? back : base_));
  }
  if (segment.gain > limit && segment.sure >= s_.certainty / 2) return {};
  say(concat(named(segment), " back in its place costs ", text(segment.gain), " ± ", text(segment.deviation),
             ": it is not slow after all."));
  segment.state = Segment::State::clean;
  base_[segment.begin] = false;
  return {};
}

SlowLayers Search::result() {
  SlowLayers result;
  double doubt = 0;
  const auto chance = [](double sure) { return std::erfc(sure / std::sqrt(2.0)) / 2; };
  for (size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    if (segment.state == Segment::State::open) doubt += 0.5;
    else doubt += chance(segment.sure);
    if (segment.state != Segment::State::slow) continue;
    result.culprits.push_back({segment.begin, segment.gain, segment.deviation});
  }
  std::sort(result.culprits.begin(), result.culprits.end(),
            [](const SlowLayer& a, const SlowLayer& b) { return a.gain > b.gain; });
  result.after = run_;
  result.before = mean(row(Moved(base_.size())));
  result.confidence = std::max(0.0, 1 - doubt);
  result.runs = times_.runs();
  result.tests = static_cast<int>(times_.sets().size());
  return result;
}

Result<SlowLayers> Search::run() {
  const size_t layers = s_.layers.size();
  const size_t first = std::min(layers, kFirstSegments);
  for (size_t i = 0; i < first; ++i) segments_.push_back({i * layers / first, (i + 1) * layers / first});
  if (layers == 0) return SlowLayers{.confidence = 1};
  QRT_RETURN_IF_ERROR(time(base_));
  for (int i = 0; i < 3; ++i) QRT_RETURN_IF_ERROR(time(Moved(layers, true)));
  for (const Segment& segment : segments_) QRT_RETURN_IF_ERROR(time(without(segment)));
  QRT_RETURN_IF_ERROR(time(base_));
  run_ = times_.rest(base_);
  estimate();
  while (times_.runs() < s_.mostRuns) {
    const size_t next = mostSuspicious();
    if (next == segments_.size()) break;
    QRT_RETURN_IF_ERROR(segments_[next].size() > 1 ? look(next) : lookAtLayer(next));
  }
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].state == Segment::State::slow) QRT_RETURN_IF_ERROR(confirm(i));
  }
  estimate();
  return result();
}

}  // namespace

Result<SlowLayers> findSlow(const SlowSearch& search) { return Search(search).run(); }

}  // namespace qrt
