// qrt eval: a classifier's accuracy on labelled samples.
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/classes.h"
#include "common/cli.h"
#include "common/evaluate.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  SessionArgs session;
  std::string data;
  std::string preprocess;
  size_t limit = 0;
  bool json = false;
};

void run(const Args& args) {
  const Model model = args.model.load();
  const Dataset data = Dataset::open(args.data);
  Session session = orFail(Session::create(model, args.session.options(model, args.model)));
  const Accuracy result = evaluate(session, model, data, args.preprocess, args.limit);
  if (args.json) {
    return printJson({{"samples", result.samples}, {"top1", result.top1()}, {"top5", result.top5()},
                      {"ms_per_sample", result.msPerSample()}});
  }
  std::printf("samples  %zu\ntop-1    %.2f %% (%zu)\ntop-5    %.2f %% (%zu)\ntime     %.3f ms per sample\n", result.samples,
              100 * result.top1(), result.hits1, 100 * result.top5(), result.hits5, result.msPerSample());
}

}  // namespace

void add_eval(CLI::App& app) {
  CLI::App* command = app.add_subcommand("eval", "Measure a classifier's top-1 and top-5 accuracy on labelled data");
  command->footer("Example: qrt eval mobilenet.qrt --data test_list.txt --preprocess preprocess.json");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->session.add(*command);
  command->add_option("--data", args->data, "List file (lines `path output-index`) or .npz with x and y")->required();
  command->add_option("--preprocess", args->preprocess, kPreprocessHelp);
  command->add_option("--limit", args->limit, "Only the first N samples");
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
