// From a float model, statistics and a recipe to the int8 model: the steps, one file each.
#include <algorithm>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "quantize/activation_params.h"
#include "quantize/corrections/correct_layers.h"
#include "quantize/observers/observer.h"
#include "quantize/precision.h"
#include "quantize/prepare_graph.h"
#include "quantize/recipe.h"
#include "quantize/statistics.h"
#include "quantize/write_int8.h"

namespace qrt {
namespace {

Result<Int8Plan> makePlan(const Graph& graph, const Statistics::Data& statistics,
                          const Recipe& recipe) {
  Int8Plan plan;
  const std::vector<bool> int8 = chooseInt8Layers(graph, recipe);
  for (size_t i = 0; i < int8.size(); ++i) {
    plan.recipes.push_back(int8[i] ? int8Recipe(recipe, graph, graph.layers[i]) : nullptr);
  }
  if (std::find(int8.begin(), int8.end(), true) == int8.end()) {
    return invalidArgument("the recipe leaves no layer int8: wanted quant_enable true for at least one");
  }
  const ChooseRange choose = [&](const Tensor& tensor,
                                 const ActivationQuantParams& params) -> Result<ClipRange> {
    const auto found = statistics.tensors.find(tensor.name);
    if (found != statistics.tensors.end()) return chooseRange(found->second, params);
    return internalError("there are no statistics of tensor '", tensor.name, "'");
  };
  QRT_ASSIGN_OR_RETURN(plan.params, chooseActivationParams(graph, plan.recipes, choose));
  return plan;
}

Result<Model> quantizeModel(const Model& model, const Statistics& statistics, const Recipe& given,
                            const QuantizeOptions& options) {
  QRT_ASSIGN_OR_RETURN(const Recipe recipe, resolveRecipe(model, given));
  QRT_RETURN_IF_ERROR(checkStatistics(statistics, model, recipe));
  QRT_ASSIGN_OR_RETURN(Graph prepared, prepareGraph(model, recipe));
  QRT_ASSIGN_OR_RETURN(const Int8Plan plan, makePlan(prepared, statistics.data(), recipe));
  QRT_ASSIGN_OR_RETURN(Graph graph, writeInt8(prepared, plan));
  if (wantsCorrections(recipe)) {
    QRT_RETURN_IF_ERROR(correctLayers(prepared, recipe, options, graph));
  }
  graph.metadata["recipe"] = recipe.toJson();
  QRT_RETURN_IF_ERROR(annotate(validate(graph), "the int8 graph"));
  QRT_RETURN_IF_ERROR(annotate(inferShapes(graph), "the int8 graph"));
  return makeModel(std::move(graph));
}

}  // namespace

Result<Model> quantize(const Model& model, const Statistics& statistics, const Recipe& recipe,
                       const QuantizeOptions& options) {
  return catchOutOfMemory([&] { return quantizeModel(model, statistics, recipe, options); });
}

}  // namespace qrt
