#include "import/tflite/op.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "graph/op.h"

namespace qrt::tflite_import {
namespace {

// y[i] = x[perm[i]] of a constant's elements and its axis.
Tensor permuted(const Tensor& x, const std::vector<int64_t>& perm) {
  const size_t element = dtypeSize(x.dtype);
  Tensor y{x.name, x.dtype, Shape(), x.quant, {}};
  std::array<int64_t, Shape::kMaxRank> steps{}, at{};
  for (size_t i = 0; i < perm.size(); ++i) {
    const auto from = static_cast<int>(perm[i]);
    y.shape.append(x.shape[from]);
    steps[i] = 1;
    for (int d = from + 1; d < x.shape.rank(); ++d) steps[i] *= x.shape[d];
    if (x.quant && x.quant->axis == from) y.quant->axis = static_cast<int>(i);
  }
  std::vector<std::byte> bytes(x.constant->bytes.size());
  for (size_t out = 0; out < bytes.size(); out += element) {
    int64_t in = 0;
    for (size_t i = 0; i < perm.size(); ++i) in += at[i] * steps[i];
    std::memcpy(bytes.data() + out, x.constant->bytes.data() + static_cast<size_t>(in) * element, element);
    for (size_t i = perm.size(); i-- > 0;) {
      if (++at[i] < y.shape[static_cast<int>(i)]) break;
      at[i] = 0;
    }
  }
  y.constant = ConstantData::copyOf(bytes);
  return y;
}

}  // namespace

Op::Op(Builder& builder, const File& file, const tfl::Operator& op, Values& values)
    : builder_(builder), file_(file), op_(op), values_(values) {
  name_ = outputCount() == 0 ? "layer" : values_.names[static_cast<size_t>(op_.outputs()->Get(0))];
}

TensorId Op::raw(size_t i) {
  if (!has(i)) {
    refuse("input ", i, " is missing");
    return kNoTensor;
  }
  const auto at = static_cast<size_t>(index(i));
  if (values_.asInFile[at] != kNoTensor) return values_.asInFile[at];
  Result<Tensor> found = file_.tensor(index(i));
  if (found.ok() && !found->isConstant()) {
    found = corruptData("nothing has made it yet, and it is no constant");
  }
  if (!found.ok()) {
    if (status_.ok()) status_ = annotate(found.status(), "tensor '", values_.names[at], "'");
    return kNoTensor;
  }
  found->name = values_.names[at];
  return values_.asInFile[at] = builder_.addNamedTensor(std::move(*found));
}

TensorId Op::in(size_t i) {
  const TensorId id = raw(i);
  if (id == kNoTensor || !tensor(id).quant) return id;
  TensorId& floats = values_.asFloats[static_cast<size_t>(index(i))];
  if (floats == kNoTensor) floats = add(OpType::Dequantize, {id});
  return floats;
}

std::vector<int64_t> Op::ints(size_t i) {
  const TensorId id = raw(i);
  if (id == kNoTensor) return {};
  const auto values = constantInts(builder_.graph(), id);
  if (!values) refuse("input ", i, " is not a constant list of integers");
  return values.value_or(std::vector<int64_t>());
}

TensorId Op::weights(size_t i, const std::vector<int64_t>& perm) {
  TensorId id = raw(i);
  if (id == kNoTensor) return id;
  if (!perm.empty()) {
    if (!tensor(id).isConstant()) {
      refuse("its weights are computed, wanted constants");
      return id;
    }
    if (shape(id).rank() != static_cast<int>(perm.size())) {
      refuse("weights of shape ", shape(id).toString());
      return id;
    }
    id = builder_.addTensor(permuted(tensor(id), perm));
  }
  return tensor(id).quant ? add(OpType::Dequantize, {id}) : id;
}

Tensor Op::outputTensor(size_t i) {
  if (i >= outputCount()) {
    refuse("output ", i, " is missing");
    return {};
  }
  auto found = file_.tensor(op_.outputs()->Get(static_cast<uint32_t>(i)));
  if (found.ok()) return *found;
  if (status_.ok()) status_ = found.status();
  return {};
}

TensorId Op::add(OpType type, Attributes attributes, std::vector<TensorId> inputs, Fold fold) {
  while (!inputs.empty() && inputs.back() == kNoTensor) inputs.pop_back();
  return addMany(type, std::move(attributes), std::move(inputs), {Tensor{}}, fold)[0];
}

std::vector<TensorId> Op::addMany(OpType type, Attributes attributes, std::vector<TensorId> inputs,
                                  std::vector<Tensor> outputs, Fold fold) {
  const std::vector<TensorId> nothing(outputs.size(), inputs.empty() ? kNoTensor : inputs[0]);
  if (!ok()) return nothing;
  const OpDef& def = opDef(type);
  const auto within = [](size_t count, int least, int most) {
    return count >= static_cast<size_t>(least) && (most < 0 || count <= static_cast<size_t>(most));
  };
  if (!within(inputs.size(), def.minInputs, def.maxInputs) ||
      !within(outputs.size(), def.minOutputs, def.maxOutputs)) {
    status_ = corruptData(inputs.size(), " inputs and ", outputs.size(), " outputs of ", opName(type));
    return nothing;
  }
  std::string name = concat(name_, '/', opName(type));
  if (!named_ && type != OpType::Dequantize) {
    name = name_;
    named_ = true;
  }
  for (Tensor& output : outputs) {
    if (output.name.empty()) output.name = concat(name_, '/', opName(type));
  }
  auto ids = builder_.addLayer(builder_.reserveLayerName(name), type, std::move(attributes),
                               std::move(inputs), std::move(outputs), fold);
  if (ids.ok()) return *ids;
  status_ = ids.status();
  return nothing;
}

TensorId Op::constant(const std::vector<int64_t>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return builder_.addTensor({"constant", DType::s64, {static_cast<int64_t>(values.size())}, {},
                             ConstantData::copyOf(bytes)});
}

TensorId Op::constant(float value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  return builder_.addTensor({"constant", DType::f32, Shape(), {}, ConstantData::copyOf(bytes)});
}

TensorId Op::activated(TensorId id, int8_t kind) {
  switch (kind) {
    case 0: return id;
    case 1: return add(OpType::Relu, {id});
    case 2: return add(OpType::Clip, ClipAttrs{-1, 1}, {id});
    case 3: return add(OpType::Clip, ClipAttrs{0, 6}, {id});
    case 4: return add(OpType::Tanh, {id});
    default: refuse("fused activation number ", int{kind}); return id;
  }
}

void Op::output(size_t i, TensorId id) {
  const Tensor wanted = outputTensor(i);
  if (!ok()) return;
  const auto at = static_cast<size_t>(op_.outputs()->Get(static_cast<uint32_t>(i)));
  if (values_.asInFile[at] != kNoTensor) {
    status_ = corruptData("tensor '", values_.names[at], "' is made twice");
    return;
  }
  if (wanted.quant) {
    id = addMany(OpType::Quantize, NoAttrs{}, {id}, {Tensor{{}, wanted.dtype, Shape::unranked(), wanted.quant, {}}})[0];
  } else if (builder_.producer(id) == nullptr && !tensor(id).isConstant()) {
    id = add(OpType::Identity, NoAttrs{}, {id}, Fold::never);  // an input keeps its own name
  } else if (tensor(id).isConstant()) {
    values_.asInFile[at] = id;  // folded
    return;
  }
  if (!ok()) return;
  if (tensor(id).dtype != wanted.dtype) {
    status_ = corruptData("output ", i, " is ", dtypeName(wanted.dtype), ", its inputs make ",
                          dtypeName(tensor(id).dtype));
    return;
  }
  builder_.graph().tensor(id).name = values_.names[at];
  values_.asInFile[at] = id;
}

}  // namespace qrt::tflite_import
