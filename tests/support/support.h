// What several test folders share.
#pragma once

#include <filesystem>
#include <optional>

namespace qrt::test {

/// The root of the source tree.
std::filesystem::path sourceFolder();

/// The folder of real models and data beside the checkout (or $QRT_ZOO), if it is there.
std::optional<std::filesystem::path> zooPath();

}  // namespace qrt::test

/// Skips the test with a clear line where the model zoo is absent.
#define QRT_REQUIRE_ZOO(variable)                                     \
  const auto variable##_ = qrt::test::zooPath();                      \
  if (!variable##_) GTEST_SKIP() << "no model zoo at ../shared/zoo";  \
  const std::filesystem::path variable = *variable##_
