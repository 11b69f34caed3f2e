// From ONNX to a Model: inputs and constants first, then node by node. Start reading here; the ops
// are in op_table.cpp, one node's translation in node.h.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "import/onnx/builder.h"
#include "import/onnx/node.h"
#include "import/onnx/reader.h"
#include "import/onnx/tensor_proto.h"
#include "passes/passes.h"
#include "qrt/import.h"

namespace qrt {
namespace onnx_import {
namespace {

constexpr size_t kMostRefusals = 10;  // in one message

// Shape rules and checks speak of arguments; here those are what the file says.
Status aboutFile(const Status& status) {
  if (status.code() != StatusCode::invalidArgument) return status;
  return corruptData(status.message());
}

class Importer {
 public:
  Importer(::onnx::ModelProto& model, std::filesystem::path folder, const ImportOptions& options)
      : model_(model),
        proto_(*model.mutable_graph()),
        folder_(std::move(folder)),
        options_(options) {}

  Result<Model> run();

 private:
  Status checkOptions() const;
  void reserveNames();
  Status addConstants();
  Status addInputs();
  Result<Tensor> inputTensor(const ::onnx::ValueInfoProto& input) const;
  Status addNodes();
  Status addNode(::onnx::NodeProto& node, const std::string& layerName);
  std::string layerNameOf(const ::onnx::NodeProto& node);
  Status refuse(const Status& status, std::span<const std::string> values);
  Status refusals() const;
  Status addOutputs();
  Result<TensorId> copyForOutput(TensorId source);
  void addMetadata();

