// Convolutions and products as oneDNN describes them: what float and int8 layers share.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "onednn/program.h"

namespace onednn_plugin {

/// The engine and the stream of the calling thread: programs run in any thread, one at a time.
const dnnl::engine& cpu();
dnnl::stream& stream();

/// The kernel that oneDNN would take: "brgconv:avx512_core_vnni", …
std::string sumKernel(const LayerView& layer, dnnl::memory::data_type type, bool padded);

/// A convolution with its weights as its kernel likes them. FullyConnected is one of 1x1 over one pixel.
class SumPrimitive {
 public:
  /// src and weights of `type`; dst s32 for s8 and f32 for f32. With `padded`, src is already padded: pads are added
  /// to its size and none are left.
  SumPrimitive(const LayerView& layer, dnnl::memory::data_type type, bool padded, const dnnl::primitive_attr& attr,
               bool withBias);

  void run(const void* src, void* dst);

 private:
  dnnl::convolution_forward primitive_;
  dnnl::memory src_, weights_, bias_, dst_;
};

/// Sizes of the layer as a convolution.
struct SumShape {
  int64_t n, ih, iw, ic, oh, ow, oc, kh, kw, groups;
  int64_t strides[2], dilations[2], pads[4];

  explicit SumShape(const LayerView& layer);
  bool hasPads() const { return pads[0] != 0 || pads[1] != 0 || pads[2] != 0 || pads[3] != 0; }
};

}  // namespace onednn_plugin
