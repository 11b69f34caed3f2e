// qrt quantize: a float model and data → an int8 model, or the statistics that lead to one.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/samples.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  DataArgs data;
  std::string output;
  std::string recipe;
  std::string saveStatistics;
  std::vector<std::string> statistics;
  size_t firstSample = 0;
  int threads = 0;
  bool json = false;
};

Recipe recipeFor(const Args& args, const Model& model) {
  if (args.recipe.empty()) return orFail(makeRecipe(model), args.model.path);
  const std::vector<std::byte> json = readFile(args.recipe);
  return orFail(Recipe::fromJson({reinterpret_cast<const char*>(json.data()), json.size()}, model, args.recipe));
}

// How many samples to calibrate with, 0: all.
size_t sampleCount(const Args& args, const Recipe& recipe) {
  const auto batchNum = static_cast<size_t>(recipe.batchNum);
  if (batchNum == 0) return args.data.samples;
  if (args.firstSample >= batchNum) {
    throw Failure{"--first-sample " + std::to_string(args.firstSample) + ": the recipe's batch_num ends before, at " +
                  std::to_string(batchNum)};
  }
  const size_t left = batchNum - args.firstSample;
  return args.data.samples == 0 ? left : std::min(args.data.samples, left);
}

Statistics calibrate(const Args& args, const Model& model, const Recipe& recipe, SampleReader& samples) {
  Calibrator calibrator = orFail(Calibrator::create(
      model, recipe, {.inputShapes = args.model.shapes(model), .threads = args.threads, .firstSample = args.firstSample}));
  const TensorView input = orFail(calibrator.input(0));
  Progress progress("calibrate", samples.size());
  for (size_t i = 0; orFail(samples.load(i, {input})); ++i) {
    orFail(calibrator.feed(), samples.name(i));
    progress.step();
  }
  return orFail(calibrator.statistics());
}

Statistics merged(const std::vector<std::string>& files) {
  Statistics all = orFail(Statistics::load(files[0]));
  for (size_t i = 1; i < files.size(); ++i) orFail(all.merge(orFail(Statistics::load(files[i]))), files[i]);
  return all;
}

// What became of the model.
struct Summary {
  size_t samples = 0;
  size_t int8Layers = 0;
  std::vector<FloatLayer> floatLayers;
  struct Conversion {
    std::string op, tensor;
    Shape shape;
  };
  std::vector<Conversion> conversions;
  size_t bytesBefore = 0, bytesAfter = 0;  // of weights
};

Summary summarize(const Model& model, const Model& quantized, const Recipe& recipe, size_t samples) {
  Summary summary{.samples = samples,
                  .floatLayers = orFail(floatLayers(model, recipe)),
                  .bytesBefore = model.constantBytes(),
                  .bytesAfter = quantized.constantBytes()};
  for (const LayerInfo& layer : quantized.layers()) {
    if (layer.op == "Quantize" || layer.op == "Dequantize" || layer.op == "Requantize") {
      summary.conversions.push_back({layer.op, layer.inputs[0], quantized.tensor(layer.inputs[0])->shape});
    } else {
      summary.int8Layers += quantized.tensor(layer.outputs[0])->dtype == DType::s8;
    }
  }
  return summary;
}

void print(const std::string& output, const Summary& summary) {
  const auto before = static_cast<double>(summary.bytesBefore), after = static_cast<double>(summary.bytesAfter);
  std::printf("%s\n  calibrated  %zu samples\n  layers      %zu int8, %zu float\n  weights     %s, were %s (%.2fx smaller)\n",
              output.c_str(), summary.samples, summary.int8Layers, summary.floatLayers.size(), bytes(after).c_str(),
              bytes(before).c_str(), before / after);
  std::vector<std::vector<std::string>> rows;
  for (const FloatLayer& layer : summary.floatLayers) rows.push_back({"  " + layer.name, layer.op, layer.reason});
  if (!rows.empty()) {
    std::printf("\nLayers that stay float:\n");
    printTable({"  layer", "op", "because"}, rows);
  }
  rows.clear();
  for (const auto& c : summary.conversions) rows.push_back({"  " + c.op, c.tensor, c.shape.toString()});
  if (!rows.empty()) {
    std::printf("\nConversions:\n");
    printTable({"  op", "of tensor", "shape"}, rows);
  }
}

