// Element types, shapes, quantization parameters, and views over tensor memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "qrt/status.h"

namespace qrt {

/// Element type of a tensor. Values are those of the file format and never change.
enum class DType : uint8_t {
  f32 = 1,
  f16 = 2,   ///< IEEE binary16
  bf16 = 3,  ///< the upper half of an f32
  f64 = 4,
  s8 = 5,
  u8 = 6,
  s16 = 7,
  u16 = 8,
  s32 = 9,
  u32 = 10,
  s64 = 11,
  u64 = 12,
  boolean = 13,  ///< one byte, 0 or 1
};

/// Bytes of one element.
size_t dtypeSize(DType dtype);
/// "f32", "s8", "bool", …
std::string_view dtypeName(DType dtype);

/// The DType of a C++ type: `dtypeOf<float> == DType::f32`.
template <class T>
inline constexpr DType dtypeOf = DType{};
template <>
inline constexpr DType dtypeOf<float> = DType::f32;
template <>
inline constexpr DType dtypeOf<double> = DType::f64;
template <>
inline constexpr DType dtypeOf<int8_t> = DType::s8;
template <>
inline constexpr DType dtypeOf<uint8_t> = DType::u8;
template <>
inline constexpr DType dtypeOf<int16_t> = DType::s16;
template <>
inline constexpr DType dtypeOf<uint16_t> = DType::u16;
template <>
inline constexpr DType dtypeOf<int32_t> = DType::s32;
template <>
inline constexpr DType dtypeOf<uint32_t> = DType::u32;
template <>
inline constexpr DType dtypeOf<int64_t> = DType::s64;
template <>
inline constexpr DType dtypeOf<uint64_t> = DType::u64;
template <>
inline constexpr DType dtypeOf<bool> = DType::boolean;

/// Dimensions of a tensor, outermost first. A dimension may be unknown until a session knows its
/// input shapes, and so may the rank.
class Shape {
 public:
  /// The most dimensions a tensor may have.
  static constexpr int kMaxRank = 8;
  /// The value of a dimension that is not known yet.
  static constexpr int64_t kUnknown = -1;

  /// A scalar: rank 0, one element.
  Shape() = default;
  /// At most `kMaxRank` dims; more make an unranked shape, which is refused wherever one must be known.
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  /// The same.
  explicit Shape(std::span<const int64_t> dims);
  /// A shape of which not even the rank is known.
  static Shape unranked();
  /// `rank` dims, all `value`; unranked if that many cannot be.
  static Shape filled(int rank, int64_t value);

  /// False if not even the rank is known.
  bool ranked() const { return rank_ >= 0; }
  /// Number of dimensions; 0 for scalars and for unranked shapes.
  int rank() const { return rank_ < 0 ? 0 : rank_; }
  /// True if the rank and every dimension are known.
  bool known() const;
  /// The dims, outermost first.
  std::span<const int64_t> dims() const { return {dims_.data(), static_cast<size_t>(rank())}; }
  /// The dims, outermost first.
  std::span<int64_t> dims() { return {dims_.data(), static_cast<size_t>(rank())}; }
  /// Dimension `axis`, 0 ≤ axis < rank().
  int64_t operator[](int axis) const { return dims_[static_cast<size_t>(axis)]; }
  /// Dimension `axis`, 0 ≤ axis < rank().
  int64_t& operator[](int axis) { return dims_[static_cast<size_t>(axis)]; }
  /// Appends a dimension; beyond kMaxRank the shape becomes unranked, and stays so.
  void append(int64_t dim) {
    if (rank_ < 0 || rank_ == kMaxRank) {
      rank_ = -1;
    } else {
      dims_[static_cast<size_t>(rank_++)] = dim;
    }
  }
  /// Number of elements; nullopt if unknown, if a dim is negative, or if it exceeds 2^62.
  std::optional<int64_t> elementCount() const;
  /// Number of elements of a shape that is `known()` and was checked before.
  int64_t elements() const;
  /// "1x3x224x224", "?" for unknown dims, "scalar", "unranked".
  std::string toString() const;

  bool operator==(const Shape& other) const;

 private:
  int rank_ = 0;
  std::array<int64_t, kMaxRank> dims_{};
};

/// Affine quantization: real = scale · (q − zeroPoint).
struct QuantParams {
  std::vector<float> scales;        ///< one, or one per index of `axis`; finite and > 0
  std::vector<int32_t> zeroPoints;  ///< as many as scales, within the dtype's range
  int axis = -1;                    ///< −1: one scale for the whole tensor

  bool operator==(const QuantParams&) const = default;
};

/// A tensor's memory, not owned: dense, row-major, C order.
template <class Void>
struct BasicTensorView {
  DType dtype = DType::f32;
  Shape shape;
  Void* data = nullptr;
  const QuantParams* quant = nullptr;  ///< null if not quantized; lives as long as its model

  /// Bytes of the whole tensor; the shape must be known.
  size_t bytes() const { return static_cast<size_t>(shape.elements()) * dtypeSize(dtype); }

  /// The elements as T; invalidArgument if T is not the tensor's dtype.
  template <class T>
  auto as() const {
    using Element = std::conditional_t<std::is_const_v<Void>, const T, T>;
    using Out = Result<std::span<Element>>;
    if (dtype != dtypeOf<T>) {
      return Out(Status(StatusCode::invalidArgument,
                        "tensor is " + std::string(dtypeName(dtype)) + ", wanted " +
                            std::string(dtypeName(dtypeOf<T>))));
    }
    return Out(std::span<Element>(static_cast<Element*>(data),
                                  static_cast<size_t>(shape.elements())));
  }
};

/// A tensor that may be written.
using TensorView = BasicTensorView<void>;

/// A tensor that may only be read; any TensorView converts to it.
struct ConstTensorView : BasicTensorView<const void> {
  ConstTensorView() = default;
  /// A view of `data`, which the caller keeps alive.
  ConstTensorView(DType type, Shape s, const void* d, const QuantParams* q = nullptr)
      : BasicTensorView<const void>{type, s, d, q} {}
  /// The same memory, read-only.
  ConstTensorView(const TensorView& v)
      : BasicTensorView<const void>{v.dtype, v.shape, v.data, v.quant} {}
};

}  // namespace qrt
