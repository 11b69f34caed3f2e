// Runs the qrt command in a folder of its own and looks at its output, exit code and files.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/npy.h"

namespace qrt::test {

namespace fs = std::filesystem;

struct Outcome {
  int code;
  std::string out;  // stdout
  std::string err;  // stderr
};

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "qrt_cli_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs `qrt ARGS` in the test's folder.
  Outcome qrt(const std::string& args, const std::string& environment = "") {
    const std::string command = "cd " + folder_.string() + " && " + environment + " " QRT_COMMAND " " + args + " 2>stderr.txt";
    Outcome outcome{};
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> chunk;
    while (const size_t n = fread(chunk.data(), 1, chunk.size(), pipe)) outcome.out.append(chunk.data(), n);
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::ifstream err(folder_ / "stderr.txt");
    outcome.err.assign(std::istreambuf_iterator<char>(err), {});
    return outcome;
  }

  // Exit code 2 and one line on stderr that has all the words.
  void expectRefused(const std::string& args, const std::vector<std::string>& words, const std::string& environment = "") {
    const Outcome outcome = qrt(args, environment);
    EXPECT_EQ(outcome.code, 2) << args << "\n" << outcome.out << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << args << ": " << outcome.err;
  }

  void writeFile(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::binary) << text; }

  // One digit of the demo's data as x.npy.
  void writeDigit() {
    using namespace qrt::tools;
    const Array all = parseNpz(readFile(QRT_DEMO_DATA), "demo").at("x");
    writeNpy(folder_ / "x.npy", {qrt::DType::f32, {1, 1, 8, 8}, all.bytes.data()});
  }

  fs::path folder_;
};

inline const std::string kModel = QRT_DEMO_MODEL;
inline const std::string kData = QRT_DEMO_DATA;

}  // namespace qrt::test
