// The scalar int8 arithmetic that reference kernels share: the rules of schema/model.fbs. checkInt8() has
// seen the layer before, so that parameters are there, sums fit and multipliers are finite.
#pragma once

#include <vector>

#include "graph/op.h"
#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/quantized.h"

namespace qrt {

/// Fails unless the inputs share a dtype of the list, which may have an activation; what is quantized
/// has its own rule, checkInt8().
template <class Types>
Status requireReals(const InferContext& ctx, Types types, const Activation& activation = {}) {
  const Int8Form form = int8Form(ctx.layer().op);
  if (ctx.input(0).quant && form != Int8Form::none && form != Int8Form::move) return {};
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, types));
  QRT_RETURN_IF_ERROR(requireOneDType(ctx));
  return checkActivation(activation, ctx.dtype(0));
}

/// The range of the output, narrowed by the activation.
Result<QuantizedRange> int8Range(const KernelContext& ctx, const Activation& activation);

/// A layer that sums products of inputs 0 and 1, with bias and residual in inputs 2 and 3.
class Int8Sums {
 public:
  static Result<Int8Sums> create(const KernelContext& ctx, const Activation& activation);

  /// Σ (x[i] − zx)·(w[i·stride] − zw) from element xAt and wAt on.
  int32_t dot(int64_t xAt, int64_t wAt, int64_t count, int64_t stride = 1) const;
  /// Output `at`, which is of channel `c`, from its sum of products.
  void store(int64_t at, int64_t c, int32_t sum) const;

 private:
  const int8_t* x_ = nullptr;
  const int8_t* w_ = nullptr;
  const int32_t* bias_ = nullptr;
  const int8_t* residual_ = nullptr;
  int8_t* out_ = nullptr;
  int32_t zeroX_ = 0, zeroW_ = 0, zeroResidual_ = 0;
  std::vector<float> multipliers_;  ///< one, or one per channel
  float residualMultiplier_ = 0;
  QuantizedRange range_;
};

/// A mean: of `taps` values that add up to `sum`, divided by `count`.
class Int8Mean {
 public:
  static Result<Int8Mean> create(const KernelContext& ctx);
  int8_t operator()(int64_t sum, int64_t taps, int64_t count) const;

 private:
  int32_t zeroX_ = 0;
  double scaleX_ = 1, scaleY_ = 1;
  QuantizedRange range_;
};

/// The reference kernel of elementwise ops of one input.
Status runInt8Table(const KernelContext& ctx);

}  // namespace qrt
