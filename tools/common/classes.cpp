#include "common/classes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qrt::tools {
namespace {

float scoreAt(const ConstTensorView& view, size_t i) {
  if (view.dtype == DType::f32) return static_cast<const float*>(view.data)[i];
  const int raw = view.dtype == DType::u8 ? static_cast<const uint8_t*>(view.data)[i]
                                          : static_cast<const int8_t*>(view.data)[i];
  return view.quant ? view.quant->scales[0] * static_cast<float>(raw - view.quant->zeroPoints[0]) : static_cast<float>(raw);
}

}  // namespace

size_t classCount(const TensorInfo& output) {
  const auto elements = output.shape.elementCount();
  const bool scores = output.dtype == DType::f32 || output.dtype == DType::s8 || output.dtype == DType::u8;
  if (!elements || *elements < 2 || !scores) return 0;
  const auto dims = output.shape.dims();
  return std::count_if(dims.begin(), dims.end(), [](int64_t d) { return d != 1; }) == 1 ? static_cast<size_t>(*elements) : 0;
}

std::vector<Ranked> bestClasses(const ConstTensorView& output, size_t k) {
  std::vector<Ranked> ranked;
  for (size_t i = 0; i < static_cast<size_t>(output.shape.elements()); ++i) ranked.push_back({i, scoreAt(output, i)});
  k = std::min(k, ranked.size());
  // NaN ranks last, so that the order is total.
  const auto key = [](const Ranked& r) { return std::isnan(r.score) ? -INFINITY : r.score; };
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(k), ranked.end(),
                    [&](const Ranked& a, const Ranked& b) {
                      return key(a) != key(b) ? key(a) > key(b) : a.index < b.index;
                    });
  ranked.resize(k);
  return ranked;
}

}  // namespace qrt::tools
