// What the runs of a search for slow layers say of its segments: their times, what moving them saves, and how sure that is.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "diagnose/find_slow.h"
#include "diagnose/least_squares.h"
#include "diagnose/run_times.h"

namespace qrt {

/// Layers that are judged as one.
struct Segment {
  size_t begin, end;  // layers
  enum class State { open, clean, slow } state = State::open;
  double sure = 0;  // standard deviations by which the decision was made
  double gain = 0, deviation = 0;  // if slow: what moving it saves

  size_t size() const { return end - begin; }
};

class SlowEstimate {
 protected:
  using Row = std::vector<double>;  // weights of the unknowns: segments, rest, launch, byte

  explicit SlowEstimate(const SlowSearch& s) : s_(s), times_(s.elsewhere), base_(s.layers.size()) {}

  void estimate();
  double mean(const Row& row) const { return fit_->mean(row); }
  double deviation(const Row& row) const;
  Row row(const Moved& moved) const;
  Row difference(const Moved& a, const Moved& b) const;
  Row own(size_t segment) const;
  double elsewhere(const Segment& segment) const;
  Moved with(Moved moved, const Segment& segment, bool value = true) const;
  Moved without(const Segment& segment) const;
  Row gainRow(size_t segment) const { return difference(base_, with(base_, segments_[segment])); }
  double gain(size_t segment) const { return mean(gainRow(segment)) - elsewhere(segments_[segment]); }
  double mostGain(size_t segment) const;
  Segment neighbours(size_t segment) const;
  bool standsOut(size_t segment) const;
  std::pair<Row, double> weakest(const Segment& layers) const;
  std::pair<Moved, double> bestTest(const Row& wanted, const Segment& segment) const;

  const SlowSearch& s_;
  RunTimes times_;
  std::vector<Segment> segments_;
  Moved base_;        // the slow layers found
  double usual_ = 1;  // a layer's time on the backend per second elsewhere
  double run_ = 0;    // seconds, with base_ moved

 private:
  void findUsual();

  std::unique_ptr<LeastSquares> fit_;
};

}  // namespace qrt
