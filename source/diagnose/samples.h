// What a list of measured times says.
#pragma once

#include <vector>

#include "qrt/diagnose.h"

namespace qrt {

/// 0 of nothing.
double median(std::vector<double> samples);
/// The median with its 95 % range: percentiles of the medians of 400 resamples, drawn alike every time.
Measured measured(const std::vector<double>& samples);
/// a[i] / b[i].
std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace qrt
