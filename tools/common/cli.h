// What the subcommands share: failures, options of models and sessions, JSON and tables.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "qrt/import.h"
#include "qrt/qrt.h"

namespace qrt::tools {

inline constexpr int kDone = 0;
inline constexpr int kAnswerIsNo = 1;
inline constexpr int kBadInput = 2;

/// Ends the command with one line on stderr.
struct Failure {
  std::string message;
  int exitCode = kBadInput;
};

/// Line breaks become spaces.
std::string oneLine(std::string text);

/// The value, or a Failure that begins with `what`.
template <class T>
T orFail(Result<T> result, const std::string& what = {}) {
  if (!result.ok()) {
    throw Failure{(what.empty() ? "" : what + ": ") + result.status().message()};
  }
  return std::move(result).value();
}
void orFail(const Status& status, const std::string& what = {});

/// "NAME=VALUE" → {NAME, VALUE}; the name is empty without '='.
std::pair<std::string, std::string> splitAssignment(const std::string& text);

/// "1x3x224x224" or "1,3,224,224".
Shape parseShape(const std::string& text);

/// The model argument and how to load it: MODEL, --input-shape, --freeze.
struct ModelArgs {
  std::string path;
  std::vector<std::string> inputShapes;
  std::vector<std::string> freeze;
  void add(CLI::App& app);
  Model load() const;
  /// --input-shape as SessionOptions want it; a shape without a name is that of the only input.
  std::map<std::string, Shape> shapes(const Model& model) const;
};

/// --threads, --backend, --layer-backend, --placement-file.
struct SessionArgs {
  int threads = 1;
  std::vector<std::string> backends;
  std::vector<std::string> layerBackends;
  std::string placement;
  double winogradError = SessionOptions{}.winogradError;
  void add(CLI::App& app);
  /// With the placement of the file, else the one in the model.
  SessionOptions options(const Model& model, const ModelArgs& modelArgs) const;
};

/// Loads "[NAME=]FILE[?CONFIG]", a backend plugin.
void loadPlugin(const std::string& text);

/// JSON as it is printed; invalid UTF-8 is replaced.
std::string jsonText(const nlohmann::ordered_json& json);
/// Prints JSON, one object, and nothing else.
void printJson(const nlohmann::ordered_json& json);

/// A table on stdout; columns whose header starts with '>' are aligned right.
void printTable(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

/// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...);
/// 1234567 → "1.23 M"; bytes(1536) → "1.5 KiB".
std::string count(double value);
std::string bytes(double value);

/// A progress bar on stderr, only if that is a terminal.
class Progress {
 public:
  Progress(std::string label, size_t total);
  ~Progress();
  void step();

 private:
  std::string label_;
  size_t total_;
  size_t done_ = 0;
  bool shown_;
};

}  // namespace qrt::tools
