// Slow layers planted in made-up networks with noisy times, and whether exactly they are found.
#include "diagnose/find_slow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

namespace qrt {
namespace {

using Random = std::mt19937;

double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

// A chain of layers whose times differ as those of real networks do: by two orders of magnitude. The accelerator is 1.5
// to 5 times as fast as the CPU, every layer by a factor of its own. Launches and transfers cost.
struct Network {
  std::vector<double> cpu, npu, bytes;  // bytes: of the tensor before each layer, and after the last
  double launch = 0, byte = 0;
  std::set<size_t> planted;

  explicit Network(Random& random, size_t layers) {
    std::lognormal_distribution<double> size(0, 1), spread(0, 0.35), tensor(0, 0.7);
    const double speed = uniform(random, 1.5, 5);
    double total = 0;
    for (size_t i = 0; i < layers; ++i) {
      cpu.push_back(size(random));
      npu.push_back(std::min(cpu.back() / speed * spread(random), cpu.back() * 0.95));
      bytes.push_back(tensor(random));
      total += npu.back();
    }
    bytes.push_back(tensor(random));
    launch = total * uniform(random, 0.002, 0.02);
    byte = total * uniform(random, 0.001, 0.01);
  }

  SlowSearch::Border border(const Moved& moved) const {
    SlowSearch::Border border;
    bool before = true;  // the caller's memory is the CPU's
    for (size_t i = 0; i < moved.size(); ++i) {
      if (before && !moved[i]) ++border.partitions;
      if (before != moved[i]) border.bytes += bytes[i];
      before = moved[i];
    }
    if (!before) border.bytes += bytes.back();
    return border;
  }
  double elsewhere(const Moved& moved) const {
    double sum = 0;
    for (size_t i = 0; i < moved.size(); ++i) sum += moved[i] ? cpu[i] : 0;
    return sum;
  }
  double seconds(const Moved& moved) const {
    const SlowSearch::Border b = border(moved);
    double sum = elsewhere(moved) + launch * b.partitions + byte * b.bytes;
    for (size_t i = 0; i < moved.size(); ++i) sum += moved[i] ? 0 : npu[i];
    return sum;
  }
  Moved culprits() const {
    Moved moved(cpu.size());
    for (const size_t i : planted) moved[i] = true;
    return moved;
  }
  double gain(size_t layer, Moved others) const {
    others[layer] = false;
    const double with = seconds(others);
    others[layer] = true;
    return with - seconds(others);
  }

  // Makes `count` layers 2 to 20 times as slow, such that moving any of them is worth something.
  bool plant(Random& random, size_t count) {
    const std::vector<double> healthy = npu;
    for (int tries = 0; tries < 1000; ++tries) {
      npu = healthy;
      planted.clear();
      while (planted.size() < count) planted.insert(random() % cpu.size());
      for (const size_t i : planted) npu[i] *= 2 * std::pow(10, uniform(random, 0, 1));
      const double least = 0.07 * seconds(culprits());
      if (std::all_of(planted.begin(), planted.end(), [&](size_t i) { return gain(i, culprits()) > least; })) return true;
    }
    return false;
  }

  // Makes two or three neighbours slow between which so much travels that moving one of them alone saves nothing.
  bool plantNeighbours(Random& random, size_t count) {
    const std::vector<double> healthy = npu, light = bytes;
    for (int tries = 0; tries < 1000; ++tries) {
      npu = healthy, bytes = light;
      planted.clear();
      const size_t first = random() % (cpu.size() - count);
      const double run = std::accumulate(npu.begin(), npu.end(), 0.0);
      for (size_t i = first; i < first + count; ++i) {
        npu[i] = cpu[i] + uniform(random, 0.12, 0.3) * run;
        if (i > first) bytes[i] = 0.35 * run / byte;
        planted.insert(i);
      }
      const double limit = 0.04 * seconds(culprits()), least = 0.07 * seconds(culprits());
      if (std::all_of(planted.begin(), planted.end(), [&](size_t i) {
            return gain(i, culprits()) > least && gain(i, Moved(cpu.size())) < limit;
          })) return true;
    }
    return false;
  }

