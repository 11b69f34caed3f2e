// Calibrator and Statistics: shards, files, and what they refuse.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "quantize_recipe/calibrate.h"

namespace qrt::test {
namespace {

namespace fs = std::filesystem;

#define EXPECT_SAYS(message, part) EXPECT_NE((message).find(part), std::string::npos) << (message)

class Calibration : public ::testing::Test {
 protected:
  const Model model = residualNet().model();
  const Recipe recipe = *makeRecipe(model);
  const fs::path path = fs::path(::testing::TempDir()) /
                        (std::string("qrt_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());

  ~Calibration() override { fs::remove(path); }

  Statistics shard(size_t count, size_t first, int threads = 1) {
    const auto statistics = calibrate(model, recipe, count, first, threads);
    EXPECT_TRUE(statistics.ok()) << statistics.status().message();
    return *statistics;
  }
  std::string bytesOf(const Statistics& statistics) {
    const Status status = statistics.save(path.string());
    EXPECT_TRUE(status.ok()) << status.message();
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Result<Statistics> load(const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return Statistics::load(path.string());
  }
};

TEST_F(Calibration, MergedShardsAreOneRun) {
  const std::string whole = bytesOf(shard(9, 0));
  const Statistics shards[] = {shard(2, 0), shard(4, 2), shard(3, 6)};
  for (const auto& order : {std::array{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    Statistics merged = shards[order[0]];
    ASSERT_TRUE(merged.merge(shards[order[1]]).ok());
    ASSERT_TRUE(merged.merge(shards[order[2]]).ok());
    EXPECT_EQ(merged.samples(), 9u);
    EXPECT_EQ(bytesOf(merged), whole);
  }
  Statistics right = shards[1];
  ASSERT_TRUE(right.merge(shards[2]).ok());
  Statistics left = shards[0];
  ASSERT_TRUE(left.merge(right).ok());
  EXPECT_EQ(bytesOf(left), whole);
  EXPECT_EQ(shards[0].samples(), 2u);  // copies are their own
}

TEST_F(Calibration, IsTheSameForOneAndTwoThreads) {
  EXPECT_EQ(bytesOf(shard(3, 0, 1)), bytesOf(shard(3, 0, 2)));
}

TEST_F(Calibration, GoesOnAfterStatisticsWereTaken) {
  auto calibrator = Calibrator::create(model, recipe);
  for (size_t i = 0; i < 3; ++i) {
    fillSample(i, *calibrator->input(0));
    ASSERT_TRUE(calibrator->feed().ok());
    EXPECT_EQ(bytesOf(*calibrator->statistics()), bytesOf(shard(i + 1, 0)));
  }
}

TEST_F(Calibration, RefusesASampleTwice) {
  Statistics first = shard(3, 0);
  const std::string before = bytesOf(first);
  const Status status = first.merge(shard(4, 1));
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_SAYS(status.message(), "both statistics have sample 1 and 1 more");
  EXPECT_FALSE(first.merge(first).ok());
  EXPECT_EQ(bytesOf(first), before);
}

TEST_F(Calibration, RefusesToMergeAnotherModelsStatistics) {
  GraphBuilder net(77);
  net.output(net.conv(net.input("image", {1, 8, 8, 3}), 3, 8, 3));
  const Model other = net.model();
  Statistics statistics = shard(1, 0);
  const Status status = statistics.merge(*calibrate(other, *makeRecipe(other), 1, 1));
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_SAYS(status.message(), "another model");
  Recipe equalized = recipe;
  equalized.equalize = true;
  EXPECT_FALSE(statistics.merge(*calibrate(model, equalized, 1, 1)).ok());
  // What does not change the float graph does not matter.
  Recipe bits = recipe;
  bits.layers["Conv_0"].weight.numBits = 4;
  bits.skipLayers = {"Conv_2"};
  EXPECT_TRUE(statistics.merge(*calibrate(model, bits, 1, 1)).ok());
}

TEST_F(Calibration, NeedsData) {
  auto calibrator = Calibrator::create(model, recipe);
  const auto statistics = calibrator->statistics();
  ASSERT_FALSE(statistics.ok());
  EXPECT_EQ(statistics.status().code(), StatusCode::invalidArgument);
  EXPECT_SAYS(statistics.status().message(), "no data");
}

TEST_F(Calibration, RefusesValuesThatAreNoNumbersAndStaysAsItWas) {
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    auto calibrator = Calibrator::create(model, recipe);
    fillSample(0, *calibrator->input(0));
    ASSERT_TRUE(calibrator->feed().ok());
    const std::string before = bytesOf(*calibrator->statistics());
    fillSample(1, *calibrator->input(0));
    (*calibrator->input(0)->as<float>())[17] = bad;
    const Status status = calibrator->feed();
    EXPECT_EQ(status.code(), StatusCode::invalidArgument);
    EXPECT_SAYS(status.message(), "'image'");
    EXPECT_SAYS(status.message(), "sample 1");
    EXPECT_EQ(bytesOf(*calibrator->statistics()), before);
    fillSample(1, *calibrator->input(0));
    ASSERT_TRUE(calibrator->feed().ok());
    EXPECT_EQ(bytesOf(*calibrator->statistics()), bytesOf(shard(2, 0)));
  }
}

// Finite going in, too large in the middle: what was counted before is taken back.
TEST_F(Calibration, NamesTheLayerThatOverflows) {
  auto calibrator = Calibrator::create(model, recipe);
  fillSample(0, *calibrator->input(0));
  ASSERT_TRUE(calibrator->feed().ok());
  const std::string before = bytesOf(*calibrator->statistics());
  for (float& value : *calibrator->input(0)->as<float>()) value = 3e38f;
  const Status status = calibrator->feed();
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_SAYS(status.message(), "Conv_0");
  EXPECT_EQ(bytesOf(*calibrator->statistics()), before);
}

TEST_F(Calibration, SavesAndLoads) {
  const Statistics statistics = shard(3, 5);
  const std::string bytes = bytesOf(statistics);
  const auto loaded = Statistics::load(path.string());
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  EXPECT_EQ(loaded->samples(), 3u);
  EXPECT_EQ(bytesOf(*loaded), bytes);
  QuantizeOptions options;
  const auto wanted = quantize(model, statistics, recipe, options);
  const auto found = quantize(model, *loaded, recipe, options);
  ASSERT_TRUE(wanted.ok() && found.ok());
  EXPECT_EQ(wanted->constantBytes(), found->constantBytes());
  EXPECT_EQ(Statistics::load(path.string() + ".none").status().code(), StatusCode::notFound);
  EXPECT_EQ(statistics.save("/nowhere/at/all").code(), StatusCode::ioError);
}

TEST_F(Calibration, RefusesEveryTruncation) {
  const std::string bytes = bytesOf(shard(2, 0));
  for (size_t size = 0; size < bytes.size(); size += size < 200 ? 1 : bytes.size() / 97) {
    const auto loaded = load(bytes.substr(0, size));
    ASSERT_FALSE(loaded.ok()) << size;
    ASSERT_EQ(loaded.status().code(), StatusCode::corruptData) << loaded.status().message();
  }
  EXPECT_FALSE(load(bytes + "x").ok());
  EXPECT_FALSE(load("\x89PNG, not statistics").ok());
}

// A bin in each page of each tensor: a hundred times more memory than bytes.
TEST_F(Calibration, RefusesFilesThatWouldFillTheMemory) {
  std::string bytes = "QRTSTAT1";
  const auto add = [&](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const uint64_t word : {0, 0, 1, 0, 60}) add(word);  // no name, fingerprint, sample 0, 60 tensors
  for (int tensor = 0; tensor < 60; ++tensor) {
    add(uint64_t{3});
    bytes += std::to_string(100 + tensor);
    add(-0x1p127f);
    add(0x1p127f);
    add(uint64_t{2 * 254});
    for (uint32_t page = 0; page < 512; ++page) {
      if (page % 256 == 255 || page == 256 || page == 0) continue;
      add(page << 11);
      add(uint64_t{1});
    }
  }
  const auto loaded = load(bytes);
  ASSERT_FALSE(loaded.ok());
  EXPECT_SAYS(loaded.status().message(), "more pages");
}

// Whatever loads is consistent: it saves as the same bytes and can be merged and quantized with.
TEST_F(Calibration, WithstandsChangedBytes) {
  const std::string good = bytesOf(shard(2, 0));
  std::mt19937 random(1);
  int loads = 0;
  for (int round = 0; round < 120; ++round) {
    std::string bytes = good;
    const size_t at = random() % (round % 2 == 0 ? std::min<size_t>(bytes.size(), 200) : bytes.size());
    if (round % 4 == 0 && at + 8 <= bytes.size()) {
      const uint64_t huge = uint64_t{1} << (random() % 64);
      std::memcpy(&bytes[at], &huge, 8);
    } else {
      bytes[at] = static_cast<char>(random());
    }
    const auto loaded = load(bytes);
    if (!loaded.ok()) {
      EXPECT_EQ(loaded.status().code(), StatusCode::corruptData);
      continue;
    }
    ++loads;
    EXPECT_EQ(bytesOf(*loaded), bytes);
    Statistics merged = shard(1, 2);
    static_cast<void>(merged.merge(*loaded));
    static_cast<void>(quantize(model, *loaded, recipe));
  }
  EXPECT_GT(loads, 5);
}

TEST_F(Calibration, RefusesBadOptions) {
  CalibratorOptions options;
  options.threads = -1;
  EXPECT_EQ(Calibrator::create(model, recipe, options).status().code(), StatusCode::invalidArgument);
  options.threads = 1;
  options.inputShapes["image"] = {1, 8, 8, 4};
  EXPECT_FALSE(Calibrator::create(model, recipe, options).ok());
  auto calibrator = Calibrator::create(model, recipe);
  EXPECT_EQ(calibrator->inputs().size(), 1u);
  EXPECT_FALSE(calibrator->input(1).ok());
}

}  // namespace
}  // namespace qrt::test
