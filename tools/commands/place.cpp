// qrt place: the placement with the least latency, measured.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/cli.h"
#include "common/npy.h"
#include "qrt/diagnose.h"

namespace qrt::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Args {
  ModelArgs model;
  SessionArgs session;
  std::vector<std::string> backends;
  std::string output;
  int runs = 21;
  bool json = false;
};

std::string range(const Measured& m) { return format("%.3f [%.3f, %.3f]", m.median, m.low, m.high); }

void printJson(const FoundPlacement& found, const Session& chosen) {
  Json out = {{"layers", Json::array()}, {"transfers", Json::array()}, {"total_ms", 0.0}, {"chosen", found.chosen},
              {"predicted_ms", found.predictedMs}, {"lower_bound_ms", found.lowerBoundMs}, {"method", found.method},
              {"trials", Json::array()}};
  std::map<std::string, const LayerChoice*> choices;
  for (const LayerChoice& choice : found.layers) choices[choice.layer] = &choice;
  for (const LayerPlacement& p : chosen.placement().layers) {
    Json layer = {{"name", p.layer}, {"requested", p.requested}, {"actual", p.actual}, {"kernel", p.kernel}, {"reason", p.reason},
                  {"times", Json::array()}};
    const auto choice = choices.find(p.layer);
    for (size_t i = 0; choice != choices.end() && i < choice->second->times.size(); ++i) {
      const LayerTime& time = choice->second->times[i];
      layer["times"].push_back({{"backend", time.backend}, {"possible", time.possible}, {"reason", time.reason},
                                {"ms", time.ms.median}, {"low_ms", time.ms.low}, {"high_ms", time.ms.high}});
    }
    out["layers"].push_back(layer);
  }
  for (const Transfer& t : found.transfers) {
    out["transfers"].push_back({{"from", t.from}, {"to", t.to}, {"bytes", t.bytes}, {"ms", t.ms}, {"tensor", t.tensor}});
  }
  for (const PlacementTrial& trial : found.trials) {
    if (trial.name == found.chosen) out["total_ms"] = trial.ms.median;
    out["trials"].push_back({{"name", trial.name}, {"ms", trial.ms.median}, {"low_ms", trial.ms.low}, {"high_ms", trial.ms.high},
                             {"speedup", trial.speedup.median}, {"speedup_low", trial.speedup.low},
                             {"speedup_high", trial.speedup.high}, {"behind", trial.behind.median},
                             {"behind_low", trial.behind.low}, {"behind_high", trial.behind.high}});
  }
  tools::printJson(out);
}

void print(const Args& args, const FoundPlacement& found) {
  std::vector<std::string> header = {"layer", "op", "best"};
  if (!found.layers.empty()) {
    for (const LayerTime& time : found.layers[0].times) header.push_back(">" + time.backend + " ms");
  }
  std::vector<std::vector<std::string>> rows;
  for (const LayerChoice& choice : found.layers) {
    rows.push_back({choice.layer, choice.op, choice.backend});
    for (const LayerTime& time : choice.times) {
      rows.back().push_back(!time.possible ? "-" : time.ms.median == 0 ? "0" : range(time.ms));
    }
  }
  printTable(header, rows);
  std::printf("\npredicted %.3f ms, nothing can be below %.3f ms (%s)\n\n", found.predictedMs, found.lowerBoundMs, found.method.c_str());
  rows.clear();
  for (const PlacementTrial& trial : found.trials) {
    rows.push_back({trial.name == found.chosen ? "*" : "", trial.name, range(trial.ms), range(trial.speedup), range(trial.behind)});
  }
  printTable({"", "placement", ">ms [95% range]", ">times as fast as before", ">found, times as fast as it"}, rows);
  for (const Transfer& t : found.transfers) {
    std::printf("transfer %s: %s -> %s, %s, %.3f ms\n", t.tensor.c_str(), t.from.empty() ? "input" : t.from.c_str(),
                t.to.empty() ? "output" : t.to.c_str(), bytes(static_cast<double>(t.bytes)).c_str(), t.ms);
  }
  if (found.chosen == "before") std::printf("\nNothing is faster than what is there, beyond noise.\n");
  if (!args.output.empty()) std::printf("\n%s: '%s'\n", args.output.c_str(), found.chosen.c_str());
}

// A placement file, or the model with the placement in it.
void write(const std::string& file, const Model& model, const LayerBackends& placement) {
  if (file.ends_with(".qrt")) {
    orFail(withPlacement(model, placement).save(file));
    return;
  }
  const std::string json = placementToJson(model, placement);
  writeFile(file, {std::as_bytes(std::span(json))});
}

void run(const Args& args) {
  const Model model = args.model.load();
  PlaceOptions options;
  options.session = args.session.options(model, args.model);
  options.backends = args.backends;
  options.runs = args.runs;
  std::optional<Progress> progress;
  options.progress = [&](size_t, size_t total) {
    if (!progress) progress.emplace("measure", total);
    progress->step();
  };
  const FoundPlacement found = orFail(findPlacement(model, options));
  progress.reset();
  if (!args.output.empty()) write(args.output, model, found.placement);
  if (!args.json) return print(args, found);
  options.session.layerBackends.clear();
  options.session.placement = found.placement;
  printJson(found, orFail(Session::create(model, options.session)));
}

}  // namespace

void add_place(CLI::App& app) {
  CLI::App* command = app.add_subcommand("place", "Find the backend for each layer that makes a model fastest");
  command->footer("Example: qrt place model.qrt --backends cpu-int8,cpu-float -o placement.json\n"
                  "         qrt run model.qrt --input x.npy --placement-file placement.json\n"
                  "         qrt place model.qrt --backends cpu-int8,cpu-float -o placed.qrt");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->session.add(*command);
  command->add_option("--backends", args->backends, "Backends to choose from; see qrt backends")->delimiter(',')->required();
  command->add_option("--output,-o", args->output, "Placement file to write, or a .qrt file with the placement in it");
  command->add_option("--runs", args->runs, "Runs of each arrangement of layers")->capture_default_str()->check(CLI::Range(5, 100000));
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
