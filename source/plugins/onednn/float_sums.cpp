// Conv, FullyConnected and MatMul on f32: oneDNN does all of it, the activation included.
#include "onednn/sums.h"

namespace onednn_plugin {
namespace {

using dnnl::memory;

// relu and clip are post-ops.
std::string refuseActivation(const LayerView& layer) {
  const std::string kind = layer.attribute("activation").text;
  return kind == "none" || kind == "relu" || kind == "clip" ? "" : "activation " + kind + ", wanted none, relu or clip";
}

dnnl::primitive_attr activationOf(const LayerView& layer) {
  dnnl::primitive_attr attr;
  const QrtAttribute& activation = layer.attribute("activation");
  dnnl::post_ops ops;
  if (std::strcmp(activation.text, "relu") == 0) {
    ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  } else if (std::strcmp(activation.text, "clip") == 0) {
    ops.append_eltwise(1, dnnl::algorithm::eltwise_clip, activation.floats[0], activation.floats[1]);
  }
  attr.set_post_ops(ops);
  return attr;
}

std::string refuse(const LayerView& layer) {
  for (uint64_t i = 0; i < layer.inputCount(); ++i) {
    if (layer.has(i) && layer.in(i).dtype != QRT_F32) return "wanted f32";
  }
  if (layer.is("MatMul")) {
    const std::vector<int64_t> a = dimsOf(layer.in(0)), b = dimsOf(layer.in(1));
    if (a.size() != b.size() || a.size() < 2 || a.size() > 3) return "wanted two matrices, or two equal stacks of them";
    if (a.size() == 3 && a[0] != b[0]) return "wanted equal stacks of matrices";
    return elementsOf(layer.in(0)) == 0 || elementsOf(layer.in(1)) == 0 ? "nothing to compute" : "";
  }
  if (layer.in(1).constant == nullptr) return "weights are not constant";
  if (layer.has(2) && layer.in(2).constant == nullptr) return "the bias is not constant";
  if (layer.has(3)) return "a residual";
  if (elementsOf(layer.out()) == 0) return "nothing to compute";
  return refuseActivation(layer);
}

struct ConvProgram final : QrtProgram {
  ConvProgram(const LayerView& layer)
      : sum(layer, memory::data_type::f32, false, activationOf(layer), layer.has(2)) {}
  void run(const QrtBuffer* const* inputs, void* output) override { sum.run(inputs[0]->data, output); }

  SumPrimitive sum;
};

struct MatMulProgram final : QrtProgram {
  MatMulProgram(const LayerView& layer) {
    const auto describe = [](const QrtTensor& tensor) {
      return memory::desc(dimsOf(tensor), memory::data_type::f32,
                          tensor.rank == 2 ? memory::format_tag::ab : memory::format_tag::abc);
    };
    const memory::desc a = describe(layer.in(0)), b = describe(layer.in(1)), y = describe(layer.out());
    primitive = dnnl::matmul(dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, y), cpu()));
    for (uint64_t i = 0; i < 2; ++i) {
      sides[i] = memory(i == 0 ? a : b, cpu(), const_cast<void*>(layer.in(i).constant));
      arguments[i] = layer.argument(i);
    }
    dst = memory(y, cpu(), nullptr);
  }
  void run(const QrtBuffer* const* inputs, void* output) override {
    for (int i = 0; i < 2; ++i) {
      if (arguments[i] >= 0) sides[i].set_data_handle(inputs[arguments[i]]->data, stream());
    }
    dst.set_data_handle(output, stream());
    primitive.execute(stream(), {{DNNL_ARG_SRC, sides[0]}, {DNNL_ARG_WEIGHTS, sides[1]}, {DNNL_ARG_DST, dst}});
    stream().wait();
  }

  dnnl::matmul primitive;
  memory sides[2], dst;
  int arguments[2];
};

std::unique_ptr<QrtProgram> compile(const LayerView& layer) {
  std::unique_ptr<QrtProgram> program;
  if (layer.is("MatMul")) program = std::make_unique<MatMulProgram>(layer);
  else program = std::make_unique<ConvProgram>(layer);
  program->name = layer.is("MatMul") ? "onednn_matmul_f32" : "onednn_conv_f32";
  return program;
}

}  // namespace

const Family kFloatSums = {{"Conv", "FullyConnected", "MatMul"}, refuse, compile};

}  // namespace onednn_plugin
