// Models with outputs that another machine, or another runtime, gave for stored inputs: the same bytes here.
// QRT_STORED names a folder of NAME.qrt (one input, one output; qrt convert makes it), NAME.in and NAME.out, the bytes of
// as many samples as there are, one behind the other. So Arm levels under emulation run models that only the host imports.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "qrt/session.h"

namespace qrt::test {
namespace {

std::vector<char> bytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

void expectStoredOutputs(const std::filesystem::path& path) {
  const auto model = Model::load(path);
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto session = Session::create(*model, {.threads = 1});
  ASSERT_TRUE(session.ok()) << session.status().message();
  const TensorView input = *session->input(0);
  const ConstTensorView output = *session->output(0);
  const auto given = bytesOf(std::filesystem::path(path).replace_extension("in"));
  const auto wanted = bytesOf(std::filesystem::path(path).replace_extension("out"));
  const size_t samples = given.size() / input.bytes();
  ASSERT_GT(samples, 0u);
  ASSERT_EQ(wanted.size(), samples * output.bytes());
  for (size_t i = 0; i < samples; ++i) {
    std::memcpy(input.data, given.data() + i * input.bytes(), input.bytes());
    ASSERT_TRUE(session->run().ok());
    EXPECT_EQ(std::memcmp(output.data, wanted.data() + i * output.bytes(), output.bytes()), 0) << "sample " << i;
  }
}

TEST(Stored, GivesTheSameBytes) {
  const char* folder = std::getenv("QRT_STORED");
  if (folder == nullptr) GTEST_SKIP() << "skipped: QRT_STORED names no folder of models with outputs";
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".qrt") continue;
    SCOPED_TRACE(entry.path().filename().string() + " at " + activeIsaName().value());
    expectStoredOutputs(entry.path());
    ++models;
  }
  EXPECT_GT(models, 0);
}

}  // namespace
}  // namespace qrt::test
