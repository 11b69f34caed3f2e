// Imports small models and runs them layer by layer.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/graph.h"
#include "import/onnx_models.h"

namespace qrt::test {

using Floats = std::vector<float>;
using Dims = std::vector<int64_t>;

/// Product of the dims.
size_t countOf(const Dims& dims);

/// Values in [−1, 1), the same for the same seed.
Floats randomFloats(size_t count, unsigned seed);

template <class T>
Tensor tensorOf(const std::string& name, const Dims& dims, const std::vector<T>& values) {
  return {name,
          dtypeOf<T>,
          Shape(std::span<const int64_t>(dims)),
          {},
          ConstantData::copyOf(std::as_bytes(std::span(values)))};
}

template <class T>
std::vector<T> valuesOf(const Tensor& tensor) {
  const auto values = tensor.constantView().as<T>();
  EXPECT_TRUE(values.ok()) << values.status().message();
  return values.ok() ? std::vector<T>(values->begin(), values->end()) : std::vector<T>();
}

/// Imports and runs a model without and with the optimization passes, which must agree; gives the
/// outputs, none after a failure.
std::vector<Tensor> runModel(const OnnxModel& model, const std::vector<Tensor>& inputs);

/// Compares the first output.
void expectNear(const std::vector<Tensor>& outputs, const Dims& dims, const Floats& wanted);

}  // namespace qrt::test
