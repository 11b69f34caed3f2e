// qrt recipe: the default recipe of a model, to be edited.
#include <cstdio>

#include "common/cli.h"
#include "common/npy.h"
#include "qrt/quantize.h"

namespace qrt::tools {

void add_recipe(CLI::App& app) {
  CLI::App* command = app.add_subcommand("recipe", "Write a model's default quantization recipe, every layer listed");
  command->footer("Example: qrt recipe mobilenet.onnx -o recipe.json");
  struct Args {
    ModelArgs model;
    std::string output;
  };
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  command->add_option("--output,-o", args->output, "The JSON file to write (default: to stdout)");
  command->callback([args] {
    const Recipe recipe = orFail(makeRecipe(args->model.load()), args->model.path);
    const std::string json = recipe.toJson();
    if (args->output.empty()) {
      std::fputs(json.c_str(), stdout);
      return;
    }
    writeFile(args->output, {std::as_bytes(std::span(json))});
    std::printf("%s: %zu layers that can be int8\n", args->output.c_str(), recipe.layers.size());
  });
}

}  // namespace qrt::tools
