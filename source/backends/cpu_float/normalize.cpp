// BatchNormalization (what folding into convolutions left), InstanceNormalization, LayerNormalization
// and Lrn.
#include <algorithm>
#include <cmath>

#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/isa_table.h"
#include "kernels/normalize/normalize.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

// x as [batch, outer, channels, inner].
struct Extents {
  int64_t batch = 1, outer = 1, channels = 1, inner = 1;

  Extents(const Shape& shape, int axis) {
    for (int i = 0; i < axis; ++i) (i == 0 ? batch : outer) *= shape[i];
    channels = shape[axis];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

int axisOf(const Layer& layer, const Shape& shape) {
  const int axis = layer.op == OpType::Lrn ? layer.attrs<LrnAttrs>().axis
                                           : layer.attrs<NormAttrs>().axis;
  return normalizeAxis(axis, shape.rank()).value_or(0);
}

const float* floatsOf(const RunArgs& args, size_t i) {
  return i < args.inputs.size() ? static_cast<const float*>(args.inputs[i].data) : nullptr;
}

// What all of them share; run() of each says what to do with the rows [begin, end) of a plane.
class NormalizeProgram : public Program {
 public:
  NormalizeProgram(const CompileContext& ctx, const Layer& layer, const char* name)
      : shape_(ctx.graph.tensor(layer.inputs[0]).shape),
        extents_(shape_, axisOf(layer, shape_)),
        kernels_(selectKernel(normalizeKernels(), ctx.isa)),
        name_(concat(name, "_f32_", isaName(kernels_.isa))) {
    if (layer.op != OpType::Lrn) epsilon_ = layer.attrs<NormAttrs>().epsilon;
  }
  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return 0; }

 protected:
  template <class Fn>
  void forEachPiece(const RunArgs& args, Fn&& piece) const {
    const float* x = floatsOf(args, 0);
    auto* y = static_cast<float*>(args.outputs[0].data);
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int thread) {
      split_.forEachPiece(task, [&](int64_t plane, int64_t begin, int64_t end) {
        piece(x, y, plane, begin, end, thread);
      });
    });
  }

  static constexpr int64_t kFloat = sizeof(float);
  Shape shape_;
  Extents extents_;
  const NormalizeKernels& kernels_;
  std::string name_;
  float epsilon_ = 0;
  WorkSplit split_;
};

class BatchNormProgram final : public NormalizeProgram {
 public:
  BatchNormProgram(const CompileContext& ctx, const Layer& layer)
      : NormalizeProgram(ctx, layer, "batchnorm") {
    const auto& [batch, outer, channels, inner] = extents_;
    split_ = inner == 1 ? WorkSplit(1, batch * outer, channels * 2 * kFloat)
                        : WorkSplit(batch * outer * channels, inner, 2 * kFloat, 64);
  }

  Status run(const RunArgs& args) override {
    const int64_t channels = extents_.channels;
    const int64_t inner = extents_.inner;
    const float* scale = floatsOf(args, 1);
    const float* bias = floatsOf(args, 2);
    const float* mean = floatsOf(args, 3);
    const float* variance = floatsOf(args, 4);
    auto* factor = reinterpret_cast<float*>(args.scratch.data());
    for (int64_t c = 0; c < channels; ++c) factor[c] = scale[c] / std::sqrt(variance[c] + epsilon_);
    forEachPiece(args, [&](const float* x, float* y, int64_t plane, int64_t begin, int64_t end, int) {
      if (inner == 1) {
        kernels_.affineRows(x + begin * channels, mean, factor, bias, y + begin * channels,
                            end - begin, channels);
      } else {
        const int64_t c = plane % channels;
        const int64_t at = plane * inner + begin;
        kernels_.affineRow(x + at, mean[c], factor[c], bias[c], y + at, end - begin);
      }
    });
    return {};
  }
  size_t scratchBytes() const override {
    return static_cast<size_t>(extents_.channels) * sizeof(float);
  }
};

class InstanceNormProgram final : public NormalizeProgram {
 public:
  InstanceNormProgram(const CompileContext& ctx, const Layer& layer)
      : NormalizeProgram(ctx, layer, "instancenorm") {
    const auto& [batch, outer, channels, inner] = extents_;
    // Channels-last: 16 channels, a cache line, per task at least.
    split_ = inner == 1 ? WorkSplit(batch, channels, outer * 3 * kFloat, 16)
                        : WorkSplit(1, batch * channels, inner * 3 * kFloat);
  }