  // The runs it takes to decide about every layer by itself, as surely, if the noise is known.
  double oneByOne(double noise, const SlowSearch& search) const {
    double runs = 0;
    const double limit = search.smallestGain * seconds(culprits());
    for (size_t i = 0; i < cpu.size(); ++i) {
      const double sigma = noise * seconds(culprits()) * search.certainty;
      const double margin = std::abs(gain(i, culprits()) - limit);
      runs += std::clamp(std::ceil(sigma * sigma / (margin * margin)), 2.0, 25.0);
    }
    return runs;
  }
};

// Noise of `noise` on the times of both backends, of which the CPU's is known; or on whole runs, where only the CPU's
// usual time is.
SlowSearch searchOf(const Network& network, double noise, Random& random, bool ofWholeRuns = false) {
  SlowSearch search;
  for (size_t i = 0; i < network.cpu.size(); ++i) search.layers.push_back("layer" + std::to_string(i));
  search.elsewhere = network.cpu;
  search.border = [&](const Moved& moved) { return network.border(moved); };
  search.measure = [&, noise, ofWholeRuns](const Moved& moved) -> Result<SlowSearch::Sample> {
    const auto noisy = [&](double seconds) { return seconds * (1 + noise * std::normal_distribution<double>()(random)); };
    const double all = network.seconds(moved), elsewhere = network.elsewhere(moved), own = noisy(elsewhere);
    if (ofWholeRuns) return SlowSearch::Sample{noisy(all), elsewhere};
    return SlowSearch::Sample{own + noisy(all - elsewhere), own};
  };
  return search;
}

std::set<size_t> found(const SlowLayers& result) {
  std::set<size_t> layers;
  for (const SlowLayer& culprit : result.culprits) layers.insert(culprit.layer);
  return layers;
}

TEST(FindSlow, NamesExactlyThePlanted) {
  Random random(7);
  int right = 0, plants = 0;
  double runs = 0, oneByOne = 0;
  for (int round = 0; round < 400; ++round) {
    Network network(random, 20 + random() % 91);
    if (!network.plant(random, 1 + random() % 3)) continue;
    const SlowSearch search = searchOf(network, 0.05, random);
    const auto result = findSlow(search);
    ASSERT_TRUE(result.ok());
    ++plants;
    right += found(*result) == network.planted;
    if (network.cpu.size() >= 50) runs += result->runs, oneByOne += network.oneByOne(0.05, search);
  }
  EXPECT_GE(plants, 380);
  EXPECT_GE(right, 0.98 * plants);
  EXPECT_LE(runs, 0.25 * oneByOne);
  RecordProperty("right", right);
  RecordProperty("share_of_one_by_one", std::to_string(runs / oneByOne));
}

TEST(FindSlow, FindsThemInTheNoiseOfWholeRuns) {
  Random random(8);
  int right = 0;
  for (int round = 0; round < 10; ++round) {
    Network network(random, 20 + random() % 60);
    ASSERT_TRUE(network.plant(random, 1 + random() % 2));
    right += found(findSlow(searchOf(network, 0.05, random, true)).value()) == network.planted;
  }
  EXPECT_GE(right, 9);
}

TEST(FindSlow, FindsThemWhereOtherWorkMakesRunsLonger) {
  Random random(13);
  int right = 0, runs = 0;
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    Network network(random, 30 + random() % 40);
    ASSERT_TRUE(network.plant(random, 1 + random() % 3));
    SlowSearch search = searchOf(network, 0.05, random);
    search.measure = [&, clean = search.measure](const Moved& moved) -> Result<SlowSearch::Sample> {
      SlowSearch::Sample sample = clean(moved).value();
      const double longer = std::exponential_distribution<double>(1 / 0.15)(random) * network.seconds(network.culprits());
      if (uniform(random, 0, 1) < 0.3) sample.seconds += longer;
      return sample;
    };
    const SlowLayers result = findSlow(search).value();
    right += found(result) == network.planted;
    runs += result.runs;
  }
  EXPECT_GE(right, kRounds - 1);
  EXPECT_LT(runs, 600 * kRounds);
  RecordProperty("runs", runs / kRounds);
}

TEST(FindSlow, FindsNeighboursThatSaveOnlyTogether) {
  Random random(12);
  int right = 0;
  constexpr int kRounds = 40;
  for (int round = 0; round < kRounds; ++round) {
    Network network(random, 20 + random() % 91);
    ASSERT_TRUE(network.plantNeighbours(random, 2 + random() % 2));
    right += found(findSlow(searchOf(network, 0.05, random)).value()) == network.planted;
  }
  EXPECT_GE(right, kRounds - 2);
}

TEST(FindSlow, BlamesNobodyInAHealthyNetwork) {
  Random random(9);
  for (int round = 0; round < 60; ++round) {
    const Network network(random, 1 + random() % 90);
    const SlowLayers result = findSlow(searchOf(network, 0.05, random)).value();
    EXPECT_TRUE(result.culprits.empty()) << "round " << round;
    EXPECT_GT(result.confidence, 0.8);
  }
}

TEST(FindSlow, SaysWhatItSaves) {
  Random random(10);
  Network network(random, 60);
  network.npu[20] *= 20;
  network.npu[20] += 10;
  network.planted = {20};
  SlowSearch search = searchOf(network, 0.02, random);
  std::vector<std::string> sentences;
  search.say = [&](const std::string& sentence) { sentences.push_back(sentence); };
  const SlowLayers result = findSlow(search).value();
  ASSERT_EQ(result.culprits.size(), 1u);
  EXPECT_NEAR(result.culprits[0].gain, network.gain(20, Moved(60)), 4 * result.culprits[0].deviation);
  EXPECT_NEAR(result.before, network.seconds(Moved(60)), 0.1 * result.before);
  EXPECT_NEAR(result.after, network.seconds(network.culprits()), 0.1 * result.after);
  EXPECT_TRUE(std::any_of(sentences.begin(), sentences.end(), [](const std::string& sentence) {
    return sentence.starts_with("Without 'layer20' a run of ") && sentence.ends_with("it is slow, and stays moved.");
  }));
}

TEST(FindSlow, GivesUpHonestlyAndPassesErrorsOn) {
  Random random(11);
  Network network(random, 60);
  ASSERT_TRUE(network.plant(random, 2));
  SlowSearch search = searchOf(network, 0.6, random, true);
  search.mostRuns = 30;
  const SlowLayers result = findSlow(search).value();
  EXPECT_LE(result.runs, 60);
  EXPECT_LT(result.confidence, 0.5);
  search.measure = [](const Moved&) -> Result<SlowSearch::Sample> { return Status(StatusCode::internal, "broken"); };
  EXPECT_EQ(findSlow(search).status().message(), "broken");
  EXPECT_TRUE(findSlow(SlowSearch{}).value().culprits.empty());
}

}  // namespace
}  // namespace qrt
