// What every backend must do, whoever wrote it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backends/backend.h"

namespace qrt::test {

struct SuiteOptions {
  std::string config;  ///< of a plugin
  unsigned seed = 1;
  int rounds = 12;     ///< random layers of each kind
};

/// What happened with one op on one kind of tensor.
struct OpResult {
  int asked = 0, claimed = 0, wrong = 0;
  std::string refusal;  ///< one of the reasons
};

struct SuiteResult {
  std::map<std::string, OpResult> ops;  ///< by "Conv s8"
  std::vector<std::string> failures;    ///< sentences
};

/// Each layer that the backend claims, against the reference kernel.
void checkOps(const Backend& backend, const SuiteOptions& options, SuiteResult& result);
/// Whole networks, float and int8, with partitions as the runtime cuts them.
void checkNetworks(const Backend& backend, SuiteResult& result);
/// Several programs in several threads at once.
void checkConcurrency(const Backend& backend, const SuiteOptions& options, SuiteResult& result);
/// Plugins only: loading and unloading, ends in either order, questions that make no sense.
void checkLifeCycle(const std::string& path, const SuiteOptions& options, SuiteResult& result);

}  // namespace qrt::test
