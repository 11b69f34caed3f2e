// From a graph with open dims to one whose every shape is known, as a session needs it.
#include <algorithm>
#include <string>
#include <vector>

#include "base/closest.h"
#include "base/error.h"
#include "graph/op.h"
#include "passes/passes.h"

namespace qrt {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 40;

// The shape of an input: `wanted` where given, which must agree with what the model says.
Result<Shape> inputShape(const Tensor& input, const Shape* wanted) {
  Shape shape = input.shape;
  if (wanted != nullptr) {
    const auto refuse = [&](const auto&... why) {
      return invalidArgument("input '", input.name, "': shape ", wanted->toString(), " was given, ",
                             why..., " (the model has ", input.shape.toString(), ")");
    };
    if (!wanted->ranked()) return refuse("wanted a known shape");
    if (shape.ranked() && shape.rank() != wanted->rank()) {
      return refuse("wanted ", shape.rank(), " dims, not ", wanted->rank());
    }
    for (int i = 0; i < wanted->rank(); ++i) {
      const int64_t dim = (*wanted)[i];
      if (shape.ranked() && dim == Shape::kUnknown) continue;
      if (dim <= 0) return refuse("dim ", i, " is ", dim, ", wanted at least 1");
      if (shape.ranked() && shape[i] != Shape::kUnknown && shape[i] != dim) {
        return refuse("wanted ", shape[i], " for dim ", i, ", not ", dim);
      }
    }
    if (!shape.ranked()) {
      shape = *wanted;
    } else {
      for (int i = 0; i < shape.rank(); ++i) {
        if ((*wanted)[i] != Shape::kUnknown) shape[i] = (*wanted)[i];
      }
    }
  }
  if (shape.rank() > 0 && shape[0] == Shape::kUnknown) shape[0] = 1;
  for (const int64_t dim : shape.dims()) {
    if (dim == 0) {
      return invalidArgument("input '", input.name, "' is empty: its shape is ", shape.toString(),
                             ", wanted dims of at least 1");
    }
  }
  if (!shape.known()) {
    return invalidArgument("input '", input.name, "' has shape ", input.shape.toString(),
                           ": the dims shown as ? must be given");
  }
  return shape;
}

Status setInputShapes(Graph& graph, const std::map<std::string, Shape>& inputShapes) {
  size_t used = 0;
  for (const TensorId id : graph.inputs) {
    Tensor& input = graph.tensor(id);
    const auto given = inputShapes.find(input.name);
    used += given != inputShapes.end();
    QRT_ASSIGN_OR_RETURN(input.shape,
                         inputShape(input, given == inputShapes.end() ? nullptr : &given->second));
  }
  if (used == inputShapes.size()) return {};
  std::vector<std::string> names;
  for (const TensorId id : graph.inputs) names.push_back(graph.tensor(id).name);
  for (const auto& [name, shape] : inputShapes) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return notFound("the model has no input '", name, "' to give a shape to",
                      suggestNames(name, names));
    }
  }
  return {};
}

// Everything must be known now, and fit a machine.
Status checkShapes(const Graph& graph) {
  int64_t total = 0;
  for (const Layer& layer : graph.layers) {
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) continue;
      const Tensor& tensor = graph.tensor(id);
      const auto where = [&] {
        return concat("layer '", layer.name, "' (", opName(layer.op), "): tensor '", tensor.name,
                      "' ");
      };
      if (!tensor.shape.known()) {
        return unsupported(
            where(), "has shape ", tensor.shape.toString(),
            ", which depends on data: wanted one that follows from the input shapes");
      }
      const auto count = tensor.shape.elementCount();
      if (!count || *count > kMostBytes) {
        return outOfMemory(where(), "of shape ", tensor.shape.toString(), " is too large");
      }
      if (*count == 0) {
        return unsupported(where(), "is empty: its shape is ", tensor.shape.toString());
      }
      total += *count * static_cast<int64_t>(dtypeSize(tensor.dtype));
      if (total > kMostBytes) {
        return outOfMemory(where(), "of shape ", tensor.shape.toString(),
                           ": this and the tensors before need ", total, " bytes, wanted at most ",
                           kMostBytes);
      }
    }
  }
  return {};
}

// What follows from the inputs' old shapes is forgotten.
Status startAnew(Graph& graph, const std::map<std::string, Shape>& inputShapes) {
  QRT_RETURN_IF_ERROR(setInputShapes(graph, inputShapes));
  for (const Layer& layer : graph.layers) {
    for (const TensorId id : layer.outputs) {
      if (id != kNoTensor) graph.tensor(id).shape = Shape::unranked();
    }
  }
  return {};
}

}  // namespace

Status specialize(Graph& graph, const std::map<std::string, Shape>& inputShapes) {
  QRT_RETURN_IF_ERROR(startAnew(graph, inputShapes));
  QRT_RETURN_IF_ERROR(optimize(graph, Quantized::fold));
  return checkShapes(graph);
}

Status specializeAsWritten(Graph& graph, const std::map<std::string, Shape>& inputShapes) {
  QRT_RETURN_IF_ERROR(startAnew(graph, inputShapes));
  GraphEditor editor(graph);
  FoldBudget budget = FoldBudget::of(graph);
  QRT_RETURN_IF_ERROR(foldConstants(editor, budget));
  removeDeadLayers(editor);
  editor.sort();
  graph.compact();
  return checkShapes(graph);
}

}  // namespace qrt