void printJson(const std::string& output, const Summary& summary) {
  nlohmann::ordered_json out = {{"output", output}, {"samples", summary.samples}, {"int8_layers", summary.int8Layers},
                                {"float_layers", nlohmann::ordered_json::array()},
                                {"conversions", nlohmann::ordered_json::array()},
                                {"weight_bytes_before", summary.bytesBefore}, {"weight_bytes", summary.bytesAfter}};
  for (const FloatLayer& layer : summary.floatLayers) {
    out["float_layers"].push_back({{"name", layer.name}, {"op", layer.op}, {"reason", layer.reason}});
  }
  for (const auto& c : summary.conversions) out["conversions"].push_back({{"op", c.op}, {"tensor", c.tensor}});
  tools::printJson(out);
}

void run(const Args& args) {
  if (args.output.empty() && args.saveStatistics.empty()) throw Failure{"nothing to write: wanted -o OUT.qrt or --save-statistics FILE"};
  if (args.data.data.empty() && args.statistics.empty()) throw Failure{"nothing to calibrate with: wanted --data or --statistics"};
  const Model model = args.model.load();
  const Recipe recipe = recipeFor(args, model);
  std::optional<SampleReader> samples;
  if (!args.data.data.empty()) samples.emplace(args.data, model, args.firstSample, sampleCount(args, recipe));
  const Statistics statistics =
      args.statistics.empty() ? calibrate(args, model, recipe, *samples) : merged(args.statistics);
  if (!args.saveStatistics.empty()) orFail(statistics.save(args.saveStatistics));
  if (!args.output.empty()) {
    const SampleSource source = samples ? samples->source() : nullptr;
    Model quantized = orFail(quantize(model, statistics, recipe,
                                      {.samples = source, .threads = args.threads, .progress = progressBar("correct")}));
    if (!args.data.preprocess.empty() && samples->images()) {
      const std::vector<std::byte> json = readFile(args.data.preprocess);
      quantized = quantized.withMetadata("preprocessing", {reinterpret_cast<const char*>(json.data()), json.size()});
    }
    orFail(quantized.save(args.output));
    const Summary summary = summarize(model, quantized, recipe, statistics.samples());
    args.json ? printJson(args.output, summary) : print(args.output, summary);
  } else if (args.json) {
    tools::printJson({{"statistics", args.saveStatistics}, {"samples", statistics.samples()}});
  } else {
    std::printf("%s: %zu samples\n", args.saveStatistics.c_str(), statistics.samples());
  }
  if (samples) samples->reportLeftOut();
}

}  // namespace

void add_quantize(CLI::App& app) {
  CLI::App* command = app.add_subcommand("quantize", "Quantize a float model to int8 with data of yours");
  command->footer("Example: qrt quantize mobilenet.onnx -o mobilenet_int8.qrt --data photos/ --preprocess preprocess.json\n"
                  "         qrt quantize m.onnx --data list.txt --first-sample 500 --samples 500 --save-statistics b.stats\n"
                  "         qrt quantize m.onnx --statistics a.stats b.stats --recipe recipe.json -o m_int8.qrt");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->data.add(*command, false);
  command->add_option("--output,-o", args->output, "The .qrt file to write");
  command->add_option("--recipe", args->recipe, "JSON that says how, layer by layer (default: that of qrt recipe)");
  command->add_option("--save-statistics", args->saveStatistics, "File to keep what calibration saw, for --statistics");
  command->add_option("--statistics", args->statistics,
                      "Saved statistics, merged, instead of a calibration; --data is then only for ada_round and bias_correction");
  command->add_option("--first-sample", args->firstSample, "Calibrate from this sample on: a machine's share of the data");
  command->add_option("--threads", args->threads, "Threads, 0 for one per core")->capture_default_str()->check(CLI::Range(0, 1024));
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
