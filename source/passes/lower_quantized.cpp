// Float layers between Dequantize and Quantize → int8 layers: what ONNX's QDQ and QLinear models mean.
//
// A layer becomes int8 if its activations are all dequantized, its weights are constants, its
// result is quantized with one set of parameters and read by nobody else, and the int8 rules accept it
// (checkInt8()). Any other layer stays float, between its Dequantize and Quantize layers.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "graph/op.h"
#include "graph/quantized.h"
#include "passes/matching.h"
#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/quantized_edges.h"

namespace qrt {
namespace {

// What an int8 layer reads in one slot: the values of `from` with the parameters of `tensor`, or a new
// constant `tensor` if `from` is none, or `from` itself if `asIs`.
struct Slot {
  TensorId from = kNoTensor;
  Tensor tensor;
  bool asIs = false;
};

std::vector<int32_t> integersOf(const Tensor& constant) {
  const auto& bytes = constant.constant->bytes;
  std::vector<int32_t> values(bytes.size());
  std::transform(bytes.begin(), bytes.end(), values.begin(), [&](std::byte byte) {
    return constant.dtype == DType::u8 ? std::to_integer<uint8_t>(byte) : std::to_integer<int8_t>(byte);
  });
  return values;
}

class Lowering {
 public:
  explicit Lowering(GraphEditor& editor) : editor_(editor) {}

  void lower(int i) {
    layer_ = editor_.layer(i);
    slots_.clear();
    if (layer_.outputs.size() != 1) return;
    const auto out = quantizedTo(layer_.outputs[0]);
    if (!out || !plan(*out)) return;
    keepClamp(*out);
    if (accepted(*out)) apply(i, *out);
  }

 private:
  // The parameters, as s8, to which all readers of a tensor quantize it; nullopt if there are others.
  std::optional<QuantParams> quantizedTo(TensorId id) const {
    if (editor_.isOutput(id) || editor_.tensor(id).dtype != DType::f32) return std::nullopt;
    std::optional<QuantParams> quant;
    for (const int reader : editor_.readers(id)) {
      const Layer& layer = editor_.layer(reader);
      const Tensor& made = editor_.tensor(layer.outputs[0]);
      if (layer.op != OpType::Quantize || !isQuantized8(made)) return std::nullopt;
      if (quant && *quant != s8Params(made)) return std::nullopt;
      quant = s8Params(made);
    }
    return quant;
  }

  bool plan(const QuantParams& out) {
    switch (int8Form(layer_.op)) {
      case Int8Form::none:
        return false;
      case Int8Form::accumulate:
        return layer_.op == OpType::MatMul ? matMul() : sumOfProducts();
      case Int8Form::move:  // others need no Quantize behind: moveQuantized()
        return movesAlike() && activations(layer_.op == OpType::Resize ? 1 : layer_.inputs.size(), &out);
      default:
        return activations(layer_.inputs.size(), nullptr);
    }
  }

  // Quantizers drop a Relu or Clip that the range of the result does anyway: here it is again, for whoever
  // wants the layer in float.
  void keepClamp(const QuantParams& out) {
    Activation* activation = activationOf(layer_);
    if (activation == nullptr || activation->kind != ActivationKind::none) return;
    if (out.zeroPoints[0] == -128) *activation = {ActivationKind::clip, 0, 255 * out.scales[0]};
  }

  bool movesAlike() const {
    if (layer_.op == OpType::Resize) return layer_.attrs<ResizeAttrs>().mode == ResizeMode::linear;
    return layer_.op == OpType::Concat || layer_.op == OpType::Max || layer_.op == OpType::Min;
  }

  // The first `count` inputs, with parameters `quant` or their own; the rest are parameters of the op.
  bool activations(size_t count, const QuantParams* quant) {
    for (size_t slot = 0; slot < layer_.inputs.size(); ++slot) {
      const bool read = slot < count ? activation(layer_.inputs[slot], quant) : asIs(layer_.inputs[slot]);
      if (!read) return false;
    }
    return true;
  }

