// Many sessions over one model at the same time.
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "graph/model_data.h"
#include "qrt/session.h"
#include "support/networks.h"

namespace qrt {
namespace {

// Fills the input with a pattern, runs, and returns the output's bytes; empty on failure.
std::vector<float> runOnce(const Model& model, int threads) {
  auto session = Session::create(model, {.threads = threads});
  if (!session.ok()) return {};
  const auto x = session->input(0)->as<float>().value();
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  for (int run = 0; run < 2; ++run) {
    if (!session->run().ok()) return {};
  }
  const auto y = session->output(0)->as<float>().value();
  return {y.begin(), y.end()};
}

bool sameBytes(const std::vector<float>& a, const std::vector<float>& b) {
  return !a.empty() && a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Threads, SessionsSideBySideOverOneModelGiveTheSameBytes) {
  for (const test::NamedNetwork& network : test::kNetworks) {
    SCOPED_TRACE(network.name);
    const Model model = network.make(32);
    const std::vector<float> wanted = runOnce(network.make(32), 1);
    ASSERT_FALSE(wanted.empty());
    std::vector<std::vector<float>> results(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < results.size(); ++i) {
      threads.emplace_back([&, i] { results[i] = runOnce(model, 1 + static_cast<int>(i % 2)); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<float>& result : results) EXPECT_TRUE(sameBytes(result, wanted));
  }
}

TEST(Threads, ThreadsOfOneSessionDoNotChangeTheBytes) {
  for (const test::NamedNetwork& network : test::kNetworks) {
    SCOPED_TRACE(network.name);
    const Model model = network.make(32);
    const std::vector<float> wanted = runOnce(model, 1);
    ASSERT_FALSE(wanted.empty());
    for (const int threads : {2, 3}) EXPECT_TRUE(sameBytes(runOnce(model, threads), wanted));
  }
}

// What one thread packed, another uses: a second session adds no packings.
TEST(Threads, SessionsSharePackedWeights) {
  const Model model = test::mobileNet(32);
  auto first = Session::create(model, {.threads = 1});
  ASSERT_TRUE(first.ok());
  const size_t packings = model.data().weights->size();
  EXPECT_GT(packings, 0u);
  auto second = Session::create(model, {.threads = 1});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(model.data().weights->size(), packings);
}

}  // namespace
}  // namespace qrt
