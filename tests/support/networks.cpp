#include "support/networks.h"

#include "support/graph_builder.h"

namespace qrt::test {
namespace {

constexpr ActivationKind kRelu = ActivationKind::relu;

TensorId pool(GraphBuilder& b, OpType op, TensorId x, int kernel, int stride, int pad) {
  PoolAttrs attrs;
  attrs.kernel = {kernel, kernel};
  attrs.strides = {stride, stride};
  attrs.pads = {pad, pad, pad, pad};
  return b.add(op, attrs, {x});
}

// Mean over the pixels, then a classifier.
Model classify(GraphBuilder& b, TensorId x, int64_t channels) {
  b.output(x);
  const Shape shape = b.model().outputs()[0].shape;
  b.graph.outputs.clear();
  PoolAttrs mean;
  mean.kernel = {static_cast<int32_t>(shape[1]), static_cast<int32_t>(shape[2])};
  x = b.add(OpType::AveragePool, mean, {x});
  x = b.add(OpType::Reshape, {x, b.constant<int64_t>({2}, {0, -1})});
  b.output(b.add(OpType::FullyConnected, FullyConnectedAttrs{},
                 {x, b.weights({60, channels}, channels), b.weights({60}, 1)}));
  return b.model();
}

TensorId imageInput(GraphBuilder& b, int64_t size) {
  return b.input("x", {Shape::kUnknown, size, size, 3});
}

}  // namespace

Model mobileNet(int64_t size) {
  GraphBuilder b;
  TensorId x = b.conv(imageInput(b, size), 3, 8, 3, 2, 1, kRelu);
  int64_t channels = 8;
  const struct { int64_t out; int stride; } blocks[] = {
      {16, 1}, {32, 2}, {32, 1}, {64, 2}, {64, 1}, {128, 2}, {128, 1}, {128, 1}, {256, 2}, {256, 1}};
  for (const auto& block : blocks) {
    x = b.conv(x, channels, channels, 3, block.stride, 0, kRelu);
    x = b.add(OpType::Relu, {b.conv(x, channels, block.out, 1)});
    channels = block.out;
  }
  return classify(b, x, channels);
}

Model resNet(int64_t size) {
  GraphBuilder b;
  TensorId x = b.conv(imageInput(b, size), 3, 16, 7, 2, 1, kRelu);
  x = pool(b, OpType::MaxPool, x, 3, 2, 1);
  int64_t channels = 16;
  for (int stage = 0; stage < 4; ++stage) {
    const int64_t inner = int64_t{16} << stage;
    for (int block = 0; block < 3; ++block) {
      const int stride = stage > 0 && block == 0 ? 2 : 1;
      TensorId y = b.conv(x, channels, inner, 1, 1, 1, kRelu);
      y = b.conv(y, inner, inner, 3, stride, 1, kRelu);
      y = b.conv(y, inner, inner * 4, 1);
      const TensorId shortcut = block == 0 ? b.conv(x, channels, inner * 4, 1, stride) : x;
      x = b.add(OpType::Relu, {b.add(OpType::Add, {y, shortcut})});
      channels = inner * 4;
    }
  }
  return classify(b, x, channels);
}

Model squeezeNet(int64_t size) {
  GraphBuilder b;
  TensorId x = b.conv(imageInput(b, size), 3, 16, 3, 2, 1, kRelu);
  x = pool(b, OpType::MaxPool, x, 3, 2, 0);
  int64_t channels = 16;
  for (int fire = 0; fire < 8; ++fire) {
    const int64_t squeezed = 4 * (fire / 2 + 1);
    const TensorId s = b.conv(x, channels, squeezed, 1, 1, 1, kRelu);
    const TensorId left = b.conv(s, squeezed, squeezed * 4, 1, 1, 1, kRelu);
    const TensorId right = b.conv(s, squeezed, squeezed * 4, 3, 1, 1, kRelu);
    x = b.add(OpType::Concat, AxisAttrs{3}, {left, right});
    channels = squeezed * 8;
    if (fire == 2 || fire == 6) x = pool(b, OpType::MaxPool, x, 3, 2, 0);
  }
  return classify(b, x, channels);
}

Model denseNet(int64_t size) {
  GraphBuilder b;
  TensorId x = b.conv(imageInput(b, size), 3, 16, 7, 2, 1, kRelu);
  x = pool(b, OpType::MaxPool, x, 3, 2, 1);
  int64_t channels = 16;
  for (const int layers : {3, 6, 6}) {
    for (int i = 0; i < layers; ++i) {
      // The scale stands for a BatchNormalization that no convolution precedes.
      const TensorId scaled = b.add(OpType::Mul, {x, b.weights({channels}, 1)});
      TensorId y = b.conv(b.add(OpType::Relu, {scaled}), channels, 32, 1, 1, 1, kRelu);
      y = b.conv(y, 32, 8, 3);
      x = b.add(OpType::Concat, AxisAttrs{3}, {x, y});
      channels += 8;
    }
    x = b.conv(x, channels, channels / 2, 1, 1, 1, kRelu);
    channels /= 2;
    x = pool(b, OpType::AveragePool, x, 2, 2, 0);
  }
  return classify(b, x, channels);
}

Model uNet(int64_t size) {
  GraphBuilder b;
  TensorId x = imageInput(b, size);
  int64_t channels = 3;
  std::vector<std::pair<TensorId, int64_t>> skips;
  for (int level = 0; level < 4; ++level) {
    const int64_t wider = int64_t{8} << level;
    x = b.conv(b.conv(x, channels, wider, 3, 1, 1, kRelu), wider, wider, 3, 1, 1, kRelu);
    channels = wider;
    if (level == 3) break;
    skips.emplace_back(x, channels);
    x = pool(b, OpType::MaxPool, x, 2, 2, 0);
  }
  while (!skips.empty()) {
    const auto [skip, narrow] = skips.back();
    skips.pop_back();
    ConvTransposeAttrs up;
    up.strides = {2, 2};
    x = b.add(OpType::ConvTranspose, up, {x, b.weights({narrow, 2, 2, channels}, channels)});
    x = b.add(OpType::Concat, AxisAttrs{3}, {skip, x});
    x = b.conv(x, narrow * 2, narrow, 3, 1, 1, kRelu);
    channels = narrow;
  }
  b.output(b.add(OpType::Sigmoid, {b.conv(x, channels, 1, 1)}));
  return b.model();
}

}  // namespace qrt::test