  bool activation(TensorId id, const QuantParams* quant) {
    const TensorId from = dequantizedFrom(editor_, id);
    if (from == kNoTensor) return false;
    const Tensor& tensor = editor_.tensor(from);
    const QuantParams own = s8Params(tensor);
    slots_.push_back({from, {tensor.name, DType::s8, tensor.shape, quant ? *quant : own, {}}, false});
    return true;
  }

  bool asIs(TensorId id) {
    slots_.push_back({id, id == kNoTensor ? Tensor() : editor_.tensor(id), true});
    return true;
  }

  bool sumOfProducts() {
    if (!activation(layer_.inputs[0], nullptr) || !weights(layer_.inputs[1], false)) return false;
    if (layer_.inputs.size() > 2 && !bias(layer_.inputs[2])) return false;
    if (layer_.inputs.size() <= 3) return true;
    return layer_.inputs[3] == kNoTensor ? asIs(kNoTensor) : activation(layer_.inputs[3], nullptr);
  }

  // Of a matrix and constant weights: a FullyConnected layer, which may have a scale for each column.
  bool matMul() {
    const int maker = editor_.producer(layer_.inputs[1], OpType::Dequantize);
    const Tensor* right = maker < 0 ? nullptr : editor_.graph().constant(editor_.layer(maker).inputs[0]);
    const Shape& left = editor_.tensor(layer_.inputs[0]).shape;
    if (right == nullptr || right->shape.rank() != 2 || !left.ranked() || left.rank() != 2) {
      return activations(2, nullptr);
    }
    if (!activation(layer_.inputs[0], nullptr) || !weights(layer_.inputs[1], true)) return false;
    layer_.op = OpType::FullyConnected;
    layer_.attributes = FullyConnectedAttrs{};
    return true;
  }

  // A dequantized constant as s8; `transposed`: [I,O] → [O,I]. A zero point is taken out of the integers if that
  // leaves them within ±127, which all kernels like best; else u8 loses 128.
  bool weights(TensorId id, bool transposed) {
    const int maker = editor_.producer(id, OpType::Dequantize);
    const TensorId from = maker < 0 ? kNoTensor : editor_.layer(maker).inputs[0];
    const Tensor* constant = editor_.graph().constant(from);
    if (constant == nullptr || (constant->dtype != DType::s8 && constant->dtype != DType::u8)) return false;
    const std::vector<int32_t>& zeroPoints = constant->quant->zeroPoints;
    for (const int32_t zeroPoint : zeroPoints) {
      if (zeroPoint != zeroPoints[0]) return false;
    }
    std::vector<int32_t> values = integersOf(*constant);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const bool fits = values.empty() || (*least - zeroPoints[0] >= -127 && *most - zeroPoints[0] <= 127);
    const int32_t by = fits ? zeroPoints[0] : constant->dtype == DType::u8 ? 128 : 0;
    if (by == 0 && constant->dtype == DType::s8 && !transposed) return asIs(from);
    Tensor made = *constant;
    made.dtype = DType::s8;
    for (int32_t& zeroPoint : made.quant->zeroPoints) zeroPoint -= by;
    std::vector<std::byte> bytes(values.size());
    std::transform(values.begin(), values.end(), bytes.begin(),
                   [&](int32_t value) { return static_cast<std::byte>(value - by); });
    made.constant = ConstantData::copyOf(bytes);
    if (transposed) {
      const Perm swap = {1, 0};
      if (made.quant->axis >= 0) made.quant->axis = 1 - made.quant->axis;
      made.constant = permutedBytes(made.constant->bytes, 1, made.shape, swap);
      made.shape = permuted(made.shape, swap);
    }
    slots_.push_back({kNoTensor, std::move(made), false});
    return true;
  }

