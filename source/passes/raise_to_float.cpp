#include "passes/raise_to_float.h"

#include <unordered_map>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "graph/op.h"
#include "graph/quantized.h"
#include "passes/passes.h"
#include "passes/quantized_edges.h"

namespace qrt {
namespace {

// f32 elements; value(r, q) is that of integer q in row r of `rows`, which divide them.
template <class T, class Value>
ConstantData floatsOf(const Tensor& tensor, size_t rows, Value value) {
  const auto* integers = reinterpret_cast<const T*>(tensor.constant->bytes.data());
  const size_t count = tensor.constant->bytes.size() / sizeof(T);
  auto buffer = AlignedBuffer::shared(count * sizeof(float));
  float* floats = buffer->as<float>();
  for (size_t row = 0, i = 0; row < rows; ++row) {
    for (const size_t end = i + count / rows; i < end; ++i) floats[i] = value(row, integers[i]);
  }
  const std::span<const std::byte> bytes(buffer->data(), count * sizeof(float));
  return {std::move(buffer), bytes};
}

Tensor floatTensor(const Tensor& tensor) {
  return {concat(tensor.name, "/f32"), DType::f32, tensor.shape, {}, {}};
}

// s8 or u8 with one scale, or one for each row.
Tensor dequantized(const Tensor& tensor, const QuantParams& quant) {
  Tensor made = floatTensor(tensor);
  const auto value = [&](size_t row, int32_t q) {
    return static_cast<float>(q - quant.zeroPoints[row]) * quant.scales[row];
  };
  const size_t rows = quant.scales.size();
  made.constant = tensor.dtype == DType::u8 ? floatsOf<uint8_t>(tensor, rows, value)
                                            : floatsOf<int8_t>(tensor, rows, value);
  return made;
}

// The integers count products of input and weights.
Tensor dequantizedBias(const Tensor& bias, float scaleX, const std::vector<float>& scalesW) {
  Tensor made = floatTensor(bias);
  const auto value = [&](size_t c, int32_t q) {
    return static_cast<float>(q * (double{scaleX} * scalesW[scalesW.size() == 1 ? 0 : c]));
  };
  made.constant = floatsOf<int32_t>(bias, static_cast<size_t>(bias.shape.elements()), value);
  return made;
}

class FormMaker {
 public:
  FormMaker(const Graph& graph, const Layer& layer) : graph_(graph), layer_(layer), made_(layer) {}

  Result<FloatForm> make() {
    if (int8Form(layer_.op) == Int8Form::none) {
      return unsupported("a ", opName(layer_.op), " layer of quantized tensors has no float form");
    }
    const Tensor& x = graph_.tensor(layer_.inputs[0]);
    if (!isQuantized8(x)) return notOneScale(x);
    made_.inputs.clear();
    made_.outputs.clear();
    const bool sums = int8Form(layer_.op) == Int8Form::accumulate && layer_.op != OpType::MatMul;
    for (size_t slot = 0; slot < layer_.inputs.size(); ++slot) {
      QRT_RETURN_IF_ERROR(sums && (slot == 1 || slot == 2) ? weights(slot) : input(slot));
    }
    if (layer_.op == OpType::Pad && layer_.input(2) == kNoTensor) absentPadValue();
    for (const TensorId id : layer_.outputs) {
      made_.outputs.push_back(id);
      if (id == kNoTensor) continue;
      QRT_RETURN_IF_ERROR(output(graph_.tensor(id)));
      made_.outputs.back() = form_.graph.addTensor(floatTensor(graph_.tensor(id)));
    }
    form_.graph.layers.push_back(std::move(made_));
    QRT_RETURN_IF_ERROR(inferShapes(form_.graph));
    return std::move(form_);
  }

 private:
  static Status notOneScale(const Tensor& tensor) {
    return unsupported("'", tensor.name, "' is not s8 or u8 with one scale");
  }

  void add(FloatForm::Input kind, Tensor tensor) {
    form_.inputs.push_back(kind);
    made_.inputs.push_back(form_.graph.addTensor(std::move(tensor)));
  }

  Status weights(size_t slot) {
    if (layer_.inputs[slot] == kNoTensor) return input(slot);
    const Tensor& w = graph_.tensor(layer_.inputs[1]);
    const Tensor& tensor = graph_.tensor(layer_.inputs[slot]);
    if (!tensor.isConstant()) return unsupported("'", tensor.name, "' is not constant");
    const float scaleX = graph_.tensor(layer_.inputs[0]).quant->scales[0];
    add(FloatForm::Input::constant, slot == 1 ? dequantized(w, *w.quant)
                                              : dequantizedBias(tensor, scaleX, w.quant->scales));
    return {};
  }

