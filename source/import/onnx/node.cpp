#include "import/onnx/node.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <limits>

#include "graph/op.h"
#include "import/onnx/tensor_proto.h"

namespace qrt::onnx_import {

using ::onnx::AttributeProto;

Node::Node(Builder& builder, ::onnx::NodeProto& proto, const OpRow& row, int64_t opset,
           std::string layerName)
    : builder_(builder),
      proto_(proto),
      row_(row),
      opset_(opset),
      layerName_(std::move(layerName)),
      outputNames_(proto.output().begin(), proto.output().end()) {}

Status Node::translate() {
  if (opset_ < row_.since) {
    return unsupported("opset ", opset_, " gives it another meaning; supported from opset ",
                       row_.since);
  }
  QRT_RETURN_IF_ERROR(resolveInputs());
  row_.translate(*this);
  if (!status_.ok()) return status_;
  return finish();
}

Status Node::resolveInputs() {
  const int count = proto_.input_size();
  if (row_.maxInputs >= 0 && count > row_.maxInputs) {
    return corruptData(count, " inputs, wanted at most ", row_.maxInputs);
  }
  for (const std::string& name : proto_.input()) {
    inputs_.push_back(name.empty() ? kNoTensor : builder_.value(name));
    if (!name.empty() && inputs_.back() == kNoTensor) {
      return corruptData("reads '", name,
                         "' before anything makes it (a cycle, or nodes out of order)");
    }
  }
  for (size_t i = 0; i < static_cast<size_t>(row_.minInputs); ++i) {
    if (!has(i)) return corruptData("input ", i, " is missing");
  }
  if (!wants(0)) return corruptData("output 0 is missing");
  return {};
}

Status Node::finish() {
  for (const AttributeProto& attribute : proto_.attribute()) {
    if (!asked_.contains(attribute.name())) {
      return unsupported("attribute '", attribute.name(), "'");
    }
  }
  for (size_t i = 0; i < outputNames_.size(); ++i) {
    if (wants(i) && builder_.value(outputNames_[i]) == kNoTensor) {
      return unsupported("output ", i, " ('", outputNames_[i], "')");
    }
  }
  return {};
}

void Node::output(size_t i, TensorId id) {
  if (!ok() || !wants(i)) return;
  if (!made_.contains(id)) id = add(OpType::Identity, {id}, "copy");
  made_.erase(id);
  check(builder_.define(outputNames_[i], id));
  builder_.graph().tensor(id).name = outputNames_[i];
}

// Attributes.

namespace {

const AttributeProto* findAttribute(const ::onnx::NodeProto& proto, std::string_view name) {
  const auto found = std::find_if(proto.attribute().begin(), proto.attribute().end(),
                                  [&](const AttributeProto& a) { return a.name() == name; });
  return found == proto.attribute().end() ? nullptr : &*found;
}

Status wrongType(const AttributeProto& attribute, AttributeProto::AttributeType wanted) {
  return corruptData("attribute '", attribute.name(), "' is ",
                     ::onnx::AttributeProto_AttributeType_Name(attribute.type()), ", wanted ",
                     ::onnx::AttributeProto_AttributeType_Name(wanted));
}

}  // namespace

bool Node::hasAttribute(std::string_view name) const {
  return findAttribute(proto_, name) != nullptr;
}

void Node::ignore(std::initializer_list<std::string_view> names) {
  asked_.insert(names.begin(), names.end());
}

int64_t Node::getInt(std::string_view name, int64_t fallback) {
  ignore({name});
  const AttributeProto* attribute = findAttribute(proto_, name);
  if (attribute == nullptr) return fallback;
  if (attribute->type() == AttributeProto::INT) return attribute->i();
  check(wrongType(*attribute, AttributeProto::INT));
  return fallback;
}

int32_t Node::getInt32(std::string_view name, int64_t fallback) {
  const int64_t value = getInt(name, fallback);
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    wrong("attribute '", name, "' is ", value, ", wanted a 32-bit number");
    return static_cast<int32_t>(fallback);
  }
  return static_cast<int32_t>(value);
}

float Node::getFloat(std::string_view name, float fallback) {
  ignore({name});
  const AttributeProto* attribute = findAttribute(proto_, name);
  if (attribute == nullptr) return fallback;
  if (attribute->type() == AttributeProto::FLOAT) return attribute->f();
  check(wrongType(*attribute, AttributeProto::FLOAT));
  return fallback;
}

std::string Node::getString(std::string_view name, std::string_view fallback) {
  ignore({name});
  const AttributeProto* attribute = findAttribute(proto_, name);
  if (attribute == nullptr) return std::string(fallback);
  if (attribute->type() == AttributeProto::STRING) return attribute->s();
  check(wrongType(*attribute, AttributeProto::STRING));
  return std::string(fallback);
}

