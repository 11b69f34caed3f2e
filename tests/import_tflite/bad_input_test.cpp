// Files that are refused, and what is said of them.
#include <gtest/gtest.h>

#include "import_tflite/tflite_models.h"
#include "qrt/import.h"

namespace qrt::test {
namespace {

std::string errorOf(const std::vector<std::byte>& bytes) {
  const auto model = importTflite(bytes);
  return model.ok() ? "" : model.status().message();
}

std::vector<std::byte> reluFile() {
  TfliteModel net;
  const int32_t x = net.input({2});
  net.op(19, {x}, {net.tensor({2})});
  return net.bytes();
}

TEST(TfliteBadInput, UnsupportedOperatorsAreAllNamed) {
  TfliteModel net;
  const int32_t x = net.input({2}), y = net.tensor({2});
  net.op(32, {x}, {y});
  net.op(16, {y}, {net.tensor({2})});
  EXPECT_EQ(errorOf(net.bytes()),
            "operator 0 (CUSTOM) is not supported; operator 1 (builtin code 16) is not supported");
}

TEST(TfliteBadInput, SeveralSubgraphs) {
  TfliteModel net;
  net.op(19, {net.input({2})}, {net.tensor({2})});
  EXPECT_EQ(errorOf(net.bytes(2)), "2 subgraphs, supported is one");
}

TEST(TfliteBadInput, OperatorAndTensorAreNamed) {
  TfliteModel net;
  const int32_t x = net.input({1, 3}), w = net.constant<float>({1, 2}, {1, 2}), y = net.tensor({1, 1});
  net.op(9, {x, w, -1}, {y}, tfl::CreateFullyConnectedOptions(net.b, 0, 1));
  EXPECT_EQ(errorOf(net.bytes()), "operator 0 (FULLY_CONNECTED): shuffled weights");
  TfliteModel wrong;
  wrong.op(19, {7}, {wrong.tensor({2})});
  EXPECT_EQ(errorOf(wrong.bytes()), "inputs of operator 0: tensor 7, there are 1");
  TfliteModel unmade;
  const int32_t never = unmade.tensor({2});
  unmade.op(19, {never}, {unmade.tensor({2})});
  EXPECT_EQ(errorOf(unmade.bytes()),
            "operator 0 (RELU): tensor 't0': nothing has made it yet, and it is no constant");
  TfliteModel options;
  options.op(3, {options.input({1, 2, 2, 1}), options.constant<float>({1, 1, 1, 1}, {1})}, {options.tensor({1, 2, 2, 1})});
  EXPECT_EQ(errorOf(options.bytes()), "operator 0 (CONV_2D): its options are missing");
}

TEST(TfliteBadInput, ConstantsOfAnotherSize) {
  TfliteModel net;
  const int32_t x = net.input({2}), c = net.constant<float>({3}, {1, 2});
  net.op(0, {x, c}, {net.tensor({2})}, tfl::CreateActivationOptions(net.b));
  EXPECT_EQ(errorOf(net.bytes()),
            "operator 0 (ADD): tensor 't1': constant of 8 bytes, wanted 12 for f32 3");
}

TEST(TfliteBadInput, ScalesThatDoNotFit) {
  TfliteModel net;
  const int32_t x = net.input<int8_t>({2}, {{0.5f, 1, 2}, {0, 0, 0}});
  net.op(19, {x}, {net.tensor<int8_t>({2}, {{1}, {0}})});
  EXPECT_EQ(errorOf(net.bytes()), "input 't0': 3 scales along dim 0 of shape 2");
}

TEST(TfliteBadInput, EveryTruncationAndBitFlipIsSurvived) {
  const std::vector<std::byte> file = reluFile();
  EXPECT_EQ(errorOf(file), "");
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(errorOf({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}), "") << size;
  }
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::vector<std::byte> flipped = file;
    flipped[bit / 8] ^= std::byte{1} << bit % 8;
    static_cast<void>(importTflite(flipped));
  }
}

}  // namespace
}  // namespace qrt::test
