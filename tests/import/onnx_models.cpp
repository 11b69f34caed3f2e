#include "import/onnx_models.h"

namespace qrt::test {

using ::onnx::AttributeProto;

OnnxModel::OnnxModel(int64_t opset) {
  proto_.set_ir_version(8);
  proto_.mutable_graph()->set_name("test");
  proto_.add_opset_import()->set_version(opset);
}

OnnxModel& OnnxModel::input(const std::string& name, std::vector<int64_t> dims, int type) {
  auto* input = graph().add_input();
  input->set_name(name);
  auto* tensor = input->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (const int64_t dim : dims) {
    auto* added = tensor->mutable_shape()->add_dim();
    if (dim < 0) {
      added->set_dim_param("N");
    } else {
      added->set_dim_value(dim);
    }
  }
  return *this;
}

OnnxModel& OnnxModel::output(const std::string& name) {
  graph().add_output()->set_name(name);
  return *this;
}

OnnxModel& OnnxModel::initializer(const std::string& name, std::vector<int64_t> dims,
                                  std::vector<float> values) {
  auto* tensor = graph().add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) tensor->add_dims(dim);
  for (const float value : values) tensor->add_float_data(value);
  return *this;
}

OnnxModel& OnnxModel::ints(const std::string& name, std::vector<int64_t> values) {
  auto* tensor = graph().add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(::onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t value : values) tensor->add_int64_data(value);
  return *this;
}

::onnx::NodeProto& OnnxModel::node(const std::string& op, std::vector<std::string> inputs,
                                   std::vector<std::string> outputs, const std::string& name) {
  auto* node = graph().add_node();
  node->set_op_type(op);
  node->set_name(name);
  for (const std::string& input : inputs) node->add_input(input);
  for (const std::string& output : outputs) node->add_output(output);
  return *node;
}

Result<Model> OnnxModel::import(ImportOptions options) const {
  const std::string data = bytes();
  return importOnnx(std::as_bytes(std::span(data)), options);
}

namespace {

AttributeProto& add(::onnx::NodeProto& node, const std::string& name,
                    AttributeProto::AttributeType type) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return *attribute;
}

}  // namespace

void setInt(::onnx::NodeProto& node, const std::string& name, int64_t value) {
  add(node, name, AttributeProto::INT).set_i(value);
}

void setInts(::onnx::NodeProto& node, const std::string& name, std::vector<int64_t> values) {
  auto& attribute = add(node, name, AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
}

void setFloat(::onnx::NodeProto& node, const std::string& name, float value) {
  add(node, name, AttributeProto::FLOAT).set_f(value);
}

void setString(::onnx::NodeProto& node, const std::string& name, const std::string& value) {
  add(node, name, AttributeProto::STRING).set_s(value);
}

std::string opsOf(const Model& model) {
  std::string ops;
  for (const LayerInfo& layer : model.layers()) ops += (ops.empty() ? "" : " ") + layer.op;
  return ops;
}

}  // namespace qrt::test