std::optional<std::vector<int64_t>> Node::getInts(std::string_view name) {
  ignore({name});
  const AttributeProto* attribute = findAttribute(proto_, name);
  if (attribute == nullptr) return std::nullopt;
  if (attribute->type() != AttributeProto::INTS) {
    check(wrongType(*attribute, AttributeProto::INTS));
    return std::nullopt;
  }
  return std::vector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

TensorId Node::getConstant(std::string_view name) {
  ignore({name});
  auto& attributes = *proto_.mutable_attribute();
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const AttributeProto& a) { return a.name() == name; });
  if (found == attributes.end()) return kNoTensor;
  // Numbers go the way of a tensor, so that there is one path.
  AttributeProto& attribute = *found;
  ::onnx::TensorProto numbers;
  ::onnx::TensorProto* proto = &numbers;
  switch (attribute.type()) {
    case AttributeProto::TENSOR:
      proto = attribute.mutable_t();
      break;
    case AttributeProto::FLOAT:
      numbers.set_data_type(::onnx::TensorProto::FLOAT);
      numbers.add_float_data(attribute.f());
      break;
    case AttributeProto::INT:
      numbers.set_data_type(::onnx::TensorProto::INT64);
      numbers.add_int64_data(attribute.i());
      break;
    case AttributeProto::FLOATS:
      numbers.set_data_type(::onnx::TensorProto::FLOAT);
      numbers.add_dims(attribute.floats_size());
      *numbers.mutable_float_data() = attribute.floats();
      break;
    case AttributeProto::INTS:
      numbers.set_data_type(::onnx::TensorProto::INT64);
      numbers.add_dims(attribute.ints_size());
      *numbers.mutable_int64_data() = attribute.ints();
      break;
    default:
      refuse("attribute '", name, "' of type ",
             ::onnx::AttributeProto_AttributeType_Name(attribute.type()));
      return kNoTensor;
  }
  Result<Tensor> tensor = tensorFromProto(*proto, {});
  check(tensor.status());
  return tensor.ok() ? addTensor(std::move(tensor).value(), name) : kNoTensor;
}

// Tensors.

std::optional<std::vector<double>> Node::numbers(TensorId id) const {
  const Tensor* constant = builder_.graph().constant(id);
  if (constant == nullptr) return std::nullopt;
  const ConstTensorView view = constant->constantView();
  std::vector<double> values(static_cast<size_t>(view.shape.elements()));
  const Layer cast{"", OpType::Cast, CastAttrs{DType::f64}, {0}, {0}};
  const TensorView out{DType::f64, view.shape, values.data()};
  if (!runReference(cast, {&view, 1}, {&out, 1}).ok()) return std::nullopt;
  return values;
}

std::optional<std::vector<int64_t>> Node::intsFrom(std::string_view attribute, size_t i) {
  auto values = getInts(attribute);
  if (!values && has(i)) {
    values = ints(in(i));
    if (!values) refuse(attribute, " must be a constant");
  }
  return values;
}

// Building.

std::string Node::nameWith(std::string_view suffix) const {
  return suffix.empty() ? layerName_ : concat(layerName_, '/', suffix);
}

std::string Node::takeLayerName(std::string_view suffix) {
  if (!suffix.empty() || layerNameUsed_) return builder_.reserveLayerName(nameWith(suffix));
  layerNameUsed_ = true;
  return layerName_;
}

TensorId Node::addTensor(Tensor tensor, std::string_view suffix) {
  tensor.name = nameWith(suffix);
  const TensorId id = builder_.addTensor(std::move(tensor));
  made_.insert(id);
  return id;
}

TensorId Node::copyTensor(TensorId x, std::string_view suffix) {
  const Tensor& source = tensor(x);
  if (!source.isConstant()) return add(OpType::Identity, {x}, concat(suffix, "_copy"));
  return addTensor({{}, source.dtype, source.shape, {}, source.constant}, concat(suffix, "_copy"));
}

TensorId Node::constant(std::string_view suffix, const std::vector<int64_t>& values) {
  return addTensor({{},
                    DType::s64,
                    Shape{static_cast<int64_t>(values.size())},
                    {},
                    ConstantData::copyOf(std::as_bytes(std::span(values)))},
                   suffix);
}

TensorId Node::scalar(std::string_view suffix, DType dtype, double value) {
  const TensorId wide = addTensor(
      {{}, DType::f64, Shape{}, {}, ConstantData::copyOf(std::as_bytes(std::span(&value, 1)))},
      suffix);
  return dtype == DType::f64 ? wide : add(OpType::Cast, CastAttrs{dtype}, {wide}, suffix);
}

std::vector<TensorId> Node::addMany(OpType op, Attributes attributes, std::vector<TensorId> inputs,
                                    std::vector<Tensor> outputs, std::string_view suffix,
                                    Fold fold) {
  const size_t count = outputs.size();
  for (Tensor& output : outputs) output.name = nameWith(suffix);
  if (ok()) {
    auto ids = builder_.addLayer(takeLayerName(suffix), op, std::move(attributes),
                                 std::move(inputs), std::move(outputs), fold);
    check(ids.status());
    if (ids.ok()) {
      made_.insert(ids->begin(), ids->end());
      return std::move(ids).value();
    }
  }
  // After a failure: a tensor of which nothing is known.
  return std::vector<TensorId>(count, builder_.addTensor({nameWith("failed")}));
}

TensorId Node::add(OpType op, Attributes attributes, std::vector<TensorId> inputs,
                   std::string_view suffix, Fold fold) {
  return addMany(op, std::move(attributes), std::move(inputs), {Tensor{}}, suffix, fold)[0];
}

}  // namespace qrt::onnx_import
