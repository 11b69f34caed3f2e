#include "qrt/tensor.h"

#include <algorithm>
namespace qrt {
namespace {

struct DTypeInfo {
  std::string_view name;
  size_t size;
};

constexpr DTypeInfo kDTypes[] = {
    {"none", 0}, {"f32", 4}, {"f16", 2}, {"bf16", 2}, {"f64", 8}, {"s8", 1},  {"u8", 1},
    {"s16", 2},  {"u16", 2}, {"s32", 4}, {"u32", 4},  {"s64", 8}, {"u64", 8}, {"bool", 1},
};

const DTypeInfo& info(DType dtype) {
  const auto index = static_cast<size_t>(dtype);
  return kDTypes[index < std::size(kDTypes) ? index : 0];
}

constexpr int64_t kMaxElements = int64_t{1} << 62;

}  // namespace

size_t dtypeSize(DType dtype) { return info(dtype).size; }
std::string_view dtypeName(DType dtype) { return info(dtype).name; }

Shape::Shape(std::span<const int64_t> dims)
    : rank_(dims.size() <= static_cast<size_t>(kMaxRank) ? static_cast<int>(dims.size()) : -1) {
  if (ranked()) std::copy(dims.begin(), dims.end(), dims_.begin());
}

Shape Shape::unranked() {
  Shape shape;
  shape.rank_ = -1;
  return shape;
}

Shape Shape::filled(int rank, int64_t value) {
  if (rank < 0 || rank > kMaxRank) return unranked();
  Shape shape;
  shape.rank_ = rank;
  std::fill_n(shape.dims_.begin(), rank, value);
  return shape;
}

bool Shape::known() const {
  return ranked() && std::all_of(dims().begin(), dims().end(), [](int64_t d) { return d >= 0; });
}

std::optional<int64_t> Shape::elementCount() const {
  if (!known()) return std::nullopt;
  if (std::find(dims().begin(), dims().end(), 0) != dims().end()) return 0;
  int64_t count = 1;
  for (const int64_t dim : dims()) {
    if (dim > kMaxElements / count) return std::nullopt;
    count *= dim;
  }
  return count;
}

int64_t Shape::elements() const { return elementCount().value_or(0); }

std::string Shape::toString() const {
  if (!ranked()) return "unranked";
  if (rank() == 0) return "scalar";
  std::string text;
  for (const int64_t dim : dims()) {
    if (!text.empty()) text += 'x';
    text += dim < 0 ? "?" : std::to_string(dim);
  }
  return text;
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && std::equal(dims().begin(), dims().end(), other.dims().begin());
}

}  // namespace qrt
