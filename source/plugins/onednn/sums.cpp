#include "onednn/sums.h"

#include <algorithm>

namespace onednn_plugin {

using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  thread_local dnnl::stream stream(cpu());
  return stream;
}

SumShape::SumShape(const LayerView& layer)
    : n(1), ih(1), iw(1), ic(1), oh(1), ow(1), oc(1), kh(1), kw(1), groups(1), strides{1, 1}, dilations{1, 1}, pads{} {
  const std::vector<int64_t> x = dimsOf(layer.in(0)), w = dimsOf(layer.in(1)), y = dimsOf(layer.out());
  if (!layer.is("Conv")) {
    n = x.at(0), ic = x.at(1), oc = w.at(0);
    return;
  }
  n = x.at(0), ih = x.at(1), iw = x.at(2), ic = x.at(3);
  oc = w.at(0), kh = w.at(1), kw = w.at(2), oh = y.at(1), ow = y.at(2);
  groups = layer.integer("groups");
  for (uint64_t i = 0; i < 2; ++i)
    strides[i] = layer.integer("strides", i), dilations[i] = layer.integer("dilations", i);
  for (uint64_t i = 0; i < 4; ++i) pads[i] = layer.integer("pads", i);
}

namespace {

using tag = memory::format_tag;

memory::dims weightDims(const SumShape& s) {
  return s.groups == 1 ? memory::dims{s.oc, s.ic, s.kh, s.kw}
                       : memory::dims{s.groups, s.oc / s.groups, s.ic / s.groups, s.kh, s.kw};
}

// Weights in the format that the kernel likes best.
dnnl::convolution_forward::primitive_desc choose(const LayerView& layer, memory::data_type type, bool padded,
                                                 const dnnl::primitive_attr& attr, bool withBias) {
  SumShape s(layer);
  if (padded) {
    s.ih += s.pads[0] + s.pads[2];
    s.iw += s.pads[1] + s.pads[3];
    std::fill(std::begin(s.pads), std::end(s.pads), 0);
  }
  const auto result = type == memory::data_type::s8 ? memory::data_type::s32 : type;
  const memory::desc src({s.n, s.ic, s.ih, s.iw}, type, tag::nhwc), dst({s.n, s.oc, s.oh, s.ow}, result, tag::nhwc);
  const memory::desc weights(weightDims(s), type, tag::any), bias({s.oc}, result, tag::x);
  const memory::dims strides = {s.strides[0], s.strides[1]};
  const memory::dims dilations = {s.dilations[0] - 1, s.dilations[1] - 1};  // oneDNN counts from 0
  const memory::dims begin = {s.pads[0], s.pads[1]}, end = {s.pads[2], s.pads[3]};
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto kind = dnnl::prop_kind::forward_inference;
  using Desc = dnnl::convolution_forward::desc;
  const Desc desc = withBias ? Desc(kind, algorithm, src, weights, bias, dst, strides, dilations, begin, end)
                             : Desc(kind, algorithm, src, weights, dst, strides, dilations, begin, end);
  return {desc, attr, cpu()};
}

}  // namespace

std::string sumKernel(const LayerView& layer, memory::data_type type, bool padded) {
  return choose(layer, type, padded, {}, false).impl_info_str();
}

SumPrimitive::SumPrimitive(const LayerView& layer, memory::data_type type, bool padded,
                           const dnnl::primitive_attr& attr, bool withBias) {
  const auto chosen = choose(layer, type, padded, attr, withBias);
  primitive_ = dnnl::convolution_forward(chosen);
  src_ = memory(chosen.src_desc(), cpu(), nullptr);
  dst_ = memory(chosen.dst_desc(), cpu(), nullptr);
  if (withBias) bias_ = memory(chosen.bias_desc(), cpu(), const_cast<void*>(layer.in(2).constant));
  // [O,KH,KW,I/groups] is ohwi, with the groups' outputs one after the other.
  const SumShape s(layer);
  memory given({weightDims(s), type, s.groups == 1 ? tag::ohwi : tag::gohwi}, cpu(),
               const_cast<void*>(layer.in(1).constant));
  weights_ = memory(chosen.weights_desc(), cpu());
  dnnl::reorder(given, weights_).execute(stream(), given, weights_);
  stream().wait();
}

void SumPrimitive::run(const void* src, void* dst) {
  src_.set_data_handle(const_cast<void*>(src), stream());
  dst_.set_data_handle(dst, stream());
  std::unordered_map<int, memory> args = {{DNNL_ARG_SRC, src_}, {DNNL_ARG_WEIGHTS, weights_}, {DNNL_ARG_DST, dst_}};
  if (bias_) args.emplace(DNNL_ARG_BIAS, bias_);
  primitive_.execute(stream(), args);
  stream().wait();
}

}  // namespace onednn_plugin
