#include "kernels/normalize/normalize.h"

#include "kernels/isa_table.h"
#include "simd/vec_math.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// Sums are taken over blocks of that many vectors, then over the blocks, so that their error grows
// with the root of the length.
constexpr int64_t kBlock = 256;

// Calls fn(i, lanes) for whole vectors, then once for the rest.
template <class Fn>
void forEachVector(int64_t n, Fn fn) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) fn(i, kLanes);
  if (i < n) fn(i, static_cast<int>(n - i));
}
VecF loadLanes(const float* p, int lanes) {
  return lanes == kLanes ? load(p) : loadPartial(p, lanes);
}
void storeLanes(float* p, VecF x, int lanes) {
  if (lanes == kLanes) store(p, x);
  else storePartial(p, x, lanes);
}

// Σ value(i, lanes) over a row; lanes beyond the end must be zero.
template <class Value>
float sumRow(int64_t n, Value value) {
  VecF total = zero();
  for (int64_t first = 0; first < n; first += kBlock * kLanes) {
    const int64_t end = n - first < kBlock * kLanes ? n - first : kBlock * kLanes;
    VecF sum = zero();
    forEachVector(end, [&](int64_t i, int lanes) { sum = sum + value(first + i, lanes); });
    total = total + sum;
  }
  return reduceAdd(total);
}

struct Statistics {
  float mean, inverse;
};
Statistics rowStatistics(const float* x, int64_t n, float epsilon) {
  const float count = static_cast<float>(n);
  const float mean =
      sumRow(n, [&](int64_t i, int lanes) { return loadLanes(x + i, lanes); }) / count;
  const VecF m = broadcast(mean);
  const float squares = sumRow(n, [&](int64_t i, int lanes) {
    float ones[kLanes] = {};
    for (int k = 0; k < lanes; ++k) ones[k] = 1;
    const VecF d = loadLanes(x + i, lanes) - m;
    return lanes == kLanes ? d * d : select(load(ones) > zero(), d * d, zero());
  });
  return {mean, 1.0f / __builtin_sqrtf(squares / count + epsilon)};
}

void affineRows(const float* x, const float* mean, const float* factor, const float* bias, float* y,
                int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    forEachVector(n, [&](int64_t i, int lanes) {
      const VecF d = loadLanes(x + i, lanes) - loadLanes(mean + i, lanes);
      storeLanes(y + i, fma(d, loadLanes(factor + i, lanes), loadLanes(bias + i, lanes)), lanes);
    });
  }
}

void affineRow(const float* x, float mean, float factor, float bias, float* y, int64_t n) {
  const VecF m = broadcast(mean), f = broadcast(factor), b = broadcast(bias);
  forEachVector(n, [&](int64_t i, int lanes) {
    storeLanes(y + i, fma(loadLanes(x + i, lanes) - m, f, b), lanes);
  });
}

void layerRow(const float* x, const float* scale, const float* bias, float* y, int64_t n,
              float epsilon) {
  const Statistics s = rowStatistics(x, n, epsilon);
  const VecF mean = broadcast(s.mean), inverse = broadcast(s.inverse);
  forEachVector(n, [&](int64_t i, int lanes) {
    const VecF d = (loadLanes(x + i, lanes) - mean) * inverse;
    const VecF b = bias != nullptr ? loadLanes(bias + i, lanes) : zero();
    storeLanes(y + i, fma(d, loadLanes(scale + i, lanes), b), lanes);
  });
}

void instanceRow(const float* x, float scale, float bias, float* y, int64_t n, float epsilon) {
  const Statistics s = rowStatistics(x, n, epsilon);
  affineRow(x, s.mean, s.inverse * scale, bias, y, n);
}

// Σ value(r) over rows, a vector of columns.
template <class Value>
VecF sumColumns(int64_t rows, Value value) {
  VecF total = zero();
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t end = rows - first < kBlock ? rows : first + kBlock;
    VecF sum = zero();
    for (int64_t r = first; r < end; ++r) sum = sum + value(r);
    total = total + sum;
  }
  return total;
}

void instanceColumns(const float* x, const float* scale, const float* bias, float* y, int64_t rows,
                     int64_t stride, int64_t n, float epsilon) {
  const VecF count = broadcast(static_cast<float>(rows));
  forEachVector(n, [&](int64_t c, int lanes) {
    const auto at = [&](int64_t r) { return loadLanes(x + r * stride + c, lanes); };
    const VecF mean = sumColumns(rows, at) / count;
    const VecF squares = sumColumns(rows, [&](int64_t r) {
      const VecF d = at(r) - mean;
      return d * d;
    });
    const VecF deviation = sqrt(squares / count + broadcast(epsilon));
    const VecF factor = loadLanes(scale + c, lanes) / deviation;
    const VecF b = loadLanes(bias + c, lanes);
    for (int64_t r = 0; r < rows; ++r) {
      storeLanes(y + r * stride + c, fma(at(r) - mean, factor, b), lanes);
    }
  });
}

void lrnRow(const float* x, float* y, int64_t n, int64_t before, int64_t after, float alpha,
            float beta, float bias, float* squares) {
  for (int64_t i = 0; i < before; ++i) squares[i] = 0;
  forEachVector(n, [&](int64_t i, int lanes) {
    const VecF v = loadLanes(x + i, lanes);
    storeLanes(squares + before + i, v * v, lanes);
  });
  for (int64_t i = 0; i < after + kLanes; ++i) squares[before + n + i] = 0;
  forEachVector(n, [&](int64_t i, int lanes) {
    VecF sum = zero();
    for (int64_t k = 0; k <= before + after; ++k) sum = sum + load(squares + i + k);
    const VecF base = fma(broadcast(alpha), sum, broadcast(bias));
    const VecF power = exp(broadcast(-beta) * log(base));
    storeLanes(y + i, loadLanes(x + i, lanes) * power, lanes);
  });
}

}  // namespace

extern const NormalizeKernels kNormalizeKernels;
const NormalizeKernels kNormalizeKernels = {QRT_THIS_ISA, affineRows,      affineRow, layerRow,
                                            instanceRow,  instanceColumns, lrnRow};

}  // namespace qrt::QRT_ISA_NAMESPACE