  Status input(size_t slot) {
    const TensorId id = layer_.inputs[slot];
    if (id == kNoTensor) {
      form_.inputs.push_back(FloatForm::Input::asIs);
      made_.inputs.push_back(id);
      return {};
    }
    const Tensor& tensor = graph_.tensor(id);
    if (tensor.dtype != DType::s8 && tensor.dtype != DType::u8) {
      add(FloatForm::Input::asIs, tensor);
    } else if (layer_.op == OpType::Pad && slot == 2 && tensor.isConstant()) {
      // Whatever parameters it has, its byte stands among those of input 0.
      add(FloatForm::Input::constant, dequantized(tensor, *graph_.tensor(layer_.inputs[0]).quant));
    } else if (!isQuantized8(tensor)) {
      return notOneScale(tensor);
    } else if (tensor.isConstant()) {
      add(FloatForm::Input::constant, dequantized(tensor, *tensor.quant));
    } else {
      add(FloatForm::Input::activation, floatTensor(tensor));
    }
    return {};
  }

  // The byte 0.
  void absentPadValue() {
    const Tensor& x = graph_.tensor(layer_.inputs[0]);
    Tensor zero{layer_.name + "_value", x.dtype, Shape(), {}, {}};
    zero.constant = ConstantData::copyOf(std::vector<std::byte>(1));
    form_.inputs.resize(2, FloatForm::Input::asIs);
    made_.inputs.resize(2, kNoTensor);
    add(FloatForm::Input::constant, dequantized(zero, *x.quant));
  }

  Status output(const Tensor& tensor) const {
    if (!isQuantized8(tensor)) return notOneScale(tensor);
    const Tensor& x = graph_.tensor(layer_.inputs[0]);
    if (layer_.op != OpType::Identity || x.quant == tensor.quant) return {};
    return unsupported("it gives other parameters to the bytes of '", x.name, "'");
  }

  const Graph& graph_;
  const Layer& layer_;
  Layer made_;
  FloatForm form_;
};

class Raising {
 public:
  explicit Raising(Graph& graph) : editor_(graph) {}

  void raise(int i, FloatForm form) {
    Layer& alone = form.graph.layers[0];
    std::vector<TensorId> inputs;
    for (size_t slot = 0; slot < form.inputs.size(); ++slot) {
      const TensorId original = editor_.layer(i).input(slot);
      switch (form.inputs[slot]) {
        case FloatForm::Input::asIs:
          inputs.push_back(original);
          break;
        case FloatForm::Input::constant:
          inputs.push_back(editor_.addTensor(std::move(form.graph.tensor(alone.inputs[slot]))));
          break;
        case FloatForm::Input::activation:
          inputs.push_back(floatVersion(original, i));
          break;
      }
    }
    editor_.become(i, alone.op, std::move(alone.attributes), std::move(inputs));
    for (size_t k = 0; k < alone.outputs.size(); ++k) {
      if (alone.outputs[k] != kNoTensor) raiseOutput(i, k, std::move(form.graph.tensor(alone.outputs[k])));
    }
  }

  void finish() {
    removeDeadLayers(editor_);
    editor_.sort();
    editor_.graph().compact();
  }

 private:
  // The f32 tensor that was quantized to `id`, or that it is dequantized to.
  TensorId floatVersion(TensorId id, int near) {
    int maker = editor_.producer(id);
    for (; maker >= 0 && editor_.layer(maker).op == OpType::Requantize; maker = editor_.producer(id)) {
      id = editor_.layer(maker).inputs[0];
    }
    if (maker >= 0 && editor_.layer(maker).op == OpType::Quantize) return editor_.layer(maker).inputs[0];
    for (const int reader : editor_.readers(id)) {
      if (editor_.layer(reader).op == OpType::Dequantize) return editor_.layer(reader).outputs[0];
    }
    const TensorId made = editor_.addTensor(floatTensor(editor_.tensor(id)));
    const std::string name = concat(editor_.tensor(id).name, "/Dequantize");
    editor_.addLayer({name, OpType::Dequantize, NoAttrs{}, {id}, {made}}, near);
    return made;
  }

  // What was made as `id` is now made as `real`, and quantized for those who still want it so.
  void raiseOutput(int i, size_t k, Tensor real) {
    const TensorId id = editor_.layer(i).outputs[k];
    editor_.setOutput(i, k, editor_.addTensor(std::move(real)));
    const std::vector<int> readers = editor_.readers(id);
    for (const int reader : readers) {
      if (editor_.layer(reader).op == OpType::Dequantize) {
        const TensorId source = editor_.layer(i).outputs[k];
        editor_.become(reader, OpType::Identity, NoAttrs{}, {source});
        editor_.bypass(reader, source);
      }
    }
    const TensorId source = editor_.layer(i).outputs[k];
    for (const int reader : readers) {
      if (editor_.layer(reader).op == OpType::Requantize) {
        editor_.become(reader, OpType::Quantize, NoAttrs{}, {source});
      }
    }
    const std::string name = concat(editor_.tensor(id).name, "/Quantize");
    editor_.addLayer({name, OpType::Quantize, NoAttrs{}, {source}, {id}}, i);
  }

  GraphEditor editor_;
};

}  // namespace

Result<FloatForm> floatForm(const Graph& graph, const Layer& layer) {
  return FormMaker(graph, layer).make();
}

void raiseToFloat(Graph& graph, std::map<int, FloatForm> forms) {
  if (forms.empty()) return;
  Raising raising(graph);
  for (auto& [layer, form] : forms) raising.raise(layer, std::move(form));
  raising.finish();
}

}  // namespace qrt