  // The real numbers of a constant bias, f32 or dequantized, and its scale if it is one of integers.
  bool bias(TensorId id) {
    if (id == kNoTensor) return asIs(id);
    const double scaleX = slots_[0].tensor.quant->scales[0];
    const std::vector<float>& scalesW = slots_[1].tensor.quant->scales;
    const int maker = editor_.producer(id, OpType::Dequantize);
    const Tensor* constant = editor_.graph().constant(maker < 0 ? id : editor_.layer(maker).inputs[0]);
    if (constant == nullptr) return false;
    const auto floats = constant->constantView().as<float>();
    const auto ints = constant->constantView().as<int32_t>();
    if (!floats.ok() && !(ints.ok() && constant->quant)) return false;
    const size_t count = floats.ok() ? floats->size() : ints->size();
    if (scalesW.size() != 1 && scalesW.size() != count) return false;
    std::vector<int32_t> made(count);
    for (size_t c = 0; c < count; ++c) {
      const double unit = scaleX * scalesW[scalesW.size() == 1 ? 0 : c];
      double value = 0;
      if (floats.ok()) {
        value = std::nearbyint((*floats)[c] / unit);
      } else {
        const QuantParams& quant = *constant->quant;
        const size_t p = quant.axis < 0 ? 0 : c;
        const double steps = static_cast<double>((*ints)[c]) - quant.zeroPoints[p];
        // Of the same unit but for its rounding to f32 the integers are right as they are.
        value = quant.scales[p] == static_cast<float>(unit) ? steps
                                                            : std::nearbyint(steps * quant.scales[p] / unit);
      }
      if (!(std::abs(value) < 0x1p31)) return false;
      made[c] = static_cast<int32_t>(value);
    }
    Tensor tensor{concat(constant->name, "/s32"), DType::s32, constant->shape, {}, {}};
    tensor.constant = ConstantData::copyOf(std::as_bytes(std::span(made)));
    tensor.quant = biasParams(scaleX, scalesW);
    slots_.push_back({kNoTensor, std::move(tensor), false});
    return true;
  }

  // None where a scale is too small for f32.
  static std::optional<QuantParams> biasParams(double scaleX, const std::vector<float>& scalesW) {
    QuantParams quant;
    for (const float scale : scalesW) {
      quant.scales.push_back(static_cast<float>(scaleX * scale));
      quant.zeroPoints.push_back(0);
      if (!(quant.scales.back() > 0)) return std::nullopt;
    }
    quant.axis = scalesW.size() == 1 ? -1 : 0;
    return quant;
  }

  // Asks the int8 rules on a graph of this layer alone, so that a refusal leaves no trace.
  bool accepted(const QuantParams& out) const {
    Graph graph;
    Layer layer = layer_;
    layer.inputs.clear();
    for (const Slot& slot : slots_) {
      const bool absent = slot.asIs && slot.from == kNoTensor;
      layer.inputs.push_back(absent ? kNoTensor : graph.addTensor(slot.tensor));
    }
    Tensor made = editor_.tensor(layer_.outputs[0]);
    made.dtype = DType::s8;
    made.quant = out;
    layer.outputs = {graph.addTensor(std::move(made))};
    InferContext ctx(graph, layer);
    return checkInt8(graph, layer).ok() && opDef(layer.op).infer(ctx).ok();
  }

  void apply(int i, const QuantParams& out) {
    std::vector<TensorId> inputs;
    for (Slot& slot : slots_) {
      inputs.push_back(slot.asIs                 ? slot.from
                       : slot.from == kNoTensor ? editor_.addTensor(std::move(slot.tensor))
                                                : requantized(editor_, slot.from, *slot.tensor.quant, i));
    }
    const TensorId real = layer_.outputs[0];
    const Tensor& result = editor_.tensor(real);
    const TensorId made =
        editor_.addTensor({concat(result.name, "/s8"), DType::s8, result.shape, out, {}});
    editor_.become(i, layer_.op, layer_.attributes, std::move(inputs));
    editor_.setOutput(i, 0, made);
    const std::vector<int> readers = editor_.readers(real);
    for (const int reader : readers) editor_.become(reader, OpType::Requantize, NoAttrs{}, {made});
  }

  GraphEditor& editor_;
  Layer layer_;
  std::vector<Slot> slots_;
};

}  // namespace

void lowerQuantized(GraphEditor& editor) {
  moveQuantized(editor);
  Lowering lowering(editor);
  const int count = editor.layerCount();
  for (int i = 0; i < count; ++i) {
    if (editor.alive(i)) lowering.lower(i);
  }
  joinQuantize(editor);
}

}  // namespace qrt
