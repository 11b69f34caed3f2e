// qrt compare: where an int8 model departs from its float model.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/samples.h"

namespace qrt::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kGoodOutputDb = 20;  // classifiers keep their answers from about here on
constexpr double kPoorLayerDb = 20;
constexpr size_t kMarked = 3;

struct Args {
  std::string reference, quantized;
  DataArgs data;
  std::string sort = "order";
  std::string json;  // a file name
  bool printsJson = false;
};

std::string decibels(double value) { return std::isinf(value) ? "exact" : format("%.1f", value); }

Json jsonOf(double value) { return std::isinf(value) ? Json() : Json(value); }

Json toJson(const Comparison& comparison) {
  Json out = {{"samples", comparison.samples}, {"layers", Json::array()}, {"outputs", Json::array()}};
  for (const LayerError& layer : comparison.layers) {
    out["layers"].push_back({{"name", layer.name}, {"op", layer.op}, {"local_sqnr_db", jsonOf(layer.localSqnrDb)},
                             {"cumulative_sqnr_db", jsonOf(layer.cumulativeSqnrDb)}, {"cosine", layer.cosine},
                             {"saturation", layer.saturation}});
  }
  for (const LayerError& output : comparison.outputs) {
    out["outputs"].push_back({{"name", output.name}, {"sqnr_db", jsonOf(output.cumulativeSqnrDb)}, {"cosine", output.cosine}});
  }
  return out;
}

std::vector<LayerError> sorted(std::vector<LayerError> layers, const std::string& by) {
  const auto order = [&](auto less) { std::stable_sort(layers.begin(), layers.end(), less); };
  using E = const LayerError&;
  if (by == "local") order([](E a, E b) { return a.localSqnrDb < b.localSqnrDb; });
  if (by == "cumulative") order([](E a, E b) { return a.cumulativeSqnrDb < b.cumulativeSqnrDb; });
  if (by == "cosine") order([](E a, E b) { return a.cosine < b.cosine; });
  if (by == "saturation") order([](E a, E b) { return a.saturation > b.saturation; });
  return layers;
}

// The first step that is likely to help.
std::string advice(const Comparison& comparison) {
  double output = INFINITY;
  for (const LayerError& o : comparison.outputs) output = std::min(output, o.cumulativeSqnrDb);
  if (output >= kGoodOutputDb) {
    return "The outputs are close to the float model's (" + decibels(output) + " dB). Measure the accuracy: qrt eval.";
  }
  const LayerError worst = sorted(comparison.layers, "local")[0];
  if (worst.localSqnrDb < kPoorLayerDb) {
    return "'" + worst.name + "' loses most by itself (" + decibels(worst.localSqnrDb) +
           " dB): try equalize, another algorithm for it, or keep it float (skip_layers). See docs/quantize.md.";
  }
  return "No layer loses much by itself, the errors add up: try more samples, then bias_correction, then ada_round. See "
         "docs/quantize.md.";
}

void print(const Args& args, const Comparison& comparison) {
  std::vector<std::string> worst;
  for (const LayerError& layer : sorted(comparison.layers, "local")) {
    if (worst.size() < kMarked && std::isfinite(layer.localSqnrDb)) worst.push_back(layer.name);
  }
  std::vector<std::vector<std::string>> rows;
  for (const LayerError& l : sorted(comparison.layers, args.sort)) {
    const bool marked = std::find(worst.begin(), worst.end(), l.name) != worst.end();
    rows.push_back({marked ? "*" : "", l.name, l.op, decibels(l.localSqnrDb), decibels(l.cumulativeSqnrDb),
                    format("%.5f", l.cosine), format("%.2f%%", 100 * l.saturation)});
  }
  for (const LayerError& o : comparison.outputs) {
    rows.push_back({"", o.name, "output", "", decibels(o.cumulativeSqnrDb), format("%.5f", o.cosine), ""});
  }
  printTable({"", "layer", "op", ">local dB", ">cumulative dB", ">cosine", ">clipped"}, rows);
  std::printf("\n%zu samples. SQNR: higher is better; local is the layer's own loss, cumulative that of all up to it;\n"
              "* marks the worst by themselves. %s\n", comparison.samples, advice(comparison).c_str());
}

void run(const Args& args) {
  const Model reference = orFail(loadAnyModel(args.reference));
  const Model quantized = orFail(loadAnyModel(args.quantized));
  const Model& described = reference.metadata().contains("preprocessing") ? reference : quantized;
  SampleReader samples(args.data, described, 0, args.data.samples);
  const Comparison comparison =
      orFail(compare(reference, quantized, samples.source(), samples.size(), progressBar("compare")));
  if (args.printsJson && args.json.empty()) {
    printJson(toJson(comparison));
  } else {
    const std::string text = args.printsJson ? jsonText(toJson(comparison)) : "";
    if (args.printsJson) writeFile(args.json, {std::as_bytes(std::span(text))});
    print(args, comparison);
  }
  samples.reportLeftOut();
}

}  // namespace

void add_compare(CLI::App& app) {
  CLI::App* command = app.add_subcommand("compare", "Compare an int8 model with its float model, layer by layer");
  command->footer("Example: qrt compare mobilenet.onnx mobilenet_int8.qrt --data photos/ --samples 20 --sort local");
  const auto args = std::make_shared<Args>();
  command->add_option("FLOAT", args->reference, "The float model, .qrt, .onnx or .tflite")->required();
  command->add_option("INT8", args->quantized, "What qrt quantize made of it")->required();
  args->data.add(*command, true);
  command->add_option("--sort", args->sort, "Worst first by: local, cumulative, cosine, saturation; or in order")
      ->capture_default_str()
      ->check(CLI::IsMember({"order", "local", "cumulative", "cosine", "saturation"}));
  const CLI::Option* json = command->add_option("--json", args->json, "One JSON object on stdout, or the table there and JSON in this file; an infinite SQNR is null")
      ->type_name("[FILE]")
      ->expected(0, 1);
  command->callback([args, json] {
    args->printsJson = json->count() > 0;
    run(*args);
  });
}

}  // namespace qrt::tools
