// Installs libqrt or takes its tree in, builds a project with it, and runs what comes out.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/graph_builder.h"
#include "support/support.h"

namespace qrt {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int exitCode;
  std::string output;
};

Outcome runCommand(const std::string& command) {
  Outcome outcome{-1, {}};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> chunk;
  while (std::fgets(chunk.data(), chunk.size(), pipe) != nullptr) outcome.output += chunk.data();
  outcome.exitCode = pclose(pipe);
  return outcome;
}

class Consumer : public testing::Test {
 protected:
  // Configures and builds tests/consumer/<project>, and runs it on y = x · [[1, 2], [10, 20]].
  void expectWorks(const std::string& project, const std::string& options) {
    fs::create_directories(folder_);
    test::GraphBuilder builder;
    const TensorId x = builder.input("x", {1, 2});
    builder.output(
        builder.add(OpType::MatMul, {x, builder.constant<float>({2, 2}, {1, 2, 10, 20})}));
    ASSERT_TRUE(builder.model().save(folder_ / "model.qrt").ok());

    const std::string build = quoted(folder_ / "build");
    const Outcome configured = runCommand(
        std::string(QRT_CMAKE) + " -G " + quoted(QRT_GENERATOR) + " -S " +
        quoted(test::sourceFolder() / "tests/consumer" / project) + " -B " + build +
        " -DCMAKE_CXX_COMPILER=" + QRT_COMPILER +
        " -DCMAKE_CXX_COMPILER_LAUNCHER=" + QRT_LAUNCHER + " " + options);
    ASSERT_EQ(configured.exitCode, 0) << configured.output;
    const Outcome built = runCommand(std::string(QRT_CMAKE) + " --build " + build);
    ASSERT_EQ(built.exitCode, 0) << built.output;
    expectPrints("consumer");
  }

  void expectPrints(const std::string& program) {
    const Outcome ran = runCommand(quoted(folder_ / "build" / program) + " " +
                                   quoted(folder_ / "model.qrt"));
    EXPECT_EQ(ran.exitCode, 0);
    EXPECT_EQ(ran.output, "11 22 \n");
  }

  // The same in each run, so that what did not change is not compiled again, nor with a ccache.
  const fs::path folder_ =
      fs::path(QRT_BUILD_DIR) / "consumer" /
      testing::UnitTest::GetInstance()->current_test_info()->name();

  static std::string quoted(const fs::path& path) {
    return std::string("'").append(path.string()).append("'");
  }
};

TEST_F(Consumer, FindsAnInstalledLibrary) {
  fs::remove_all(folder_);
  const std::string prefix = quoted(folder_ / "prefix");
  const Outcome installed = runCommand(std::string(QRT_CMAKE) + " --install " +
                                       quoted(QRT_BUILD_DIR) + " --prefix " + prefix);
  ASSERT_EQ(installed.exitCode, 0) << installed.output;
  const std::string options = "-DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=" + prefix;
#ifdef QRT_WITH_QUANTIZER
  expectWorks("find_package", options + " -DWITH_QUANTIZER=ON");
  expectPrints("consumer_quantize");
  expectPrints("consumer_diagnose");
#else
  expectWorks("find_package", options);
#endif
}

// Not optimized and for one ISA level only, to be quick: what matters is that it builds inside another.
TEST_F(Consumer, TakesTheTreeIn) {
  const std::string options = "-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DQRT_ISA=scalar -DQRT_TREE=" +
                              test::sourceFolder().string();
#ifdef QRT_WITH_QUANTIZER
  expectWorks("add_subdirectory", options + " -DQRT_QUANTIZE=ON");
  expectPrints("consumer_diagnose");
#else
  expectWorks("add_subdirectory", options);
#endif
}

}  // namespace
}  // namespace qrt
