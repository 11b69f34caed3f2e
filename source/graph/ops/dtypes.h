// From a DType to a C++ type, so that a reference kernel is written once for all types it does.
#pragma once

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
