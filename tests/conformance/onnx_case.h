// One folder of ONNX backend test data: a model, inputs, and the outputs that ONNX wants.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "qrt/import.h"

namespace qrt::test {

struct OnnxCase {
  std::filesystem::path folder;

  /// "node/test_relu"
  std::string name() const {
    return folder.parent_path().filename().string() + "/" + folder.filename().string();
  }
};

/// How a test prints a case.
inline void PrintTo(const OnnxCase& onnxCase, std::ostream* out) { *out << onnxCase.name(); }

/// All cases of a group ("node", "pytorch-converted", …), by name; empty if there is no such data.
std::vector<OnnxCase> onnxCases(const std::string& group);

/// What came of running a case.
struct Outcome {
  bool passed = false;
  std::string reason;  ///< why not

  static Outcome pass() { return {true, {}}; }
  static Outcome fail(std::string reason) { return {false, std::move(reason)}; }
};

/// The ops of the model that libqrt does not promise to run (see kSupportedOps); empty if none.
std::vector<std::string> opsNotPromised(const OnnxCase& onnxCase);

/// Imports the model, runs every data set on the named backends (none: the default ones), and
/// compares with ONNX's tolerances.
Outcome runCase(const OnnxCase& onnxCase, const std::vector<std::string>& backends);

}  // namespace qrt::test
