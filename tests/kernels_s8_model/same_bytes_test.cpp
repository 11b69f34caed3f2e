// Whole int8 networks give the same bytes at every ISA level, thread count and backend, and on every
// machine: the hashes below are the same on x86 and Arm.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "base/isa.h"
#include "qrt/session.h"
#include "support/int8_networks.h"
#include "support/networks.h"

namespace qrt::test {
namespace {

std::vector<int8_t> outputOf(const Model& model, const SessionOptions& options) {
  auto session = Session::create(model, options);
  EXPECT_TRUE(session.ok()) << session.status().message();
  const TensorView input = session->input(0).value();
  const auto bytes = randomBytes(input.bytes(), 3);
  std::memcpy(input.data, bytes.data(), bytes.size());
  EXPECT_TRUE(session->run().ok());
  const auto output = session->output(0).value().as<int8_t>().value();
  return {output.begin(), output.end()};
}

// FNV-1a
uint64_t hashOf(const std::vector<int8_t>& bytes) {
  uint64_t hash = 14695981039346656037u;
  for (const int8_t byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  return hash;
}

struct Case {
  const char* name;
  Model (*make)(int64_t size);
  int64_t size;
  uint64_t hash;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class SameBytes : public testing::TestWithParam<Case> {};

TEST_P(SameBytes, AsTheReferenceWithOneThreadAndTwo) {
  const Model model = asInt8(GetParam().make(GetParam().size));
  const auto reference = outputOf(model, {.threads = 1, .backends = {"reference"}});
  EXPECT_EQ(hashOf(reference), GetParam().hash);
  EXPECT_GT(std::set<int8_t>(reference.begin(), reference.end()).size(), 15u) << "saturated: proves little";
  for (const int threads : {1, 2}) {
    EXPECT_EQ(outputOf(model, {.threads = threads}), reference)
        << threads << " threads at " << activeIsaName().value();
  }
}

TEST_P(SameBytes, EveryLayerHasAnInt8Kernel) {
  const auto session = Session::create(asInt8(GetParam().make(GetParam().size)), {.threads = 1});
  ASSERT_TRUE(session.ok()) << session.status().message();
  for (const LayerPlacement& layer : session->placement().layers) {
    EXPECT_EQ(layer.actual, "cpu-int8") << layer.layer << " (" << layer.op << "): " << layer.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, SameBytes,
                         testing::Values(Case{"mobilenet", mobileNet, 64, 12786301000290742500u},
                                         Case{"resnet", resNet, 48, 14828399499962820831u},
                                         Case{"squeezenet", squeezeNet, 64, 9483662171890294593u},
                                         Case{"densenet", denseNet, 32, 10843921135331632190u},
                                         Case{"unet", uNet, 48, 1869366722733492110u}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace qrt::test
