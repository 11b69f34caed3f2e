#include "support/values.h"

#include <cmath>
#include <cstring>
#include <random>

#include "base/error.h"

namespace qrt::test {
namespace {

template <class T>
void store(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

template <class T>
double load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return static_cast<double>(value);
}

double valueAt(const Tensor& tensor, size_t i) {
  const DType dtype = tensor.dtype;
  const std::byte* at = tensor.constant->bytes.data() + i * dtypeSize(dtype);
  switch (dtype) {
    case DType::f32:
      return load<float>(at);
    case DType::f64:
      return load<double>(at);
    case DType::s8:
      return load<int8_t>(at);
    case DType::u8:
    case DType::boolean:
      return load<uint8_t>(at);
    case DType::s32:
      return load<int32_t>(at);
    case DType::s64:
      return load<int64_t>(at);
    default:
      return std::nan("");  // a test that needs more adds it here
  }
}

}  // namespace

std::vector<Tensor> randomInputs(const Graph& graph, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<Tensor> inputs;
  for (const TensorId id : graph.inputs) {
    Tensor tensor = graph.tensor(id);
    const size_t size = dtypeSize(tensor.dtype);
    std::vector<std::byte> bytes(static_cast<size_t>(tensor.shape.elements()) * size);
    for (size_t at = 0; at < bytes.size(); at += size) {
      if (tensor.dtype == DType::f32) {
        store(bytes.data() + at, normal(random));
      } else if (tensor.dtype == DType::f64) {
        store(bytes.data() + at, static_cast<double>(normal(random)));
      } else {
        bytes[at] = static_cast<std::byte>(random() % (tensor.dtype == DType::boolean ? 2 : 4));
      }
    }
    tensor.constant = ConstantData::copyOf(bytes);
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

std::string difference(std::span<const Tensor> found, std::span<const Tensor> wanted,
                       double tolerance) {
  if (found.size() != wanted.size()) return "another number of outputs";
  for (size_t t = 0; t < found.size(); ++t) {
    const Tensor &a = found[t], &b = wanted[t];
    if (a.name != b.name || a.dtype != b.dtype || a.shape != b.shape || a.quant != b.quant) {
      return concat("output ", t, " is '", a.name, "' ", dtypeName(a.dtype), " ",
                    a.shape.toString(), ", wanted '", b.name, "' ", dtypeName(b.dtype), " ",
                    b.shape.toString());
    }
    for (size_t i = 0; i < static_cast<size_t>(a.shape.elements()); ++i) {
      const double x = valueAt(a, i), y = valueAt(b, i);
      if (x == y || (std::isnan(x) && std::isnan(y))) continue;
      if (std::fabs(x - y) <= tolerance * (1 + std::fabs(y))) continue;
      return concat("output '", a.name, "' ", a.shape.toString(), "[", i, "] is ", x, ", wanted ",
                    y);
    }
  }
  return "";
}

}  // namespace qrt::test
