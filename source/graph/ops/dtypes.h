// From a DType to a C++ type, so that a reference kernel is written once for all types it does.
#pragma once

#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/half.h"
#include "graph/op.h"

namespace qrt {

template <class... Ts>
struct TypeList {};

using FloatTypes = TypeList<float, double, Half, BFloat16>;
using NumericTypes = TypeList<float, double, Half, BFloat16, int8_t, uint8_t, int16_t, uint16_t,
                              int32_t, uint32_t, int64_t, uint64_t>;
using AllTypes = TypeList<float, double, Half, BFloat16, int8_t, uint8_t, int16_t, uint16_t,
                          int32_t, uint32_t, int64_t, uint64_t, bool>;

/// True for the types whose values are real numbers.
template <class T>
inline constexpr bool kIsFloat = !std::is_integral_v<T>;

/// What elementwise arithmetic on a T is done in: float for the 16-bit floats, else T.
template <class T>
using Compute = std::conditional_t<sizeof(T) == 2 && kIsFloat<T>, float, T>;

/// What sums over T are kept in: double, or for integers a type whose wrap-around is that of T.
template <class T>
using Sum = std::conditional_t<kIsFloat<T>, double, uint64_t>;

/// What every T is at least, and at most: where a search for the maximum, or minimum, starts.
template <class T, class Limits = std::numeric_limits<Compute<T>>>
inline constexpr Compute<T> kLowest = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
template <class T, class Limits = std::numeric_limits<Compute<T>>>
inline constexpr Compute<T> kHighest = Limits::has_infinity ? Limits::infinity() : Limits::max();

/// Σ a[i]·b[i·stride].
template <class T>
Sum<T> dot(const T* a, const T* b, int64_t n, int64_t stride = 1) {
  Sum<T> sums[4] = {};  // four chains, so that the additions overlap
  const auto add = [&](int64_t i, Sum<T>& sum) {
    sum += static_cast<Sum<T>>(a[i]) * static_cast<Sum<T>>(b[i * stride]);
  };
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int64_t lane = 0; lane < 4; ++lane) add(i + lane, sums[lane]);
  }
  for (; i < n; ++i) add(i, sums[0]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <class... Ts>
bool contains(TypeList<Ts...>, DType dtype) {
  return ((dtype == dtypeOf<Ts>) || ...);
}

template <class... Ts>
Status unsupportedDType(TypeList<Ts...>, const std::string& what, DType found) {
  std::string wanted;
  ((wanted += (wanted.empty() ? "" : ", ") + std::string(dtypeName(dtypeOf<Ts>))), ...);
  return unsupported(what, " is ", dtypeName(found), ", wanted one of ", wanted);
}

/// Fails unless input `i` has a dtype of the list.
template <class List>
Status requireDType(const InferContext& ctx, size_t i, List list) {
  if (contains(list, ctx.dtype(i))) return {};
  return unsupportedDType(list, concat("input ", i), ctx.dtype(i));
}

/// Calls `fn.operator()<T>()`, which returns a Status, with the T of the list that `dtype` names:
/// `visitType(FloatTypes{}, dtype, [&]<class T>() -> Status { … });`
template <class... Ts, class Fn>
Status visitType(TypeList<Ts...> list, DType dtype, Fn&& fn) {
  Status status;
  const bool found = ((dtype == dtypeOf<Ts> && (status = fn.template operator()<Ts>(), true)) || ...);
  return found ? status : unsupportedDType(list, "the tensor", dtype);
}

}  // namespace qrt
