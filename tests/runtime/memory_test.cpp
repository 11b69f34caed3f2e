// Memory while a session is prepared: weights of a file are not all held beside their packing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>

#include "qrt/session.h"
#include "support/graph_builder.h"

namespace qrt {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSize = 4096;  // 64 MiB of weights
constexpr size_t kWeightBytes = size_t{4} * kSize * kSize;

// "VmHWM", the most memory at a time, or "VmRSS", now.
size_t memory(const std::string& which) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (size_t kib = 0; word == which + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

bool forgetPeak() { return static_cast<bool>(std::ofstream("/proc/self/clear_refs") << "5" << std::flush); }

// A layer in a file, mapped; the file goes with the test.
class LargeWeights : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / ("qrt-memory-" + std::to_string(::getpid()) + ".qrt");
    test::GraphBuilder b;
    b.output(b.add(OpType::FullyConnected, {b.input("x", {1, kSize}), b.weights({kSize, kSize}, kSize)}));
    ASSERT_TRUE(b.model().save(path_).ok());
    auto model = Model::load(path_);
    ASSERT_TRUE(model.ok()) << model.status().message();
    model_ = *model;
  }
  void TearDown() override { fs::remove(path_); }

  std::vector<float> outputs(const SessionOptions& options) const {
    auto session = Session::create(*model_, options);
    if (!session.ok()) return {};
    const auto x = session->input(0)->as<float>().value();
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 101) / 50 - 1;
    if (!session->run().ok()) return {};
    const auto y = session->output(0)->as<float>().value();
    return {y.begin(), y.end()};
  }

  fs::path path_;
  std::optional<Model> model_;
};

TEST_F(LargeWeights, AreNotHeldBesideTheirPacking) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take memory of their own";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
#endif
  if (!forgetPeak()) GTEST_SKIP() << "no /proc/self/clear_refs";
  const size_t before = memory("VmRSS");
  const auto session = Session::create(*model_, {.threads = 1});
  ASSERT_TRUE(session.ok());
  EXPECT_GT(memory("VmHWM"), before + kWeightBytes * 9 / 10);
  EXPECT_LT(memory("VmHWM"), before + kWeightBytes * 3 / 2);
}

TEST_F(LargeWeights, GiveTheSameBytesHoweverTheyArePacked) {
  const std::vector<float> one = outputs({.threads = 1});
  ASSERT_EQ(one.size(), static_cast<size_t>(kSize));
  EXPECT_EQ(outputs({.threads = 2}), one);
  // The file's pages come back: the reference reads them unpacked.
  const std::vector<float> reference = outputs({.threads = 1, .backends = {"reference"}});
  ASSERT_EQ(reference.size(), one.size());
  for (size_t i = 0; i < one.size(); ++i) ASSERT_NEAR(one[i], reference[i], 1e-4) << i;
}

}  // namespace
}  // namespace qrt
