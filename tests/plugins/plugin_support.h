// Plugins loaded for tests, each configuration under a name of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "qrt/qrt.h"
#include "support/int8_networks.h"
#include "support/one_op.h"

namespace qrt::test {

/// The file of a plugin that breaks rules; CMakeLists.txt has their names.
std::string fake(const std::string& name);
/// The file of the simulated NPU.
std::string npuSimFile();

inline void fillInput(Session& session, unsigned seed = 3) {
  const TensorView input = session.input(0).value();
  const auto bytes = randomBytes(input.bytes(), seed);
  std::memcpy(input.data, bytes.data(), bytes.size());
}

/// The bytes of output 0 after one run.
inline std::vector<std::byte> runOnce(Session& session) {
  const Status status = session.run();
  EXPECT_TRUE(status.ok()) << status.message();
  const ConstTensorView out = session.output(0).value();
  const auto* first = static_cast<const std::byte*>(out.data);
  return {first, first + out.bytes()};
}

/// The same of a new session.
inline std::vector<std::byte> outputOf(const Model& model, const SessionOptions& options) {
  auto session = Session::create(model, options);
  EXPECT_TRUE(session.ok()) << session.status().message();
  if (!session.ok()) return {};
  fillInput(*session);
  return runOnce(*session);
}

}  // namespace qrt::test
