// What the rest of the library takes for granted about a graph, checked once where graphs come in.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "graph/graph.h"
#include "graph/op.h"

namespace qrt {
namespace {

// The values of a dtype that may be quantized, or nullopt.
std::optional<std::pair<int32_t, int32_t>> quantRange(DType dtype) {
  switch (dtype) {
    case DType::s8: return std::pair(-128, 127);
    case DType::u8: return std::pair(0, 255);
    case DType::s16: return std::pair(-32768, 32767);
    case DType::u16: return std::pair(0, 65535);
    case DType::s32:
      return std::pair(std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
    default: return std::nullopt;
  }
}

Status validateQuant(const Tensor& tensor) {
  const QuantParams& quant = *tensor.quant;
  const auto range = quantRange(tensor.dtype);
  if (!range) return invalidArgument("quantized ", dtypeName(tensor.dtype), ", wanted integers");
  size_t wanted = 1;
  if (quant.axis != -1) {
    const bool ranked = tensor.shape.ranked();
    if (quant.axis < 0 || quant.axis >= (ranked ? tensor.shape.rank() : Shape::kMaxRank)) {
      return invalidArgument("quantization axis ", quant.axis, " of shape ", tensor.shape.toString());
    }
    const int64_t dim = ranked ? tensor.shape[quant.axis] : Shape::kUnknown;
    wanted = dim == Shape::kUnknown ? quant.scales.size() : static_cast<size_t>(dim);
  }
  if (quant.scales.size() != wanted || quant.zeroPoints.size() != wanted) {
    return invalidArgument(quant.scales.size(), " scales and ", quant.zeroPoints.size(),
                           " zero points, wanted ", wanted, " of each");
  }
  for (const float scale : quant.scales) {
    if (!std::isfinite(scale) || scale <= 0) {
      return invalidArgument("scale ", scale, ", wanted a positive finite number");
    }
  }
  for (const int32_t zeroPoint : quant.zeroPoints) {
    if (zeroPoint < range->first || zeroPoint > range->second) {
      return invalidArgument("zero point ", zeroPoint, ", wanted ", range->first, " to ",
                             range->second);
    }
  }
  return {};
}

Status validateArity(const Layer& layer) {
  const OpDef& def = opDef(layer.op);
  const auto check = [](size_t found, int least, int most, const char* what) -> Status {
    if (found >= static_cast<size_t>(least) && (most < 0 || found <= static_cast<size_t>(most))) {
      return {};
    }
    return most < 0 ? invalidArgument(found, " ", what, ", wanted at least ", least)
                    : invalidArgument(found, " ", what, ", wanted ", least, " to ", most);
  };
  QRT_RETURN_IF_ERROR(check(layer.inputs.size(), def.minInputs, def.maxInputs, "inputs"));
  QRT_RETURN_IF_ERROR(check(layer.outputs.size(), def.minOutputs, def.maxOutputs, "outputs"));
  if (layer.attributes.index() != defaultAttributes(layer.op).index()) {
    return internalError("attributes of another op");
  }
  for (size_t i = 0; i < static_cast<size_t>(def.minInputs); ++i) {
    if (layer.inputs[i] == kNoTensor) return invalidArgument("input ", i, " is missing");
  }
  return {};
}

}  // namespace

Status checkShape(const Shape& shape) {
  int64_t elements = 1;
  for (const int64_t dim : shape.dims()) {
    if (dim < Shape::kUnknown) {
      return invalidArgument("dimension ", dim, " in a shape, wanted at least ", Shape::kUnknown,
                             " (not known)");
    }
    if (dim > kMaxDim || dim > kMaxElements / elements) {
      return invalidArgument("shape ", shape.toString(), " has too many elements: wanted at most ",
                             kMaxElements, ", and dims of at most ", kMaxDim);
    }
    elements *= std::max<int64_t>(dim, 1);
  }
  return {};
}

Status checkTensor(const Tensor& tensor) {
  if (dtypeSize(tensor.dtype) == 0) {
    return invalidArgument("dtype number ", static_cast<int>(tensor.dtype), " is unknown");
  }
  QRT_RETURN_IF_ERROR(checkShape(tensor.shape));
  if (tensor.isConstant()) {
    if (!tensor.shape.known()) {
      return invalidArgument("constant of unknown shape ", tensor.shape.toString());
    }
    const size_t wanted = static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
    if (tensor.constant->bytes.size() != wanted) {
      return invalidArgument("constant of ", tensor.constant->bytes.size(), " bytes, wanted ", wanted,
                             " for ", dtypeName(tensor.dtype), " ", tensor.shape.toString());
    }
  }
  return tensor.quant ? validateQuant(tensor) : Status();
}

Status validate(const Graph& graph) {
  const auto inRange = [&](TensorId id) {
    return id >= 0 && static_cast<size_t>(id) < graph.tensors.size();
  };
  std::unordered_set<std::string_view> names;
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.name.empty()) return invalidArgument("a tensor has no name");
    if (!names.insert(tensor.name).second) {
      return invalidArgument("two tensors are named '", tensor.name, "'");
    }
    QRT_RETURN_IF_ERROR(annotate(checkTensor(tensor), "tensor '", tensor.name, "'"));
  }

  std::vector<bool> defined(graph.tensors.size());
  for (size_t i = 0; i < graph.tensors.size(); ++i) defined[i] = graph.tensors[i].isConstant();
  for (const TensorId id : graph.inputs) {
    if (!inRange(id)) return invalidArgument("graph input ", id, " of ", graph.tensors.size(), " tensors");
    if (defined[static_cast<size_t>(id)]) {
      return invalidArgument("graph input '", graph.tensor(id).name, "' is a constant or listed twice");
    }
    defined[static_cast<size_t>(id)] = true;
  }

  names.clear();
  for (const Layer& layer : graph.layers) {
    if (layer.name.empty()) return invalidArgument("a layer has no name");
    if (!names.insert(layer.name).second) {
      return invalidArgument("two layers are named '", layer.name, "'");
    }
    const std::string where = concat("layer '", layer.name, "' (", opName(layer.op), ")");
    QRT_RETURN_IF_ERROR(annotate(validateArity(layer), where));
    for (const TensorId id : layer.inputs) {
      if (id == kNoTensor) continue;
      if (!inRange(id)) return invalidArgument(where, ": input tensor ", id, " does not exist");
      if (!defined[static_cast<size_t>(id)]) {
        return invalidArgument(where, ": reads '", graph.tensor(id).name,
                               "' before anything makes it (a cycle, or layers out of order)");
      }
    }
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) continue;
      if (!inRange(id)) return invalidArgument(where, ": output tensor ", id, " does not exist");
      if (defined[static_cast<size_t>(id)]) {
        return invalidArgument(where, ": makes '", graph.tensor(id).name, "', which exists already");
      }
      defined[static_cast<size_t>(id)] = true;
    }
    if (layer.outputs.empty() || layer.outputs[0] == kNoTensor) {
      return invalidArgument(where, ": first output is missing");
    }
  }

  if (graph.outputs.empty()) return invalidArgument("the graph has no outputs");
  for (const TensorId id : graph.outputs) {
    if (!inRange(id)) {
      return invalidArgument("graph output ", id, " of ", graph.tensors.size(), " tensors");
    }
    if (!defined[static_cast<size_t>(id)]) {
      return invalidArgument("graph output '", graph.tensor(id).name, "' is made by no layer");
    }
  }
  return {};
}

}  // namespace qrt
