// Long rows are done along the row. Rows shorter than kShort are transposed in blocks of kLanes rows,
// so that each lane does a row of its own: detectors have thousands of rows of two classes.
#include "kernels/softmax/softmax.h"

#include "kernels/isa_table.h"
#include "simd/vec_math.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

constexpr int64_t kShort = 32;

struct Whole {
  VecF get(const float* p) const { return load(p); }
  void put(float* p, VecF x) const { store(p, x); }
};
struct Part {
  int n;
  VecF get(const float* p) const { return loadPartial(p, n); }
  void put(float* p, VecF x) const { storePartial(p, x, n); }
};

// A vector of columns. The maximum ignores NaNs; the sum does not.
template <bool Log, class Access>
void softmaxVector(const float* x, float* y, int64_t rows, int64_t stride, Access access) {
  VecF most = broadcast(-__builtin_inff());
  for (int64_t r = 0; r < rows; ++r) most = max(access.get(x + r * stride), most);
  VecF sum = zero();
  for (int64_t r = 0; r < rows; ++r) {
    const VecF e = exp(access.get(x + r * stride) - most);
    sum = sum + e;
    if (!Log) access.put(y + r * stride, e);
  }
  const VecF logSum = Log ? log(sum) : sum;
  for (int64_t r = 0; r < rows; ++r) {
    float* p = y + r * stride;
    if (Log) access.put(p, access.get(x + r * stride) - most - logSum);
    else access.put(p, access.get(p) / sum);
  }
}

template <bool Log>
void softmaxColumns(const float* x, float* y, int64_t rows, int64_t stride, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) softmaxVector<Log>(x + i, y + i, rows, stride, Whole{});
  if (i < n) softmaxVector<Log>(x + i, y + i, rows, stride, Part{static_cast<int>(n - i)});
}

template <bool Log>
void softmaxShortRows(const float* x, float* y, int64_t rows, int64_t n) {
  float block[kShort * kLanes];
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int count = static_cast<int>(rows - first < kLanes ? rows - first : kLanes);
    for (int r = 0; r < count; ++r) {
      for (int64_t i = 0; i < n; ++i) block[i * kLanes + r] = x[(first + r) * n + i];
    }
    for (int r = count; r < kLanes; ++r) {
      for (int64_t i = 0; i < n; ++i) block[i * kLanes + r] = 0;
    }
    softmaxVector<Log>(block, block, n, kLanes, Whole{});
    for (int r = 0; r < count; ++r) {
      for (int64_t i = 0; i < n; ++i) y[(first + r) * n + i] = block[i * kLanes + r];
    }
  }
}

template <bool Log>
void softmaxLongRow(const float* x, float* y, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  const int rest = static_cast<int>(n - whole);
  VecF most = load(x + n - kLanes);
  for (int64_t i = 0; i < whole; i += kLanes) most = max(load(x + i), most);
  const VecF top = broadcast(reduce(most, [](float a, float b) { return b > a || a != a ? b : a; }));
  VecF sum = zero();
  for (int64_t i = 0; i < whole; i += kLanes) {
    const VecF e = exp(load(x + i) - top);
    sum = sum + e;
    if (!Log) store(y + i, e);
  }
  if (rest > 0) {
    // The lanes beyond the end must add nothing.
    float tail[kLanes] = {};
    storePartial(tail, exp(loadPartial(x + whole, rest) - top), rest);
    sum = sum + load(tail);
    if (!Log) storePartial(y + whole, load(tail), rest);
  }
  const VecF total = broadcast(reduceAdd(sum));
  const VecF logTotal = log(total);
  const auto finish = [&](VecF v) { return Log ? v - top - logTotal : v / total; };
  const float* from = Log ? x : y;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, finish(load(from + i)));
  if (rest > 0) storePartial(y + whole, finish(loadPartial(from + whole, rest)), rest);
}

template <bool Log>
void softmaxRows(const float* x, float* y, int64_t rows, int64_t n) {
  if (n <= kShort) return softmaxShortRows<Log>(x, y, rows, n);
  for (int64_t r = 0; r < rows; ++r) softmaxLongRow<Log>(x + r * n, y + r * n, n);
}

}  // namespace

extern const SoftmaxKernels kSoftmaxKernels;
const SoftmaxKernels kSoftmaxKernels = {QRT_THIS_ISA,
                                        {softmaxRows<false>, softmaxRows<true>},
                                        {softmaxColumns<false>, softmaxColumns<true>}};

}  // namespace qrt::QRT_ISA_NAMESPACE
