// Pools, and elementwise ops on f32.
#include <algorithm>

#include "onednn/sums.h"

namespace onednn_plugin {
namespace {

using dnnl::memory;

std::string refusePool(const LayerView& layer) {
  const bool max = layer.is("MaxPool");
  const bool moves = max && layer.in(0).dtype == QRT_S8;  // the maximum of bytes is exact
  if (layer.in(0).dtype != QRT_F32 && !moves) return max ? "wanted f32 or s8" : "wanted f32";
  if (layer.integer("dilations", 0) != 1 || layer.integer("dilations", 1) != 1) return "dilations, wanted none";
  if (elementsOf(layer.out()) == 0) return "nothing to compute";
  for (uint64_t i = 0; i < 2; ++i) {
    const int64_t in = layer.in(0).dims[1 + i] + layer.integer("pads", i) + layer.integer("pads", i + 2);
    const int64_t covered = (layer.out().dims[1 + i] - 1) * layer.integer("strides", i) + layer.integer("kernel", i);
    if (covered > in) return "windows that reach behind the padding (ceil_mode)";
  }
  return "";
}

struct PoolProgram final : QrtProgram {
  PoolProgram(const LayerView& layer) {
    const auto type = layer.in(0).dtype == QRT_F32 ? memory::data_type::f32 : memory::data_type::s8;
    const auto describe = [&](const QrtTensor& t) {
      return memory::desc({t.dims[0], t.dims[3], t.dims[1], t.dims[2]}, type, memory::format_tag::nhwc);
    };
    const auto algorithm = layer.is("MaxPool")                       ? dnnl::algorithm::pooling_max
                           : layer.integer("count_include_pad") != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                                                     : dnnl::algorithm::pooling_avg_exclude_padding;
    const auto pair = [&](const char* name, uint64_t first = 0) {
      return memory::dims{layer.integer(name, first), layer.integer(name, first + 1)};
    };
    // oneDNN wants the padding that is used, no more.
    memory::dims end(2);
    for (uint64_t i = 0; i < 2; ++i) {
      end[i] = (layer.out().dims[1 + i] - 1) * layer.integer("strides", i) + layer.integer("kernel", i) -
               layer.in(0).dims[1 + i] - layer.integer("pads", i);
    }
    src = memory(describe(layer.in(0)), cpu(), nullptr);
    dst = memory(describe(layer.out()), cpu(), nullptr);
    const dnnl::pooling_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm, src.get_desc(),
                                           dst.get_desc(), pair("strides"), pair("kernel"), pair("pads"), end);
    primitive = dnnl::pooling_forward(dnnl::pooling_forward::primitive_desc(desc, cpu()));
  }
  void run(const QrtBuffer* const* inputs, void* output) override {
    src.set_data_handle(inputs[0]->data, stream());
    dst.set_data_handle(output, stream());
    primitive.execute(stream(), {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}});
    stream().wait();
  }

  dnnl::pooling_forward primitive;
  memory src, dst;
};

std::unique_ptr<QrtProgram> compilePool(const LayerView& layer) {
  auto program = std::make_unique<PoolProgram>(layer);
  program->name = "onednn_pool";
  return program;
}

memory::desc flat(const QrtTensor& tensor, size_t rank) {
  memory::dims dims = dimsOf(tensor);
  dims.insert(dims.begin(), rank - dims.size(), 1);  // broadcast to the left
  memory::dims strides(dims.size());
  int64_t stride = 1;
  for (size_t i = dims.size(); i-- > 0; stride *= dims[i]) strides[i] = stride;
  return {dims, memory::data_type::f32, strides};
}

bool isBinary(const LayerView& layer) {
  return layer.is("Add") || layer.is("Sub") || layer.is("Mul") || layer.is("Div");
}

std::string refuseElementwise(const LayerView& layer) {
  for (uint64_t i = 0; i < layer.inputCount(); ++i) {
    if (layer.in(i).dtype != QRT_F32) return "wanted f32";
  }
  if (layer.out().rank < 1 || layer.out().rank > 5) return "wanted one to five dimensions";
  if (elementsOf(layer.out()) == 0) return "nothing to compute";
  if (!isBinary(layer)) return "";
  if (std::strcmp(layer.attribute("activation").text, "none") != 0) return "a fused activation";
  // oneDNN broadcasts the second operand only.
  return dimsOf(layer.in(0)) == dimsOf(layer.out()) ? "" : "the first operand is broadcast";
}

struct ElementwiseProgram final : QrtProgram {
  ElementwiseProgram(const LayerView& layer) {
    const size_t rank = layer.out().rank;
    for (uint64_t i = 0; i < layer.inputCount(); ++i) {
      operands.emplace_back(flat(layer.in(i), rank), cpu(), const_cast<void*>(layer.in(i).constant));
      arguments.push_back(layer.argument(i));
    }
    dst = memory(flat(layer.out(), rank), cpu(), nullptr);
    if (isBinary(layer)) {
      const auto algorithm = layer.is("Add")   ? dnnl::algorithm::binary_add
                             : layer.is("Sub") ? dnnl::algorithm::binary_sub
                             : layer.is("Mul") ? dnnl::algorithm::binary_mul
                                               : dnnl::algorithm::binary_div;
      const dnnl::binary::desc desc(algorithm, operands[0].get_desc(), operands[1].get_desc(), dst.get_desc());
      primitive = dnnl::binary(dnnl::binary::primitive_desc(desc, cpu()));
      return;
    }
    const auto algorithm = layer.is("Relu")      ? dnnl::algorithm::eltwise_relu
                           : layer.is("Sigmoid") ? dnnl::algorithm::eltwise_logistic
                           : layer.is("Tanh")    ? dnnl::algorithm::eltwise_tanh
                                                 : dnnl::algorithm::eltwise_clip;
    const bool clip = layer.is("Clip");
    const dnnl::eltwise_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm, operands[0].get_desc(),
                                           clip ? layer.attribute("min").floats[0] : 0,
                                           clip ? layer.attribute("max").floats[0] : 0);
    primitive = dnnl::eltwise_forward(dnnl::eltwise_forward::primitive_desc(desc, cpu()));
  }
  void run(const QrtBuffer* const* inputs, void* output) override {
    for (size_t i = 0; i < operands.size(); ++i) {
      if (arguments[i] >= 0) operands[i].set_data_handle(inputs[arguments[i]]->data, stream());
    }
    dst.set_data_handle(output, stream());
    std::unordered_map<int, memory> args = {{DNNL_ARG_SRC_0, operands[0]}, {DNNL_ARG_DST, dst}};
    if (operands.size() > 1) args.emplace(DNNL_ARG_SRC_1, operands[1]);
    primitive.execute(stream(), args);
    stream().wait();
  }

  dnnl::primitive primitive;
  std::vector<memory> operands;
  std::vector<int> arguments;
  memory dst;
};

std::unique_ptr<QrtProgram> compileElementwise(const LayerView& layer) {
  auto program = std::make_unique<ElementwiseProgram>(layer);
  program->name = "onednn_elementwise_f32";
  return program;
}

}  // namespace

const Family kPools = {{"MaxPool", "AveragePool"}, refusePool, compilePool};
const Family kElementwise = {{"Add", "Clip", "Div", "Mul", "Relu", "Sigmoid", "Sub", "Tanh"}, refuseElementwise,
                             compileElementwise};

}  // namespace onednn_plugin
