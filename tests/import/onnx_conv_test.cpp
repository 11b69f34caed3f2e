// Imported convolutions with groups, dilations, uneven pads, constant and computed weights. Plain
// loops over ONNX's channels-first layout are the oracle.
#include <gtest/gtest.h>

#include "import/run_model.h"

namespace qrt::test {
namespace {

// A 2-D convolution as ONNX writes it.
struct Problem {
  int64_t n = 1, ic = 1, ih = 1, iw = 1, oc = 1, kh = 1, kw = 1, groups = 1;
  int64_t sh = 1, sw = 1, dh = 1, dw = 1;
  int64_t top = 0, left = 0, bottom = 0, right = 0;

  int64_t oh() const { return (ih + top + bottom - (kh - 1) * dh - 1) / sh + 1; }
  int64_t ow() const { return (iw + left + right - (kw - 1) * dw - 1) / sw + 1; }
};

Floats naiveConv(const Problem& p, const Floats& x, const Floats& w, const Floats& bias) {
  const int64_t ocg = p.oc / p.groups;
  const int64_t icg = p.ic / p.groups;
  Floats y;
  for (int64_t n = 0; n < p.n; ++n)
    for (int64_t o = 0; o < p.oc; ++o)
      for (int64_t h = 0; h < p.oh(); ++h)
        for (int64_t v = 0; v < p.ow(); ++v) {
          double sum = bias[static_cast<size_t>(o)];
          for (int64_t i = 0; i < icg; ++i)
            for (int64_t a = 0; a < p.kh; ++a)
              for (int64_t b = 0; b < p.kw; ++b) {
                const int64_t r = h * p.sh - p.top + a * p.dh;
                const int64_t c = v * p.sw - p.left + b * p.dw;
                if (r < 0 || r >= p.ih || c < 0 || c >= p.iw) continue;
                const int64_t channel = o / ocg * icg + i;
                sum += x[static_cast<size_t>(((n * p.ic + channel) * p.ih + r) * p.iw + c)] *
                       w[static_cast<size_t>(((o * icg + i) * p.kh + a) * p.kw + b)];
              }
          y.push_back(static_cast<float>(sum));
        }
  return y;
}

void setWindow(::onnx::NodeProto& node, const Problem& p, bool oneDim) {
  setInt(node, "group", p.groups);
  if (oneDim) {
    setInts(node, "strides", {p.sw});
    setInts(node, "dilations", {p.dw});
    setInts(node, "pads", {p.left, p.right});
  } else {
    setInts(node, "strides", {p.sh, p.sw});
    setInts(node, "dilations", {p.dh, p.dw});
    setInts(node, "pads", {p.top, p.left, p.bottom, p.right});
  }
}

void checkConv(const Problem& p, bool constantWeights, bool oneDim = false) {
  Dims xDims{p.n, p.ic, p.ih, p.iw}, wDims{p.oc, p.ic / p.groups, p.kh, p.kw};
  Dims yDims{p.n, p.oc, p.oh(), p.ow()};
  if (oneDim) {
    for (Dims* dims : {&xDims, &wDims, &yDims}) dims->erase(dims->begin() + 2);
  }
  const Floats x = randomFloats(countOf(xDims), 1);
  const Floats w = randomFloats(countOf(wDims), 2);
  const Floats bias = randomFloats(static_cast<size_t>(p.oc), 3);
  OnnxModel model;
  model.input("x", xDims).initializer("b", {p.oc}, bias).output("y");
  std::vector<Tensor> inputs{tensorOf("x", xDims, x)};
  if (constantWeights) {
    model.initializer("w", wDims, w);
  } else {
    model.input("w", wDims);
    inputs.push_back(tensorOf("w", wDims, w));
  }
  setWindow(model.node("Conv", {"x", "w", "b"}, {"y"}), p, oneDim);
  expectNear(runModel(model, inputs), yDims, naiveConv(p, x, w, bias));
}

TEST(OnnxConv, TwoDimensional) {
  const Problem problems[] = {
      {.ic = 3, .ih = 5, .iw = 7, .oc = 4, .kh = 3, .kw = 2, .top = 1, .right = 2},
      {.n = 2, .ic = 4, .ih = 9, .iw = 8, .oc = 6, .kh = 3, .kw = 3, .groups = 2, .sh = 2, .dw = 2},
      {.ic = 5, .ih = 6, .iw = 6, .oc = 5, .kh = 3, .kw = 3, .groups = 5, .top = 1, .left = 1},
      {.ic = 3, .ih = 4, .iw = 4, .oc = 6, .groups = 3},
  };
  for (const Problem& p : problems) {
    checkConv(p, true);
    checkConv(p, false);
  }
}

TEST(OnnxConv, OneDimensional) {
  const Problem p{
      .n = 2, .ic = 4, .iw = 11, .oc = 6, .kw = 3, .groups = 2, .sw = 2, .dw = 2, .left = 1};
  checkConv(p, true, true);
  checkConv(p, false, true);
}

// Scatters x·w into the output; pads are cut off, output_padding is added at the end.
TEST(OnnxConv, TransposedWithGroups) {
  const int64_t ic = 4, oc = 6, groups = 2, ih = 3, iw = 4, k = 3, stride = 2, pad = 1, extra = 1;
  const int64_t icg = ic / groups, ocg = oc / groups;
  const int64_t oh = (ih - 1) * stride + k + extra - 2 * pad;
  const int64_t ow = (iw - 1) * stride + k + extra - 2 * pad;
  const Floats x = randomFloats(countOf({ic, ih, iw}), 1);
  const Floats w = randomFloats(countOf({ic, ocg, k, k}), 2);
  const Floats bias = randomFloats(static_cast<size_t>(oc), 3);
  Floats y(countOf({oc, oh, ow}));
  for (size_t i = 0; i < y.size(); ++i) y[i] = bias[i / static_cast<size_t>(oh * ow)];
  for (int64_t i = 0; i < ic; ++i)
    for (int64_t o = 0; o < ocg; ++o)
      for (int64_t h = 0; h < ih; ++h)
        for (int64_t v = 0; v < iw; ++v)
          for (int64_t a = 0; a < k; ++a)
            for (int64_t b = 0; b < k; ++b) {
              const int64_t r = h * stride + a - pad, c = v * stride + b - pad;
              if (r < 0 || r >= oh || c < 0 || c >= ow) continue;
              const int64_t channel = i / icg * ocg + o;
              y[static_cast<size_t>((channel * oh + r) * ow + c)] +=
                  x[static_cast<size_t>((i * ih + h) * iw + v)] *
                  w[static_cast<size_t>(((i * ocg + o) * k + a) * k + b)];
            }
  for (const bool constant : {true, false}) {
    OnnxModel model;
    model.input("x", {1, ic, ih, iw}).initializer("b", {oc}, bias).output("y");
    std::vector<Tensor> inputs{tensorOf("x", {1, ic, ih, iw}, x)};
    if (constant) {
      model.initializer("w", {ic, ocg, k, k}, w);
    } else {
      model.input("w", {ic, ocg, k, k});
      inputs.push_back(tensorOf("w", {ic, ocg, k, k}, w));
    }
    auto& node = model.node("ConvTranspose", {"x", "w", "b"}, {"y"});
    setInt(node, "group", groups);
    setInts(node, "strides", {stride, stride});
    setInts(node, "pads", {pad, pad, pad, pad});
    setInts(node, "output_padding", {extra, extra});
    expectNear(runModel(model, inputs), {1, oc, oh, ow}, y);
  }
}

}  // namespace
}  // namespace qrt::test
