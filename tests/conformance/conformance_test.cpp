// ONNX's backend tests. A case whose ops are all promised must pass unless expected_failures.txt gives
// a reason, and then it must not; any other case must be refused, naming an op.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include "conformance/onnx_case.h"

namespace qrt::test {
namespace {

const char* const kGroups[] = {"node", "pytorch-converted", "pytorch-operator", "simple"};

// Lines "group/case: reason"; # starts a comment.
const std::map<std::string, std::string>& expectedFailures() {
  static const auto failures = [] {
    std::map<std::string, std::string> result;
    std::ifstream file(QRT_SOURCE_DIR "/tests/conformance/expected_failures.txt");
    for (std::string line; std::getline(file, line);) {
      const size_t colon = line.find(": ");
      if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
      result[line.substr(0, colon)] = line.substr(colon + 2);
    }
    return result;
  }();
  return failures;
}

std::vector<OnnxCase> allCases() {
  std::vector<OnnxCase> cases;
  for (const char* group : kGroups) {
    for (OnnxCase& onnxCase : onnxCases(group)) cases.push_back(std::move(onnxCase));
  }
  return cases;
}

class Onnx : public testing::TestWithParam<OnnxCase> {};

TEST_P(Onnx, Case) {
  const std::vector<std::string> missing = opsNotPromised(GetParam());
  if (!missing.empty()) {
    const Result<Model> model = importOnnx(GetParam().folder / "model.onnx");
    if (!model.ok()) {
      EXPECT_EQ(model.status().code(), StatusCode::unsupported);
      EXPECT_TRUE(std::any_of(missing.begin(), missing.end(), [&](const std::string& op) {
        return model.status().message().find(op) != std::string::npos;
      })) << model.status().message();
      return;
    }
  }
  const Outcome outcome = runCase(GetParam(), {});
  if (outcome.reason.find("op not written yet") != std::string::npos) {
    GTEST_SKIP() << outcome.reason;
  }
  const auto expected = expectedFailures().find(GetParam().name());
  if (expected == expectedFailures().end()) {
    EXPECT_TRUE(outcome.passed) << outcome.reason;
  } else {
    EXPECT_FALSE(outcome.passed) << "passes, so take it off expected_failures.txt";
    std::printf("expected failure: %s\n  found: %s\n", expected->second.c_str(),
                outcome.reason.c_str());
  }
}

std::string caseName(const testing::TestParamInfo<OnnxCase>& info) {
  std::string name = info.param.name();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Onnx);
INSTANTIATE_TEST_SUITE_P(, Onnx, testing::ValuesIn(allCases()), caseName);

// The figures: run this test alone to see them, with the reasons of those that fail.
TEST(OnnxSummary, EnoughCasesPass) {
  if (allCases().empty()) GTEST_SKIP() << "no ONNX test data (Debian: libonnx-testdata)";
  std::map<std::string, int> passed;
  for (const char* group : kGroups) {
    int promised = 0;
    for (const OnnxCase& onnxCase : onnxCases(group)) {
      if (!opsNotPromised(onnxCase).empty()) continue;
      ++promised;
      const Outcome outcome = runCase(onnxCase, {});
      passed[group] += outcome.passed;
      if (!outcome.passed) {
        std::printf("  %s: %s\n", onnxCase.name().c_str(), outcome.reason.c_str());
      }
    }
    std::printf("%s: %d cases with supported ops only, %d pass\n", group, promised, passed[group]);
  }
  if (passed["node"] < 400) GTEST_SKIP() << "ops are still being written";
  EXPECT_GE(passed["node"], 400);
  EXPECT_GE(passed["pytorch-converted"], 50);
}

}  // namespace
}  // namespace qrt::test
