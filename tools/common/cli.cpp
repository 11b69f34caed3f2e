#include "common/cli.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/npy.h"
#include "qrt/diagnose.h"

namespace qrt::tools {

std::string oneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void orFail(const Status& status, const std::string& what) {
  if (!status.ok()) throw Failure{(what.empty() ? "" : what + ": ") + status.message()};
}

std::pair<std::string, std::string> splitAssignment(const std::string& text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Shape parseShape(const std::string& text) {
  Shape shape;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find_first_of("x,", at), text.size());
    const std::string dim = text.substr(at, end - at);
    const bool digits = !dim.empty() && dim.size() < 10 &&
                        std::all_of(dim.begin(), dim.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || shape.rank() == Shape::kMaxRank) {
      throw Failure{"shape '" + text + "', wanted one like 1x3x224x224"};
    }
    shape.append(std::stoll(dim));
    at = end + 1;
  }
  return shape;
}

void ModelArgs::add(CLI::App& app) {
  app.add_option("MODEL", path, "A .qrt, .onnx or .tflite file")->required();
  app.add_option("--input-shape", inputShapes, "[NAME=]DIMS of an input, e.g. 1x3x224x224; may be repeated");
  app.add_option("--freeze", freeze, "NAME=FILE.npy: make this input a constant; may be repeated (.onnx only)");
}

Model ModelArgs::load() const {
  ImportOptions options;
  for (const std::string& text : freeze) {
    const auto [name, file] = splitAssignment(text);
    if (name.empty()) throw Failure{"--freeze " + text + ": wanted NAME=FILE.npy"};
    Array array = readNpy(file);
    options.freeze[name] = {array.dtype, array.shape, std::move(array.bytes)};
  }
  // Named shapes help the importer, where an attribute (auto_pad) depends on them.
  if (!path.ends_with(".qrt")) {
    for (const std::string& text : inputShapes) {
      const auto [name, dims] = splitAssignment(text);
      if (!name.empty()) options.inputShapes[name] = parseShape(dims);
    }
  }
  return orFail(loadAnyModel(path, options));
}

std::map<std::string, Shape> ModelArgs::shapes(const Model& model) const {
  std::map<std::string, Shape> result;
  for (const std::string& text : inputShapes) {
    auto [name, dims] = splitAssignment(text);
    if (name.empty()) {
      if (model.inputs().size() != 1) throw Failure{"--input-shape " + text + ": name the input, NAME=DIMS"};
      name = model.inputs()[0].name;
    }
    result[name] = parseShape(dims);
  }
  return result;
}

void SessionArgs::add(CLI::App& app) {
  app.add_option("--threads", threads, "Threads, 0 for one per core")->capture_default_str()->check(CLI::Range(0, 1024));
  app.add_option("--backend", backends, "Backends by priority, e.g. cpu-float; see qrt backends")->delimiter(',');
  app.add_option("--layer-backend", layerBackends, "LAYERS=BACKEND: run these there, int8 layers in float on cpu-float; LAYERS is a name, a pattern with * and ?, FIRST..LAST, or op:OP; may be repeated");
  app.add_option("--placement-file", placement, "Placement file (qrt place -o); \"none\": not even the one in the model");
  app.add_option("--winograd-error", winogradError, "Largest error of float convolutions by Winograd's algorithm, relative; 0 forbids it")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

SessionOptions SessionArgs::options(const Model& model, const ModelArgs& modelArgs) const {
  SessionOptions options;
  options.threads = threads;
  options.backends = backends;
  options.winogradError = winogradError;
  options.inputShapes = modelArgs.shapes(model);
  for (const std::string& text : layerBackends) {
    const auto [layer, backend] = splitAssignment(text);
    if (layer.empty()) throw Failure{"--layer-backend " + text + ": wanted LAYER=BACKEND"};
    options.layerBackends[layer] = backend;
  }
  if (placement.empty()) {
    options.placement = orFail(embeddedPlacement(model), modelArgs.path);
  } else if (placement != "none") {
    const std::vector<std::byte> json = readFile(placement);
    options.placement = orFail(placementFromJson({reinterpret_cast<const char*>(json.data()), json.size()}, model, placement));
  }
  return options;
}

void loadPlugin(const std::string& text) {
  PluginOptions options;
  const size_t question = std::min(text.find('?'), text.size());
  options.config = text.substr(std::min(question + 1, text.size()));
  const auto [name, file] = splitAssignment(text.substr(0, question));
  options.name = name;
  orFail(BackendRegistry::load(file, options), "--plugin");
}

std::string jsonText(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void printJson(const nlohmann::ordered_json& json) { std::fputs(jsonText(json).c_str(), stdout); }

void printTable(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  const auto title = [&](size_t c) { return header[c][0] == '>' ? header[c].substr(1) : header[c]; };
  std::vector<size_t> width;
  for (size_t c = 0; c < header.size(); ++c) {
    width.push_back(title(c).size());
    for (const auto& row : rows) width[c] = std::max(width[c], row[c].size());
  }
  const auto line = [&](const auto& cell) {
    std::string text;
    for (size_t c = 0; c < header.size(); ++c) {
      const std::string value = cell(c);
      const std::string fill(width[c] - value.size(), ' ');
      text += (c > 0 ? "  " : "") + (header[c][0] == '>' ? fill + value : value + fill);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    std::printf("%s\n", text.c_str());
  };
  line(title);
  for (const auto& row : rows) line([&](size_t c) { return row[c]; });
}

std::string format(const char* pattern, ...) {
  va_list args;
  va_start(args, pattern);
  char text[512];
  const int size = std::vsnprintf(text, sizeof text, pattern, args);
  va_end(args);
  return std::string(text, static_cast<size_t>(std::clamp(size, 0, static_cast<int>(sizeof text) - 1)));
}

std::string count(double value) {
  const char* unit[] = {"", " k", " M", " G", " T"};
  int u = 0;
  for (; value >= 1000 && u < 4; ++u) value /= 1000;
  return format(u == 0 ? "%.0f%s" : "%.3g%s", value, unit[u]);
}

std::string bytes(double value) {
  const char* unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int u = 0;
  for (; value >= 1024 && u < 4; ++u) value /= 1024;
  return format(u == 0 ? "%.0f %s" : "%.1f %s", value, unit[u]);
}

Progress::Progress(std::string label, size_t total)
    : label_(std::move(label)), total_(total), shown_(isatty(STDERR_FILENO) != 0 && total > 1) {}

void Progress::step() {
  ++done_;
  if (!shown_) return;
  const size_t percent = done_ * 100 / total_;
  if (percent == (done_ - 1) * 100 / total_) return;
  const std::string bar(percent / 4, '#');
  std::fprintf(stderr, "\r%s [%-25s] %3zu%%", label_.c_str(), bar.c_str(), percent);
}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

}  // namespace qrt::tools
