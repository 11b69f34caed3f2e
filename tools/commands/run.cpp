// qrt run: one run on the user's own inputs.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "common/classes.h"
#include "common/cli.h"
#include "common/dataset.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  SessionArgs session;
  std::vector<std::string> inputs;
  std::string output;
  std::string preprocess;
  std::string labels;
  size_t top = 5;
  bool json = false;
};

// Fills the inputs in order, or by name where FILE is NAME=FILE.
void fillInputs(Session& session, const Model& model, const Args& args) {
  const size_t wanted = session.inputs().size();
  std::vector<bool> filled(wanted);
  size_t next = 0;
  for (const std::string& text : args.inputs) {
    auto [name, file] = splitAssignment(text);
    if (!name.empty() && std::filesystem::exists(text)) name.clear(), file = text;
    size_t index = next;
    if (!name.empty()) {
      for (index = 0; index < wanted && session.inputs()[index].name != name; ++index) {
      }
      if (index == wanted) orFail(session.input(name));  // its message lists the inputs
    }
    if (index >= wanted) throw Failure{std::to_string(args.inputs.size()) + " inputs given, the model has " + std::to_string(wanted)};
    const TensorInfo& info = session.inputs()[index];
    const TensorView view = orFail(session.input(index));
    if (isImageName(file)) {
      const Preprocessing how = preprocessingFor(model, info, args.preprocess);
      preprocess(readImage(file, how.channels()), how, view);
    } else {
      copyArray(readNpy(file), view, file);
    }
    filled[index] = true;
    while (next < wanted && filled[next]) ++next;
  }
  if (next < wanted) throw Failure{"no --input for '" + session.inputs()[next].name + "' (" + session.inputs()[next].shape.toString() + ")"};
}

// A tensor name as a file name that is not in `taken`, which it joins.
std::string fileName(std::string name, std::set<std::string>& taken) {
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  if (name.empty() || name[0] == '.') name = "_" + name;
  std::string unique = name;
  for (int suffix = 1; !taken.insert(unique).second; ++suffix) unique = name + "_" + std::to_string(suffix);
  return unique + ".npy";
}

void printClasses(const Model& model, const Args& args, const ConstTensorView& scores, size_t classes) {
  const std::vector<std::string> labels = labelsFor(model, args.labels, classes);
  for (const Ranked& best : bestClasses(scores, args.top)) {
    std::printf("%10.4f  %s\n", static_cast<double>(best.score),
                labels.empty() ? ("class " + std::to_string(best.index)).c_str() : labels[best.index].c_str());
  }
}

void run(const Args& args) {
  const Model model = args.model.load();
  Session session = orFail(Session::create(model, args.session.options(model, args.model)));
  fillInputs(session, model, args);
  const auto start = std::chrono::steady_clock::now();
  orFail(session.run());
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();

  nlohmann::ordered_json out = {{"outputs", nlohmann::ordered_json::array()}, {"ms", ms}};
  if (!args.output.empty()) {
    std::error_code error;
    std::filesystem::create_directories(args.output, error);
    if (error) throw Failure{args.output + ": " + error.message()};
  }
  std::set<std::string> taken;
  for (size_t i = 0; i < session.outputs().size(); ++i) {
    const TensorInfo& info = session.outputs()[i];
    const ConstTensorView view = orFail(session.output(i));
    const size_t classes = classCount(info);
    std::string file;
    if (!args.output.empty() || classes == 0) {
      file = (std::filesystem::path(args.output.empty() ? "." : args.output) / fileName(info.name, taken)).string();
      writeNpy(file, view);
    }
    if (!args.json) {
      std::printf("%s  %s %s%s%s\n", info.name.c_str(), std::string(dtypeName(info.dtype)).c_str(), info.shape.toString().c_str(),
                  file.empty() ? "" : " -> ", file.c_str());
      if (classes > 0) printClasses(model, args, view, classes);
    }
    out["outputs"].push_back({{"name", info.name}, {"dtype", dtypeName(info.dtype)},
                              {"shape", std::vector<int64_t>(info.shape.dims().begin(), info.shape.dims().end())}, {"file", file}});
  }
  if (args.json) printJson(out);
  else std::printf("%.3f ms\n", ms);
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "Run a model on images or arrays; print classes or write .npy files");
  command->footer("Example: qrt run mobilenet.onnx --input cat.jpg --labels labels.txt\n"
                  "         qrt run detector.qrt --input image=x.npy --output results --layer-backend conv1=reference");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->session.add(*command);
  command->add_option("--input,-i", args->inputs, "[NAME=]FILE: .jpg, .png or .npy; one for each input")->required();
  command->add_option("--output,-o", args->output, "Folder for the outputs, one .npy each (a classifier's only if given)");
  command->add_option("--preprocess", args->preprocess, kPreprocessHelp);
  command->add_option("--labels", args->labels, "Class names, one per line");
  command->add_option("--top", args->top, "How many classes to print")->capture_default_str();
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
