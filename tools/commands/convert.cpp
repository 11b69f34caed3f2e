// qrt convert: any model → .qrt.
#include <cstdio>
#include <fstream>

#include "common/cli.h"
#include "common/image.h"
#include "common/npy.h"
#include "qrt/quantize.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  std::string output;
  std::string preprocess;
  std::string labels;
  bool dequantize = false;
};

std::string textOf(const std::string& path) {
  const std::vector<std::byte> data = readFile(path);
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

void run(const Args& args) {
  Model model = args.model.load();
  if (args.dequantize) model = orFail(dequantize(model), args.model.path);
  if (!args.preprocess.empty()) {
    const std::string text = textOf(args.preprocess);
    Preprocessing::parse(text, args.preprocess);
    model = model.withMetadata("preprocessing", text);
  }
  if (!args.labels.empty()) model = model.withMetadata("labels", textOf(args.labels));
  orFail(model.save(args.output));
  std::printf("%s: %zu layers, %s of weights\n", args.output.c_str(), model.layers().size(),
              bytes(static_cast<double>(model.constantBytes())).c_str());
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* command = app.add_subcommand("convert", "Convert a model to .qrt, optimizing its graph");
  command->footer("Example: qrt convert mobilenet.onnx mobilenet.qrt --preprocess preprocess.json --labels labels.txt");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  command->add_option("OUT", args->output, "The .qrt file to write")->required();
  command->add_option("--preprocess", args->preprocess, "JSON to keep in the model: how photos become inputs");
  command->add_option("--labels", args->labels, "Class names to keep in the model, one per line");
  command->add_flag("--dequantize", args->dequantize,
                    "Make the float model that an int8 model stands for, to quantize it anew; inputs and outputs become f32");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
