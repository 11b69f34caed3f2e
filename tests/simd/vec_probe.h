// The functions of vec.h and vec_math.h over arrays, so that a test compiled for no level can call
// every level's.
#pragma once

#include "base/activation.h"

namespace qrt::test {

struct VecProbe {
  const char* level;
  int lanes;
  struct Unary {
    const char* name;
    void (*run)(const float* x, float* y, int n);
  };
  const Unary* unary;
  int unaryCount;
  void (*fma)(const float* a, const float* b, const float* c, float* y, int n);
  void (*max)(const float* a, const float* b, float* y, int n);
  void (*min)(const float* a, const float* b, float* y, int n);
  void (*divide)(const float* a, const float* b, float* y, int n);
  /// reduceAdd, reduceMax, reduceMin of the first `lanes` of x.
  void (*reduce)(const float* x, float* y);
  void (*activate)(const Activation& activation, const float* x, float* y, int n);
};

}  // namespace qrt::test
