// ONNX's backend tests. A case whose ops are all promised must pass unless expected_failures.txt
// gives a reason, and then it must not; any other case must be refused, naming an op. Which of the
// two a case is, only its own test finds out: every ctest case lists them all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "conformance/onnx_case.h"
#include "support/support.h"

namespace qrt::test {
namespace {

const char* const kGroups[] = {"node", "pytorch-converted", "pytorch-operator", "simple"};

// Lines "group/case: reason"; # starts a comment.
const std::multimap<std::string, std::string>& expectedFailures() {
  static const auto failures = [] {
    std::multimap<std::string, std::string> result;
    std::ifstream file(sourceFolder() / "tests/conformance/expected_failures.txt");
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      const size_t colon = line.find(": ");
      result.emplace(line.substr(0, colon),
                     colon == std::string::npos ? "" : line.substr(colon + 2));
    }
    return result;
  }();
  return failures;
}

// A group's cases that have only ops that libqrt promises to run.
std::vector<OnnxCase> promisedCases(const std::string& group) {
  std::vector<OnnxCase> cases = onnxCases(group);
  std::erase_if(cases, [](const OnnxCase& c) { return !opsNotPromised(c).empty(); });
  return cases;
}

std::vector<OnnxCase> allCases() {
  std::vector<OnnxCase> cases;
  for (const char* group : kGroups) {
    for (OnnxCase& onnxCase : onnxCases(group)) cases.push_back(std::move(onnxCase));
  }
  return cases;
}

// A case with ops that are not promised is refused, naming one of them; a few run all the same.
void expectRefused(const OnnxCase& onnxCase, const std::vector<std::string>& ops) {
  const Result<Model> model = importOnnx(onnxCase.folder / "model.onnx");
  if (model.ok()) {
    const Outcome outcome = runCase(onnxCase, {});
    EXPECT_TRUE(outcome.passed) << outcome.reason;
    return;
  }
  std::printf("refused: %s\n", model.status().message().c_str());
  EXPECT_EQ(model.status().code(), StatusCode::unsupported);
  EXPECT_TRUE(std::any_of(ops.begin(), ops.end(), [&](const std::string& op) {
    return model.status().message().find(op + ")") != std::string::npos;
  })) << model.status().message();
}

class Onnx : public testing::TestWithParam<OnnxCase> {};

TEST_P(Onnx, Case) {
  const std::vector<std::string> notPromised = opsNotPromised(GetParam());
  if (!notPromised.empty()) return expectRefused(GetParam(), notPromised);
  const Outcome outcome = runCase(GetParam(), {});
  const auto expected = expectedFailures().find(GetParam().name());
  if (expected == expectedFailures().end()) {
    EXPECT_TRUE(outcome.passed) << outcome.reason;
  } else {
    EXPECT_FALSE(outcome.passed) << "passes, so take it off expected_failures.txt";
    std::printf("expected failure: %s\n  found: %s\n", expected->second.c_str(),
                outcome.reason.c_str());
  }
}

// What GoogleTest allows in a name.
std::string plain(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}
std::string caseName(const testing::TestParamInfo<OnnxCase>& info) {
  return plain(info.param.name());
}
std::string groupName(const testing::TestParamInfo<const char*>& info) { return plain(info.param); }

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Onnx);
INSTANTIATE_TEST_SUITE_P(, Onnx, testing::ValuesIn(allCases()), caseName);

class OnnxGroup : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(, OnnxGroup, testing::ValuesIn(kGroups), groupName);

// All cases on the reference kernels alone; prints the figures, and why cases fail.
TEST_P(OnnxGroup, Summary) {
  const std::vector<OnnxCase> cases = promisedCases(GetParam());
  if (cases.empty()) GTEST_SKIP() << "no ONNX test data (Debian: libonnx-testdata)";
  int passed = 0;
  for (const OnnxCase& onnxCase : cases) {
    const Outcome outcome = runCase(onnxCase, {"reference"});
    passed += outcome.passed;
    EXPECT_EQ(outcome.passed, !expectedFailures().contains(onnxCase.name())) << outcome.reason;
    if (!outcome.passed) std::printf("  %s: %s\n", onnxCase.name().c_str(), outcome.reason.c_str());
  }
  std::printf("%s: %zu cases with supported ops only, %d pass\n", GetParam(), cases.size(), passed);
  const std::map<std::string, int> wanted = {{"node", 400}, {"pytorch-converted", 50}};
  if (const auto found = wanted.find(GetParam()); found != wanted.end()) {
    EXPECT_GE(passed, found->second);
  }
}

TEST(OnnxExpectedFailures, AreCasesListedOnceWithAReason) {
  std::set<std::string> names;
  for (const char* group : kGroups) {
    for (const OnnxCase& onnxCase : promisedCases(group)) names.insert(onnxCase.name());
  }
  if (names.empty()) GTEST_SKIP() << "no ONNX test data (Debian: libonnx-testdata)";
  for (const auto& [name, reason] : expectedFailures()) {
    EXPECT_TRUE(names.contains(name)) << name << " is no case";
    EXPECT_EQ(expectedFailures().count(name), 1u) << name;
    EXPECT_NE(reason, "") << name;
  }
}

}  // namespace
}  // namespace qrt::test
