// What a list of measured times says.
#pragma once

#include <vector>

#include "qrt/diagnose.h"

namespace qrt {

/// 0 of nothing.
double median(std::vector<double> samples);
/// What a thing takes where other work on the machine makes some of the samples longer, which it does to more than half of
/// them now and then; 0 of none.
double lowerQuartile(std::vector<double> samples);
/// The median with its 95 % range: percentiles of the medians of 400 resamples, drawn alike every time.
Measured measured(const std::vector<double>& samples);
/// a[i] / b[i].
std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace qrt
