// The runs of a search for slow layers, by which layers were moved, and how noisy they are.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "diagnose/find_slow.h"

namespace qrt {

class RunTimes {
 public:
  /// `elsewhere`: by layer, seconds when moved.
  explicit RunTimes(const std::vector<double>& elsewhere) : elsewhere_(elsewhere) {}

  void add(const Moved& moved, const SlowSearch::Sample& sample);
  /// Learns from all runs how noisy they are; `run` is the usual time of one.
  void findNoise(double run);

  int runs() const { return runs_; }
  int runs(const Moved& moved) const;
  /// Mean time without the moved layers' own; of a set that was run.
  double rest(const Moved& moved) const { return mean(tests_.at(moved).rest); }
  /// Standard deviation of one run that takes `rest` without the moved layers' own time: what is usual, and what the
  /// runs of this set show.
  double noise(const Moved& moved, double rest) const;
  /// The moved layers' own time.
  double elsewhere(const Moved& moved) const;
  /// The sets that were run, ascending: the first has nothing moved, if that was.
  std::vector<Moved> sets() const;

 private:
  struct Test {
    std::vector<double> seen;  // seconds of runs without the moved layers' own time
    std::vector<double> rest;  // the same, what stands far out cut off
  };

  static double mean(const std::vector<double>& x);
  static double squares(const std::vector<double>& x);
  void cutOff(const Moved& moved, Test& test) const;
  void findSpreadBelow();
  double scale(double rest, const Moved& moved, bool ofWholeRuns) const;

  const std::vector<double>& elsewhere_;
  std::map<Moved, Test> tests_;
  int runs_ = 0;
  double run_ = 0;
  double below_ = 0.05;       // standard deviation of a run's lower side, as a share of it
  double spread_ = 0.05;      // of a run, as a share
  bool ofWholeRuns_ = false;  // of the whole run, else of its time without the moved layers
};

}  // namespace qrt