  ::onnx::ModelProto& model_;
  ::onnx::GraphProto& proto_;
  std::filesystem::path folder_;
  const ImportOptions& options_;
  int64_t opset_ = 0;
  Graph graph_;
  Builder builder_{graph_};
  std::map<std::string_view, int> nodeNames_;  // how many nodes have the name
  std::vector<std::string> refused_;           // one line per input or node that is not supported
  std::set<std::string> unmade_;               // values that those would have made
};

// An option that names no input would silently do nothing.
Status Importer::checkOptions() const {
  const auto isInput = [&](const std::string& name) {
    return std::any_of(proto_.input().begin(), proto_.input().end(),
                       [&](const auto& input) { return input.name() == name; });
  };
  for (const auto& [name, value] : options_.freeze) {
    if (!isInput(name)) return invalidArgument("freeze: the model has no input '", name, "'");
  }
  for (const auto& [name, shape] : options_.inputShapes) {
    if (!isInput(name)) return invalidArgument("inputShapes: the model has no input '", name, "'");
  }
  return {};
}

// Tensors and layers that we add must not take names that the model uses.
void Importer::reserveNames() {
  for (const auto& input : proto_.input()) builder_.reserveTensorName(input.name());
  for (const auto& tensor : proto_.initializer()) builder_.reserveTensorName(tensor.name());
  for (const auto& node : proto_.node()) {
    for (const std::string& output : node.output()) builder_.reserveTensorName(output);
    for (const std::string& input : node.input()) builder_.addReader(input);
    if (!node.name().empty()) ++nodeNames_[node.name()];
  }
  for (const auto& output : proto_.output()) builder_.addReader(output.name());
}

Status Importer::addConstants() {
  if (proto_.sparse_initializer_size() > 0) return unsupported("sparse initializers");
  for (::onnx::TensorProto& proto : *proto_.mutable_initializer()) {
    if (options_.freeze.contains(proto.name())) continue;  // what addInputs() adds replaces it
    QRT_ASSIGN_OR_RETURN(Tensor tensor, tensorFromProto(proto, folder_));
    const std::string name = tensor.name;
    if (name.empty()) return corruptData("an initializer has no name");
    QRT_RETURN_IF_ERROR(builder_.define(name, builder_.addNamedTensor(std::move(tensor))));
  }
  return {};
}

// Whether a known shape agrees with what the model says of it.
bool fits(const Shape& given, const Shape& declared) {
  if (!given.known() || !checkShape(given).ok()) return false;
  if (declared.ranked() && given.rank() != declared.rank()) return false;
  for (int i = 0; i < declared.rank(); ++i) {
    if (declared[i] != Shape::kUnknown && declared[i] != given[i]) return false;
  }
  return true;
}

Result<Tensor> Importer::inputTensor(const ::onnx::ValueInfoProto& input) const {
  if (!input.type().has_tensor_type()) return unsupported("only tensors are supported");
  const auto& type = input.type().tensor_type();
  const auto dtype = dtypeFromOnnx(type.elem_type());
  if (!dtype) return unsupported("element type ", onnxTypeName(type.elem_type()));
  Tensor tensor{input.name(), *dtype, Shape::unranked(), {}, {}};
  if (type.has_shape()) {
    if (type.shape().dim_size() > Shape::kMaxRank) {
      return unsupported(type.shape().dim_size(), " dimensions, supported are up to ",
                         Shape::kMaxRank);
    }
    tensor.shape = Shape();
    for (const auto& dim : type.shape().dim()) {
      const bool known = dim.has_dim_value() && dim.dim_value() >= 0;
      tensor.shape.append(known ? dim.dim_value() : Shape::kUnknown);
    }
    QRT_RETURN_IF_ERROR(checkShape(tensor.shape));
  }
  const auto wanted = options_.inputShapes.find(input.name());
  if (wanted == options_.inputShapes.end()) return tensor;
  const Shape& given = wanted->second;
  if (!fits(given, tensor.shape)) {
    return invalidArgument("shape ", given.toString(), " was given, the model has ",
                           tensor.shape.toString());
  }
  tensor.shape = given;
  return tensor;
}

Status Importer::addInputs() {
  for (const auto& input : proto_.input()) {
    const auto frozen = options_.freeze.find(input.name());
    // Before IR version 4 initializers had to be inputs too; they are constants.
    if (builder_.value(input.name()) != kNoTensor) continue;
    if (input.name().empty()) return corruptData("an input has no name");
    Result<Tensor> tensor = inputTensor(input);
    if (!tensor.ok()) {
      QRT_RETURN_IF_ERROR(
          refuse(annotate(tensor.status(), "input '", input.name(), "'"), {&input.name(), 1}));
      continue;
    }
    if (frozen != options_.freeze.end()) {
      const FrozenInput& value = frozen->second;
      if (value.dtype != tensor->dtype || !fits(value.shape, tensor->shape) ||
          value.bytes.size() !=
              static_cast<size_t>(value.shape.elements()) * dtypeSize(value.dtype)) {
        return invalidArgument("freeze '", input.name(), "': ", dtypeName(value.dtype), " ",
                               value.shape.toString(), " of ", value.bytes.size(), " bytes for ",
                               dtypeName(tensor->dtype), " ", tensor->shape.toString());
      }
      tensor->shape = value.shape;
      tensor->constant = ConstantData::copyOf(value.bytes);
    }
    const TensorId id = builder_.addNamedTensor(std::move(tensor).value());
    QRT_RETURN_IF_ERROR(builder_.define(input.name(), id));
    if (!graph_.tensor(id).isConstant()) graph_.inputs.push_back(id);
  }
  return {};
}

// The node's name if it is the only one of that name, else that of its first output.
std::string Importer::layerNameOf(const ::onnx::NodeProto& node) {
  const auto found = nodeNames_.find(node.name());
  if (found != nodeNames_.end() && found->second == 1) return node.name();
  return node.output_size() > 0 ? node.output(0) : node.op_type();
}

Status Importer::addNode(::onnx::NodeProto& node, const std::string& layerName) {
  const OpRow* row =
      node.domain().empty() || node.domain() == "ai.onnx" ? findOp(node.op_type()) : nullptr;
  if (row == nullptr) return unsupported("this op is not supported");
  const auto unmade = [&](const std::string& input) {
    return !input.empty() && unmade_.contains(input);  // an optional output may have no name
  };
  if (std::any_of(node.input().begin(), node.input().end(), unmade)) {
    unmade_.insert(node.output().begin(), node.output().end());
    return {};
  }
  [[maybe_unused]] const size_t before = graph_.layers.size();
  const Status status = Node(builder_, node, *row, opset_, layerName).translate();
  assert(builder_.madeOnly(row->makes, before));
  return aboutFile(status);
}

Status Importer::addNodes() {
  std::vector<std::string> layerNames;
  for (const auto& node : proto_.node()) {
    layerNames.push_back(builder_.reserveLayerName(layerNameOf(node)));
  }
  for (int i = 0; i < proto_.node_size(); ++i) {
    ::onnx::NodeProto& node = *proto_.mutable_node(i);
    const std::string& name = layerNames[static_cast<size_t>(i)];
    const std::string op =
        node.domain().empty() ? node.op_type() : concat(node.domain(), '.', node.op_type());
    const Status status = annotate(addNode(node, name), "node '", name, "' (", op, ")");
    if (status.ok()) continue;
    const std::vector<std::string> outputs(node.output().begin(), node.output().end());
    QRT_RETURN_IF_ERROR(refuse(status, outputs));
  }
  return refusals();
}

// What is not supported is collected, so that the user sees all of it; other failures end the
// import.
Status Importer::refuse(const Status& status, std::span<const std::string> values) {
  if (status.code() != StatusCode::unsupported) return status;
  refused_.push_back(status.message());
  unmade_.insert(values.begin(), values.end());
  return {};
}

Status Importer::refusals() const {
  if (refused_.empty()) return {};
  std::string message = refused_.front();
  for (size_t i = 1; i < std::min(refused_.size(), kMostRefusals); ++i) {
    message += "; " + refused_[i];
  }
  if (refused_.size() > kMostRefusals) {
    message += concat("; and ", refused_.size() - kMostRefusals, " more");
  }
  return unsupported(message);
}

Status Importer::addOutputs() {
  for (const auto& output : proto_.output()) {
    TensorId id = builder_.value(output.name());
    if (id == kNoTensor) return corruptData("output '", output.name(), "' is made by no node");
    if (graph_.isOutput(id)) return corruptData("output '", output.name(), "' is listed twice");
    if (builder_.producer(id) == nullptr) {
      QRT_ASSIGN_OR_RETURN(id, copyForOutput(id));
    }
    graph_.outputs.push_back(id);
  }
  return {};
}

// Every output is made by a layer, which takes over its name from a constant; an input keeps its
// own.
Result<TensorId> Importer::copyForOutput(TensorId source) {
  const std::string name = graph_.tensor(source).name;
  const bool constant = graph_.tensor(source).isConstant();
  QRT_ASSIGN_OR_RETURN(const std::vector<TensorId> copies,
                       builder_.addLayer(builder_.reserveLayerName(name), OpType::Identity,
                                         NoAttrs{}, {source}, {Tensor{name}}, Fold::never));
  if (constant) std::swap(graph_.tensor(source).name, graph_.tensor(copies[0]).name);
  return copies[0];
}

void Importer::addMetadata() {
  graph_.name = proto_.name();
  for (const auto& entry : model_.metadata_props()) graph_.metadata[entry.key()] = entry.value();
  std::string producer = model_.producer_name();
  if (!model_.producer_version().empty()) producer += " " + model_.producer_version();
  if (!producer.empty()) graph_.metadata["producer"] = producer;
}

Result<Model> Importer::run() {
  QRT_ASSIGN_OR_RETURN(opset_, standardOpset(model_));
  QRT_RETURN_IF_ERROR(checkOptions());
  reserveNames();
  QRT_RETURN_IF_ERROR(addConstants());
  QRT_RETURN_IF_ERROR(addInputs());
  QRT_RETURN_IF_ERROR(addNodes());
  QRT_RETURN_IF_ERROR(addOutputs());
  addMetadata();
  graph_.compact();
  QRT_RETURN_IF_ERROR(aboutFile(validate(graph_)));
  QRT_RETURN_IF_ERROR(aboutFile(inferShapes(graph_)));
  if (options_.optimize) QRT_RETURN_IF_ERROR(aboutFile(optimize(graph_)));
  return makeModel(std::move(graph_));
}

}  // namespace
}  // namespace onnx_import

Result<Model> importOnnx(const std::filesystem::path& path, const ImportOptions& options) {
  return catchOutOfMemory([&]() -> Result<Model> {
    QRT_ASSIGN_OR_RETURN(const auto model, onnx_import::readModel(path));
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    Result<Model> result = onnx_import::Importer(*model, folder, options).run();
    if (!result.ok()) return annotate(result.status(), path.string());
    return result;
  });
}

Result<Model> importOnnx(std::span<const std::byte> bytes, const ImportOptions& options) {
  return catchOutOfMemory([&]() -> Result<Model> {
    QRT_ASSIGN_OR_RETURN(const auto model, onnx_import::readModel(bytes));
    return onnx_import::Importer(*model, {}, options).run();
  });
}

}  // namespace qrt
