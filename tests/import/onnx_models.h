// Small ONNX models, written down in a few words.
#pragma once

#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "qrt/import.h"

namespace qrt::test {

/// Builds an ONNX model; the protobuf stays open for whatever a test wants to break.
class OnnxModel {
 public:
  explicit OnnxModel(int64_t opset = 13);

  ::onnx::ModelProto& proto() { return proto_; }
  ::onnx::GraphProto& graph() { return *proto_.mutable_graph(); }

  /// Dims below 0 are symbolic.
  OnnxModel& input(const std::string& name, std::vector<int64_t> dims,
                   int type = ::onnx::TensorProto::FLOAT);
  OnnxModel& output(const std::string& name);
  OnnxModel& initializer(const std::string& name, std::vector<int64_t> dims,
                         std::vector<float> values);
  OnnxModel& ints(const std::string& name, std::vector<int64_t> values);
  ::onnx::NodeProto& node(const std::string& op, std::vector<std::string> inputs,
                          std::vector<std::string> outputs, const std::string& name = "");

  std::string bytes() const { return proto_.SerializeAsString(); }
  /// Imports without the optimization passes, unless told otherwise.
  Result<Model> import(ImportOptions options = {.optimize = false}) const;

 private:
  ::onnx::ModelProto proto_;
};

void setInt(::onnx::NodeProto& node, const std::string& name, int64_t value);
void setInts(::onnx::NodeProto& node, const std::string& name, std::vector<int64_t> values);
void setFloat(::onnx::NodeProto& node, const std::string& name, float value);
void setString(::onnx::NodeProto& node, const std::string& name, const std::string& value);

/// "Transpose Conv Transpose": the ops of a model's layers in order.
std::string opsOf(const Model& model);

}  // namespace qrt::test
