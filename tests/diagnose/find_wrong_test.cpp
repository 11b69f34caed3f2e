// Wrong layers planted in made-up networks: all of them are found, and no others.
#include "diagnose/find_wrong.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "base/error.h"

namespace qrt {
namespace {

// Errors do not add up: a later layer hides part of what earlier ones did.
WrongSearch searchOf(size_t layers, const std::set<size_t>& wrong, double floor, unsigned seed) {
  WrongSearch search;
  for (size_t i = 0; i < layers; ++i) search.layers.push_back("layer" + std::to_string(i));
  search.error = [=](const Moved& moved) -> Result<double> {
    std::mt19937 random(seed);
    double error = floor;
    for (size_t i = 0; i < layers; ++i) {
      const double own = std::exp(std::uniform_real_distribution<double>(-1, 3)(random));
      if (!moved[i]) error = wrong.contains(i) ? std::sqrt(error * error / 4 + own * own) : error * 1.0001;
    }
    return error;
  };
  return search;
}

TEST(FindWrong, NamesExactlyThePlanted) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 500; ++round) {
    const size_t layers = 1 + random() % 110;
    std::set<size_t> wrong;
    while (wrong.size() < std::min<size_t>(layers, 1 + round % 3)) wrong.insert(random() % layers);
    const WrongLayers result = findWrong(searchOf(layers, wrong, round % 2 == 0 ? 0 : 0.001, round)).value();
    ASSERT_EQ(std::set<size_t>(result.culprits.begin(), result.culprits.end()), wrong) << "round " << round;
    ASSERT_LE(result.runs, 2 + static_cast<double>(wrong.size()) * (std::log2(layers) + 2));
    ASSERT_LE(result.after, 0.002);
  }
}

TEST(FindWrong, LeavesNothingWhereThereIsOneRightAnswer) {
  WrongSearch search;
  search.layers = {"a", "b", "c", "d"};
  search.error = [](const Moved& moved) -> Result<double> { return (moved[3] ? 0 : 1e-2) + (moved[1] ? 0 : 1e-9); };
  EXPECT_EQ(findWrong(search).value().culprits, std::vector<size_t>{3});
  search.share = 0;
  EXPECT_EQ(findWrong(search).value().culprits, (std::vector<size_t>{3, 1}));
}

TEST(FindWrong, TellsEveryStep) {
  WrongSearch search = searchOf(4, {2}, 0, 5);
  std::string all;
  search.say = [&](const std::string& sentence) { all += sentence + "\n"; };
  ASSERT_TRUE(findWrong(search).ok());
  EXPECT_NE(all.find(", and 0 with all 4 layers moved.\n"), std::string::npos) << all;
  EXPECT_NE(all.find("With the first 2 layers moved, up to 'layer1', the error is "), std::string::npos) << all;
  EXPECT_NE(all.find("With the first 3 layers moved, up to 'layer2', the error is 0: gone.\n"), std::string::npos) << all;
  EXPECT_NE(all.find("'layer2' is wrong: with it moved the error is 0.\n"), std::string::npos) << all;
}

TEST(FindWrong, BlamesNobodyWhereTheBackendIsNotToBlame) {
  EXPECT_TRUE(findWrong(searchOf(9, {}, 0, 1)).value().culprits.empty());
  WrongSearch search = searchOf(9, {}, 0, 1);
  search.error = [](const Moved&) -> Result<double> { return 2.0; };
  EXPECT_EQ(findWrong(search).status().message(),
            "the error is 2, and 2 with all layers moved: it does not come from this backend");
  search.error = [](const Moved&) -> Result<double> { return Status(StatusCode::internal, "broken"); };
  EXPECT_EQ(findWrong(search).status().message(), "broken");
}

}  // namespace
}  // namespace qrt