  Status run(const RunArgs& args) override {
    const int64_t outer = extents_.outer;
    const int64_t channels = extents_.channels;
    const int64_t inner = extents_.inner;
    const float* scale = floatsOf(args, 1);
    const float* bias = floatsOf(args, 2);
    forEachPiece(args, [&](const float* x, float* y, int64_t plane, int64_t begin, int64_t end, int) {
      if (inner == 1) {
        const int64_t at = plane * outer * channels + begin;
        kernels_.instanceColumns(x + at, scale + begin, bias + begin, y + at, outer, channels,
                                 end - begin, epsilon_);
        return;
      }
      for (int64_t r = begin; r < end; ++r) {
        const int64_t c = r % channels;
        kernels_.instanceRow(x + r * inner, scale[c], bias[c], y + r * inner, inner, epsilon_);
      }
    });
    return {};
  }
};

class LayerNormProgram final : public NormalizeProgram {
 public:
  LayerNormProgram(const CompileContext& ctx, const Layer& layer)
      : NormalizeProgram(ctx, layer, "layernorm"), n_(extents_.channels * extents_.inner) {
    split_ = WorkSplit(1, extents_.batch * extents_.outer, n_ * 3 * kFloat);
  }

  Status run(const RunArgs& args) override {
    const float* scale = floatsOf(args, 1);
    const float* bias = floatsOf(args, 2);
    forEachPiece(args, [&](const float* x, float* y, int64_t, int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        kernels_.layerRow(x + r * n_, scale, bias, y + r * n_, n_, epsilon_);
      }
    });
    return {};
  }

 private:
  int64_t n_;
};

class LrnProgram final : public NormalizeProgram {
 public:
  LrnProgram(const CompileContext& ctx, const Layer& layer)
      : NormalizeProgram(ctx, layer, "lrn"), attrs_(layer.attrs<LrnAttrs>()), threads_(ctx.threads) {
    before_ = (attrs_.size - 1) / 2;
    after_ = attrs_.size - 1 - before_;
    split_ = WorkSplit(1, extents_.batch * extents_.outer, extents_.channels * 8 * kFloat);
  }

  Status run(const RunArgs& args) override {
    const int64_t channels = extents_.channels;
    auto* squares = reinterpret_cast<float*>(args.scratch.data());
    const float alpha = attrs_.alpha / static_cast<float>(attrs_.size);
    forEachPiece(args, [&](const float* x, float* y, int64_t, int64_t begin, int64_t end, int t) {
      for (int64_t r = begin; r < end; ++r) {
        kernels_.lrnRow(x + r * channels, y + r * channels, channels, before_, after_, alpha,
                        attrs_.beta, attrs_.bias, squares + t * scratchFloats());
      }
    });
    return {};
  }
  size_t scratchBytes() const override {
    return static_cast<size_t>(scratchFloats() * threads_) * sizeof(float);
  }

 private:
  int64_t scratchFloats() const { return lrnScratch(extents_.channels, before_, after_); }

  LrnAttrs attrs_;
  int threads_;
  int64_t before_ = 0, after_ = 0;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const Verdict verdict = f32Only(graph, layer);
  if (!verdict.supported) return verdict;
  const Shape& shape = graph.tensor(layer.inputs[0]).shape;
  const Extents extents(shape, axisOf(layer, shape));
  if (layer.op == OpType::InstanceNormalization && extents.inner != 1 && extents.outer != 1) {
    return Verdict::no(concat("the channel axis ", axisOf(layer, shape), " of ", shape.toString(),
                              " has dims on both sides, wanted it last or right behind the batch"));
  }
  if (layer.op == OpType::Lrn && extents.inner != 1) {
    return Verdict::no(concat("the channel axis ", axisOf(layer, shape), " of ", shape.toString(),
                              " is not the last"));
  }
  if (layer.op == OpType::Lrn && layer.attrs<LrnAttrs>().size > 1024) {
    return Verdict::no(concat("size is ", layer.attrs<LrnAttrs>().size, ", wanted at most 1024"));
  }
  for (size_t i = 1; i < layer.outputs.size(); ++i) {
    if (layer.outputs[i] != kNoTensor) return Verdict::no("the statistics are wanted as outputs");
  }
  return Verdict::yes();
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  using Out = std::unique_ptr<Program>;
  switch (layer.op) {
    case OpType::BatchNormalization: return Out(std::make_unique<BatchNormProgram>(ctx, layer));
    case OpType::InstanceNormalization: return Out(std::make_unique<InstanceNormProgram>(ctx, layer));
    case OpType::LayerNormalization: return Out(std::make_unique<LayerNormProgram>(ctx, layer));
    default: return Out(std::make_unique<LrnProgram>(ctx, layer));
  }
}

constexpr OpType kOps[] = {OpType::BatchNormalization, OpType::InstanceNormalization,
                           OpType::LayerNormalization, OpType::Lrn};

}  // namespace

constinit const KernelFamily kNormalizeFamily = {kOps, supports, compile};

}  // namespace qrt
