// TensorFlow Lite bytes → importTflite → a session, if the model is small.
#include <cstring>

#include "fuzz/fuzz.h"
#include "import_tflite/tflite_models.h"
#include "qrt/import.h"

namespace qrt::fuzz {
namespace {

using test::TfliteModel;

Bytes floatNet() {
  TfliteModel net;
  const int32_t x = net.input({1, 5, 5, 2}), pads = net.constant<int32_t>({4, 2}, {0, 0, 1, 0, 0, 1, 0, 0});
  const int32_t padded = net.tensor({1, 6, 6, 2}), y = net.tensor({1, 3, 3, 3}), z = net.tensor({1, 3, 3, 6});
  const int32_t w = net.constant<float>({3, 2, 2, 2}, std::vector<float>(24, 0.5f));
  const int32_t d = net.constant<float>({1, 2, 2, 6}, std::vector<float>(24, 0.25f));
  const int32_t b = net.constant<float>({3}, {1, 2, 3}), shape = net.constant<int32_t>({2}, {-1, 6});
  const int32_t flat = net.tensor({9, 6}), left = net.tensor({9, 3}), right = net.tensor({9, 3});
  const int32_t axis = net.constant<int32_t>({1}, {1}), joined = net.tensor({9, 6}), soft = net.tensor({9, 6});
  net.op(34, {x, pads}, {padded});
  net.op(3, {padded, w, b}, {y}, tfl::CreateConv2DOptions(net.b, 0, 2, 2, 1));
  net.op(4, {y, d, -1}, {z}, tfl::CreateDepthwiseConv2DOptions(net.b, 0, 1, 1, 2, 3));
  net.op(22, {z, shape}, {flat});
  net.op(49, {axis, flat}, {left, right});
  net.op(2, {right, left}, {joined}, tfl::CreateConcatenationOptions(net.b, 1, 0));
  net.op(25, {joined}, {soft}, tfl::CreateSoftmaxOptions(net.b, 1));
  return net.bytes();
}

Bytes int8Net() {
  TfliteModel net;
  const TfliteModel::Quant in{{0.5f}, {-2}}, out{{1}, {3}}, perChannel{{0.25f, 0.5f}, {0, 0}, 0};
  const int32_t x = net.input<int8_t>({1, 4, 4, 1}, in), y = net.tensor<int8_t>({1, 2, 2, 2}, out);
  const int32_t w = net.constant<int8_t>({2, 3, 3, 1}, std::vector<int8_t>(18, 3), perChannel);
  const int32_t b = net.constant<int32_t>({2}, {16, -5}, {{0.125f, 0.25f}, {0, 0}, 0});
  const int32_t sum = net.tensor<int8_t>({1, 2, 2, 2}, {{2}, {0}}), pool = net.tensor<int8_t>({1, 1, 1, 2}, {{2}, {0}});
  const int32_t slope = net.constant<int32_t>({2}, {1, 2}), mean = net.tensor<int8_t>({1, 2}, {{0.1f}, {1}});
  const int32_t back = net.tensor({1, 2});
  net.op(3, {x, w, b}, {y}, tfl::CreateConv2DOptions(net.b, 0, 2, 2));
  net.op(0, {y, y}, {sum}, tfl::CreateActivationOptions(net.b, 1));
  net.op(1, {sum}, {pool}, tfl::CreatePool2DOptions(net.b, 1, 2, 2, 2, 2));
  net.op(40, {pool, slope}, {mean}, tfl::CreateReducerOptions(net.b, false));
  net.op(6, {mean}, {back});
  return net.bytes();
}

// Of the older kind: unsigned, weights with a zero point; one layer's weights fit s8 without it.
Bytes uint8Net() {
  TfliteModel net;
  const TfliteModel::Quant in{{0.5f}, {126}}, out{{1}, {0}};
  const int32_t x = net.input<uint8_t>({1, 4, 4, 2}, in), y = net.tensor<uint8_t>({1, 4, 4, 2}, out);
  const int32_t w = net.constant<uint8_t>({1, 1, 1, 2}, {0, 255}, {{0.25f}, {90}});
  const int32_t b = net.constant<int32_t>({2}, {16, -5}, {{0.125f}, {0}});
  const int32_t f = net.constant<uint8_t>({3, 2}, {90, 91, 92, 93, 94, 217}, {{0.5f}, {90}});
  const int32_t pool = net.tensor<uint8_t>({1, 1, 1, 2}, out), z = net.tensor<uint8_t>({1, 3}, {{2}, {7}});
  net.op(4, {x, w, b}, {y}, tfl::CreateDepthwiseConv2DOptions(net.b, 0, 1, 1, 1));
  net.op(1, {y}, {pool}, tfl::CreatePool2DOptions(net.b, 1, 4, 4, 4, 4));
  net.op(9, {pool, f, -1}, {z}, tfl::CreateFullyConnectedOptions(net.b));
  net.op(25, {z}, {net.tensor<uint8_t>({1, 3}, {{1 / 256.0f}, {0}})}, tfl::CreateSoftmaxOptions(net.b, 1));
  return net.bytes();
}

}  // namespace

const std::vector<Bytes>& seeds() {
  static const std::vector<Bytes> all{floatNet(), int8Net(), uint8Net()};
  return all;
}

// A field of four bytes gets another value: most of a FlatBuffer are such fields, and offsets, that the
// verifier refuses soon.
void mutateStructure(Bytes& bytes, Random& random) {
  if (bytes.size() < 16) return;
  const size_t at = 8 + pick(random, (bytes.size() - 12) / 4) * 4;
  uint32_t value = 0;  // unsigned, so that it wraps
  std::memcpy(&value, bytes.data() + at, sizeof value);
  value = pick(random, 2) == 0 ? static_cast<uint32_t>(nastyInt(random)) : value + static_cast<uint32_t>(pick(random, 5)) - 2;
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qrt::Result<qrt::Model> model = qrt::importTflite(std::as_bytes(std::span(data, size)));
  if (!model.ok()) return 0;
  ++qrt::fuzz::counts.loaded;
  qrt::fuzz::runIfSmall(*model);
  return 0;
}
