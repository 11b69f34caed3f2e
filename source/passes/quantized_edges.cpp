#include "passes/quantized_edges.h"

#include <cmath>

#include "base/error.h"
#include "base/requantize.h"
#include "passes/matching.h"

namespace qrt {
namespace {

// A Requantize layer reads what a chain of others that lose nothing started from.
void joinRequantize(GraphEditor& editor, int i) {
  TensorId in = editor.layer(i).inputs[0];
  const TensorId out = editor.layer(i).outputs[0];
  for (int before; (before = editor.producer(in, OpType::Requantize)) >= 0;) {
    const TensorId source = editor.layer(before).inputs[0];
    if (!sameValues(editor.tensor(source), editor.tensor(in))) break;
    editor.setInput(i, 0, in = source);
  }
  const Tensor &x = editor.tensor(in), &y = editor.tensor(out);
  if (!sameValues(x, y) || (x.dtype == y.dtype && editor.bypass(i, in))) return;
  const int before = editor.producer(in);
  if (before < 0) return;
  const Layer layer = editor.layer(before);
  if (layer.op == OpType::Requantize || layer.op == OpType::Quantize) {
    // It may change the scale, but can make the other dtype itself.
    editor.become(i, layer.op, NoAttrs{}, {layer.inputs[0]});
  } else if (y.dtype == DType::s8 && movesElements(layer) && layer.op != OpType::Pad &&
             layer.outputs.size() == 1 && editor.hasOneReader(in) &&
             sameValues(editor.tensor(layer.inputs[0]), x)) {
    // s8 is what is moved.
    const QuantParams quant = *y.quant;
    editor.remove(i);
    editor.setInput(before, 0, requantized(editor, layer.inputs[0], quant, before));
    editor.setOutput(before, 0, out);
  }
}

void joinDequantize(GraphEditor& editor, int i) {
  const TensorId in = editor.layer(i).inputs[0];
  const int before = editor.producer(in, OpType::Requantize);
  if (before < 0) return;
  const TensorId source = editor.layer(before).inputs[0];
  if (sameValues(editor.tensor(source), editor.tensor(in))) editor.setInput(i, 0, source);
}

// The value of a constant Pad as s8 with `quant`; nullopt if it is not exactly one of its steps.
std::optional<int8_t> padValue(const GraphEditor& editor, const Layer& pad, const QuantParams& quant) {
  float value = 0;
  if (pad.input(2) != kNoTensor) {
    const auto found = constantScalar(editor, pad.input(2), Shape::kMaxRank);
    if (!found) return std::nullopt;
    value = *found;
  }
  const int32_t q = requantize(value / quant.scales[0], {quant.zeroPoints[0]});
  if (static_cast<float>(q - quant.zeroPoints[0]) * quant.scales[0] != value) return std::nullopt;
  return static_cast<int8_t>(q);
}

// Makes layer `i` move what `quantized` holds, as s8, and puts Dequantize behind.
bool moveInt8(GraphEditor& editor, int i, TensorId quantized) {
  const QuantParams quant = s8Params(editor.tensor(quantized));
  const Layer layer = editor.layer(i);
  if (layer.op == OpType::Pad && layer.attrs<PadAttrs>().mode == PadMode::constant) {
    const auto value = padValue(editor, layer, quant);
    if (!value) return false;
    const TensorId constant = editor.addConstant<int8_t>(layer.name + "_value", Shape(), {&*value, 1});
    editor.setInput(i, 2, constant);
  }
  editor.setInput(i, 0, requantized(editor, quantized, quant, i));
  for (size_t k = 0; k < layer.outputs.size(); ++k) {
    const TensorId out = layer.outputs[k];
    if (out == kNoTensor) continue;
    Tensor moved = editor.tensor(out);
    moved = {concat(moved.name, "/s8"), DType::s8, moved.shape, quant, {}};
    const TensorId made = editor.addTensor(std::move(moved));
    editor.setOutput(i, k, made);
    const std::string name = concat(editor.tensor(out).name, "/Dequantize");
    editor.addLayer({name, OpType::Dequantize, NoAttrs{}, {made}, {out}}, i);
  }
  return true;
}

// Quantize(move(x)) → move(Quantize(x)); nobody else reads x or move(x).
bool moveBehindQuantize(GraphEditor& editor, int i) {
  const Layer& layer = editor.layer(i);
  if (layer.outputs.size() != 1 || layer.op == OpType::Pad) return false;
  const TensorId in = layer.inputs[0], out = layer.outputs[0];
  if (!editor.hasOneReader(in) || !editor.hasOneReader(out) || editor.producer(in) < 0) return false;
  const int reader = editor.readers(out)[0];
  const TensorId quantized = editor.layer(reader).outputs[0];
  if (editor.layer(reader).op != OpType::Quantize || !isQuantized8(editor.tensor(quantized))) {
    return false;
  }
  const QuantParams quant = s8Params(editor.tensor(quantized));
  const Tensor &x = editor.tensor(in), &y = editor.tensor(out);
  Tensor before{concat(x.name, "/s8"), DType::s8, x.shape, quant, {}};
  Tensor behind{concat(y.name, "/s8"), DType::s8, y.shape, quant, {}};
  const TensorId first = editor.addTensor(std::move(before));
  const TensorId moved = editor.addTensor(std::move(behind));
  editor.addLayer({concat(editor.tensor(in).name, "/Quantize"), OpType::Quantize, NoAttrs{}, {in}, {first}}, i);
  editor.setInput(i, 0, first);
  editor.setOutput(i, 0, moved);
  editor.become(reader, OpType::Requantize, NoAttrs{}, {moved});
  return true;
}

}  // namespace

TensorId dequantizedFrom(const GraphEditor& editor, TensorId id) {
  const int layer = editor.producer(id, OpType::Dequantize);
  if (layer < 0) return kNoTensor;
  const TensorId source = editor.layer(layer).inputs[0];
  return isQuantized8(editor.tensor(source)) ? source : kNoTensor;
}

TensorId requantized(GraphEditor& editor, TensorId from, const QuantParams& to, int near) {
  const auto isWanted = [&](TensorId id) {
    return editor.tensor(id).dtype == DType::s8 && editor.tensor(id).quant == to;
  };
  if (isWanted(from)) return from;
  for (const int reader : editor.readers(from)) {
    const Layer& layer = editor.layer(reader);
    if (layer.op == OpType::Requantize && isWanted(layer.outputs[0])) return layer.outputs[0];
  }
  const std::string name = editor.tensor(from).name;
  const TensorId made =
      editor.addTensor({concat(name, "/s8"), DType::s8, editor.tensor(from).shape, to, {}});
  editor.addLayer({concat(name, "/Requantize"), OpType::Requantize, NoAttrs{}, {from}, {made}}, near);
  return made;
}

bool movesElements(const Layer& layer) {
  switch (layer.op) {
    case OpType::DepthToSpace:
    case OpType::Expand:
    case OpType::Flatten:
    case OpType::Gather:
    case OpType::Pad:
    case OpType::Reshape:
    case OpType::Slice:
    case OpType::SpaceToDepth:
    case OpType::Split:
    case OpType::Squeeze:
    case OpType::Tile:
    case OpType::Transpose:
    case OpType::Unsqueeze:
      return true;
    case OpType::MaxPool:  // a dilated window may see nothing but padding
      return layer.attrs<PoolAttrs>().dilations == std::array<int32_t, 2>{1, 1};
    case OpType::Resize:
      return layer.attrs<ResizeAttrs>().mode == ResizeMode::nearest;
    default:
      return false;
  }
}

void joinQuantize(GraphEditor& editor) {
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (!editor.alive(i)) continue;
    const Layer& layer = editor.layer(i);
    if (layer.op == OpType::Quantize && isQuantized8(editor.tensor(layer.outputs[0]))) {
      const TensorId source = dequantizedFrom(editor, layer.inputs[0]);
      if (source != kNoTensor) editor.become(i, OpType::Requantize, NoAttrs{}, {source});
    }
    if (editor.layer(i).op == OpType::Requantize) {
      joinRequantize(editor, i);
    } else if (editor.layer(i).op == OpType::Dequantize) {
      joinDequantize(editor, i);
    }
  }
}

void moveQuantized(GraphEditor& editor) {
  const int count = editor.layerCount();
  for (int i = 0; i < count; ++i) {
    if (!editor.alive(i) || !movesElements(editor.layer(i))) continue;
    const TensorId in = editor.layer(i).inputs[0];
    if (editor.tensor(in).dtype != DType::f32) continue;
    const TensorId quantized = dequantizedFrom(editor, in);
    if (quantized != kNoTensor) {
      moveInt8(editor, i, quantized);
    } else {
      moveBehindQuantize(editor, i);
    }
  }
}

}  // namespace qrt
