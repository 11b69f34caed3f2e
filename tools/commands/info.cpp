// qrt info: what is in a model, and what a session makes of it.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "common/cli.h"

namespace qrt::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Args {
  ModelArgs model;
  SessionArgs session;
  bool layers = false;
  bool placement = false;
  bool json = false;
};

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + (word.empty() ? "-" : word);
  return text;
}

Json tensorsJson(const std::vector<TensorInfo>& tensors) {
  Json out = Json::array();
  for (const TensorInfo& t : tensors) {
    Json shape;
    for (const int64_t dim : t.shape.dims()) shape.push_back(dim < 0 ? Json() : Json(dim));
    Json one = {{"name", t.name}, {"dtype", dtypeName(t.dtype)}, {"shape", t.shape.ranked() ? shape : Json()}};
    if (t.quant) one["quantization"] = {{"scales", t.quant->scales}, {"zero_points", t.quant->zeroPoints}, {"axis", t.quant->axis}};
    out.push_back(one);
  }
  return out;
}

void printJsonInfo(const Args& args, const Model& model, const Result<Session>& session) {
  Json out = {{"name", model.name()},
              {"inputs", tensorsJson(model.inputs())},
              {"outputs", tensorsJson(model.outputs())},
              {"constant_bytes", model.constantBytes()},
              {"metadata", model.metadata()}};
  const std::vector<LayerInfo> layers = session.ok() ? session->layers() : model.layers();
  for (const LayerInfo& layer : layers) {
    out["layers"].push_back({{"name", layer.name}, {"op", layer.op}, {"inputs", layer.inputs},
                             {"outputs", layer.outputs}, {"attributes", layer.attributes}, {"macs", layer.macs}});
  }
  if (session.ok()) {
    const MemoryUse memory = session->memory();
    out["memory"] = {{"activations", memory.activations}, {"lower_bound", memory.lowerBound},
                     {"scratch", memory.scratch}, {"inputs_outputs", memory.inputsOutputs}};
    if (args.placement) out["placement"] = out["transfers"] = Json::array();
    for (const LayerPlacement& p : session->placement().layers) {
      if (!args.placement) break;
      out["placement"].push_back({{"name", p.layer}, {"requested", p.requested}, {"actual", p.actual},
                                  {"kernel", p.kernel}, {"reason", p.reason}, {"partition", p.partition}});
    }
    for (const Transfer& t : session->placement().transfers) {
      if (!args.placement) break;
      out["transfers"].push_back({{"layer", t.layer}, {"tensor", t.tensor}, {"from", t.from}, {"to", t.to}, {"bytes", t.bytes}, {"ms", t.ms}});
    }
  }
  printJson(out);
}

void printTensors(const char* title, const std::vector<TensorInfo>& tensors) {
  for (const TensorInfo& t : tensors) {
    std::printf("%-8s %s  %s %s", title, t.name.c_str(), std::string(dtypeName(t.dtype)).c_str(), t.shape.toString().c_str());
    if (t.quant && t.quant->scales.size() == 1) {
      std::printf("  scale %g, zero point %d", static_cast<double>(t.quant->scales[0]), t.quant->zeroPoints[0]);
    }
    std::printf("\n");
  }
}

void printPlacement(const Session& session) {
  std::vector<std::vector<std::string>> rows;
  for (const LayerPlacement& p : session.placement().layers) {
    rows.push_back({p.layer, p.op, p.requested + (p.pinned ? " (pinned)" : ""), p.actual, p.kernel,
                    p.partition < 0 ? "" : std::to_string(p.partition), p.reason});
  }
  std::printf("\n");
  printTable({"layer", "op", "requested", "actual", "kernel", ">partition", "reason"}, rows);
  for (const Transfer& t : session.placement().transfers) {
    std::printf("transfer %s: %s -> %s, %s\n", t.tensor.c_str(), t.from.empty() ? "input" : t.from.c_str(),
                t.to.empty() ? "output" : t.to.c_str(), bytes(static_cast<double>(t.bytes)).c_str());
  }
}

void printText(const Args& args, const Model& model, const Result<Session>& session) {
  std::printf("%-8s %s\n", "model", model.name().empty() ? args.model.path.c_str() : model.name().c_str());
  printTensors("input", session.ok() ? session->inputs() : model.inputs());
  printTensors("output", session.ok() ? session->outputs() : model.outputs());
  const std::vector<LayerInfo> layers = session.ok() ? session->layers() : model.layers();
  std::map<std::string, int> ops;
  int64_t macs = 0;
  for (const LayerInfo& layer : layers) {
    ++ops[layer.op];
    macs += layer.macs;
  }
  std::vector<std::string> counts;
  for (const auto& [op, n] : ops) counts.push_back(op + " " + std::to_string(n));
  std::printf("%-8s %zu (%s)\n", "layers", layers.size(), join(counts).c_str());
  std::printf("%-8s %s, weights %s\n", "size", (count(static_cast<double>(macs)) + "MAC").c_str(),
              bytes(static_cast<double>(model.constantBytes())).c_str());
  if (session.ok()) {
    const MemoryUse memory = session->memory();
    std::printf("%-8s activations %zu bytes planned, %zu at least needed (%.3fx); scratch %zu bytes\n", "memory",
                memory.activations, memory.lowerBound,
                memory.lowerBound == 0 ? 1.0 : static_cast<double>(memory.activations) / static_cast<double>(memory.lowerBound),
                memory.scratch);
  } else {
    std::printf("%-8s not planned: %s\n", "memory", session.status().message().c_str());
  }
  for (const auto& [key, value] : model.metadata()) {
    std::printf("%-8s %s: %s\n", "metadata", key.c_str(), oneLine(value.substr(0, 100)).c_str());
  }
  if (args.layers) {
    std::vector<std::vector<std::string>> rows;
    for (const LayerInfo& l : layers) {
      rows.push_back({l.name, l.op, join(l.outputs), l.macs ? count(static_cast<double>(l.macs)) : "", l.attributes});
    }
    std::printf("\n");
    printTable({"layer", "op", "outputs", ">MACs", "attributes"}, rows);
  }
  if (args.placement) {
    if (!session.ok()) throw Failure{session.status().message()};
    printPlacement(*session);
  }
}

}  // namespace

void add_info(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "Show a model's inputs, outputs, layers, memory and placement");
  command->footer("Example: qrt info model.onnx --layers --input-shape 1x3x224x224");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->session.add(*command);
  command->add_flag("--layers", args->layers, "List the layers");
  command->add_flag("--placement", args->placement, "List where each layer runs, with which kernel, and why");
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] {
    const Model model = args->model.load();
    const Result<Session> session = Session::create(model, args->session.options(model, args->model));
    args->json ? printJsonInfo(*args, model, session) : printText(*args, model, session);
  });
}

}  // namespace qrt::tools
