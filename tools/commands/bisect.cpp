// qrt bisect: which layers make a backend slow, or wrong, from whole runs.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/cli.h"
#include "qrt/diagnose.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  std::string backend;
  std::vector<std::string> fallback;
  std::string metric = "time";
  double smallestGain = BisectOptions{}.smallestGain;
  int mostRuns = BisectOptions{}.mostRuns;
  int threads = 1;
  bool json = false;
};

void print(const Bisection& found, bool time) {
  const char* unit = time ? " ms" : "";
  std::printf("\n");
  if (found.culprits.empty()) {
    std::printf(time ? "No layer is slow: moving none of them saves that much.\n" : "No layer is wrong.\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const Culprit& culprit : found.culprits) {
    rows.push_back({culprit.layer, culprit.op,
                    time ? format("%.3f +- %.3f ms", culprit.gain, culprit.deviation) : format("%.3g", culprit.gain)});
  }
  if (!rows.empty()) printTable({"layer", "op", time ? ">saved by moving it" : ">error that goes with it"}, rows);
  std::printf("%.4g%s with all layers there", found.before, unit);
  if (!found.culprits.empty()) {
    std::printf(", %.4g%s with %s moved", found.after, unit, found.culprits.size() == 1 ? "this one" : "these");
  }
  std::printf("; confidence %.3f, %d runs\n", found.confidence, found.runs);
}

void run(const Args& args) {
  const Model model = args.model.load();
  BisectOptions options;
  options.session.threads = args.threads;
  options.session.backends = args.fallback;
  options.session.inputShapes = args.model.shapes(model);
  options.backend = args.backend;
  options.metric = args.metric == "time" ? BisectMetric::time : BisectMetric::error;
  options.smallestGain = args.smallestGain;
  options.mostRuns = args.mostRuns;
  if (!args.json) {
    options.say = [](const std::string& sentence) {
      std::printf("%s\n", sentence.c_str());
      std::fflush(stdout);
    };
  }
  const Bisection found = orFail(bisect(model, options));
  if (!args.json) return print(found, args.metric == "time");
  nlohmann::ordered_json out = {{"culprits", nlohmann::ordered_json::array()}, {"steps", found.steps},
                                {"confidence", found.confidence}, {"before", found.before}, {"after", found.after},
                                {"runs", found.runs}, {"gains", nlohmann::ordered_json::array()}};
  for (const Culprit& culprit : found.culprits) {
    out["culprits"].push_back(culprit.layer);
    out["gains"].push_back(culprit.gain);
  }
  printJson(out);
}

}  // namespace

void add_bisect(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bisect", "Find the layers that make a backend slow or wrong, from whole runs");
  command->footer("Example: qrt bisect model.qrt --backend cpu-float --metric time\n"
                  "         qrt bisect model.qrt --backend cpu-int8 --fallback reference --metric error");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  command->add_option("--backend", args->backend, "The suspect; see qrt backends")->required();
  command->add_option("--fallback", args->fallback, "Where moved layers go (default: the built-in backends)")->delimiter(',');
  command->add_option("--metric", args->metric, "time, or error of the outputs against the fallback's")
      ->capture_default_str()
      ->check(CLI::IsMember({"time", "error"}));
  command->add_option("--smallest", args->smallestGain, "A layer is slow if moving it saves this share of a run")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 0.9));
  command->add_option("--most-runs", args->mostRuns, "Give up after so many")->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--threads", args->threads, "Threads, 0 for one per core")->capture_default_str()->check(CLI::Range(0, 1024));
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
