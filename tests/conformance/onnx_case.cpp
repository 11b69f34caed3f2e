#include "conformance/onnx_case.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "base/error.h"
#include "graph/op.h"
#include "import/onnx/tensor_proto.h"
#include "qrt/session.h"

namespace qrt::test {
namespace {

namespace fs = std::filesystem;

// The ops that the project set out to import: written down here, not taken from the importer.
constexpr const char* kSupportedOps =
    "Abs Add And ArgMax AveragePool BatchNormalization Cast Ceil Clip Concat Constant "
    "ConstantOfShape Conv ConvTranspose DepthToSpace DequantizeLinear Div Dropout Elu Equal Erf "
    "Exp Expand Flatten Floor Gather GatherElements Gemm GlobalAveragePool GlobalMaxPool Greater "
    "HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization LeakyRelu Less "
    "Log LogSoftmax MatMul Max MaxPool Min Mul Neg Not PRelu Pad Pow QLinearConv QLinearMatMul "
    "QuantizeLinear Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Resize Round "
    "Shape Sigmoid Sign Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Tanh Tile "
    "Transpose Unsqueeze Upsample Where";

const std::set<std::string>& supportedOps() {
  static const std::set<std::string> ops = [] {
    std::istringstream words(kSupportedOps);
    return std::set<std::string>(std::istream_iterator<std::string>(words), {});
  }();
  return ops;
}

// Inputs that are parameters of their op, not data: real models have constants there.
const std::map<std::string, std::set<int>> kParameters = {
    {"Clip", {1, 2}},
    {"ConstantOfShape", {0}},
    {"DequantizeLinear", {1, 2}},
    {"Dropout", {1, 2}},
    {"Expand", {1}},
    {"Pad", {1, 2}},
    {"QLinearConv", {1, 2, 3, 4, 5, 6, 7, 8}},
    {"QLinearMatMul", {1, 2, 4, 5, 6, 7}},
    {"QuantizeLinear", {1, 2}},
    {"ReduceMax", {1}},
    {"ReduceMean", {1}},
    {"ReduceMin", {1}},
    {"ReduceSum", {1}},
    {"Reshape", {1}},
    {"Resize", {1, 2, 3}},
    {"Slice", {1, 2, 3, 4}},
    {"Split", {1}},
    {"Squeeze", {1}},
    {"Tile", {1}},
    {"Unsqueeze", {1}},
    {"Upsample", {1}},
};

template <class Proto>
bool parseFile(const fs::path& path, Proto& proto) {
  std::ifstream file(path, std::ios::binary);
  return file && proto.ParseFromIstream(&file);
}

Result<Tensor> readTensor(const fs::path& path) {
  ::onnx::TensorProto proto;
  if (!parseFile(path, proto)) return corruptData("cannot read ", path.string());
  return onnx_import::tensorFromProto(proto, {});
}

std::vector<std::string> inputNames(const ::onnx::GraphProto& graph) {
  std::set<std::string> initializers;
  for (const auto& tensor : graph.initializer()) initializers.insert(tensor.name());
  std::vector<std::string> names;
  for (const auto& input : graph.input()) {
    if (!initializers.contains(input.name())) names.push_back(input.name());
  }
  return names;
}

std::set<std::string> parameterNames(const ::onnx::GraphProto& graph) {
  std::set<std::string> names;
  for (const auto& node : graph.node()) {
    const auto row = kParameters.find(node.op_type());
    if (row == kParameters.end()) continue;
    for (const int i : row->second) {
      if (i < node.input_size()) names.insert(node.input(i));
    }
  }
  return names;
}

// Of some inputs that nothing reads, the data has another shape than the model.
std::set<std::string> unreadNames(const ::onnx::GraphProto& graph) {
  std::set<std::string> names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& node : graph.node()) {
    for (const std::string& name : node.input()) names.erase(name);
  }
  return names;
}

// Files 0, 1, … of a kind, one per name.
Result<std::vector<Tensor>> readTensors(const fs::path& dataSet, const std::string& kind,
                                        const std::vector<std::string>& names) {
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < names.size(); ++i) {
    const fs::path path = dataSet / concat(kind, '_', i, ".pb");
    QRT_ASSIGN_OR_RETURN(Tensor tensor, readTensor(path));
    tensor.name = names[i];
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::vector<double> toDoubles(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.shape.elements()));
  const Layer cast{"", OpType::Cast, CastAttrs{DType::f64}, {0}, {0}};
  const ConstTensorView in = tensor.constantView();
  const TensorView out{DType::f64, tensor.shape, values.data()};
  if (!runReference(cast, {&in, 1}, {&out, 1}).ok()) values.assign(values.size(), NAN);
  return values;
}

bool isFloat(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

// The data files hold bfloat16 as 16-bit integers.
void asBfloat16(Tensor& tensor, DType wanted) {
  if (wanted == DType::bf16 && tensor.dtype == DType::u16) tensor.dtype = wanted;
}

// ONNX's backend runner: |found − wanted| ≤ 1e-7 + 1e-3·|wanted|, NaN equals NaN, integers exactly.
Status compare(const Tensor& found, Tensor wanted) {
  asBfloat16(wanted, found.dtype);
  if (found.dtype != wanted.dtype || !(found.shape == wanted.shape)) {
    return invalidArgument("output '", found.name, "' is ", dtypeName(found.dtype), " ",
                           found.shape.toString(), ", wanted ", dtypeName(wanted.dtype), " ",
                           wanted.shape.toString());
  }
  if (!isFloat(wanted.dtype)) {
    if (std::equal(found.constant->bytes.begin(), found.constant->bytes.end(),
                   wanted.constant->bytes.begin(), wanted.constant->bytes.end())) {
      return {};
    }
  }
  const std::vector<double> f = toDoubles(found);
  const std::vector<double> w = toDoubles(wanted);
  for (size_t i = 0; i < w.size(); ++i) {
    const bool equal =
        f[i] == w[i] || (std::isnan(f[i]) && std::isnan(w[i])) ||
        (isFloat(wanted.dtype) && std::abs(f[i] - w[i]) <= 1e-7 + 1e-3 * std::abs(w[i]));
    if (!equal) {
      return invalidArgument("output '", found.name, "' has ", f[i], " at element ", i, ", wanted ",
                             w[i]);
    }
  }
  return {};
}

// Runs a model in a session of its own. Values that are not among its inputs are left out.
Result<std::vector<Tensor>> run(const Model& model, std::vector<Tensor> values,
                                const std::vector<std::string>& backends) {
  SessionOptions options;
  options.threads = 1;
  options.backends = backends;
  for (const TensorInfo& input : model.inputs()) {
    for (const Tensor& value : values) {
      if (value.name == input.name) options.inputShapes[input.name] = value.shape;
    }
  }
  QRT_ASSIGN_OR_RETURN(Session session, Session::create(model, options));
  for (const TensorInfo& input : session.inputs()) {
    const auto value = std::find_if(values.begin(), values.end(),
                                    [&](const Tensor& t) { return t.name == input.name; });
    if (value == values.end()) continue;
    asBfloat16(*value, input.dtype);
    QRT_RETURN_IF_ERROR(session.bindInput(input.name, value->constantView()));
  }
  QRT_RETURN_IF_ERROR(session.run());
  std::vector<Tensor> outputs;
  for (const TensorInfo& output : session.outputs()) {
    QRT_ASSIGN_OR_RETURN(const ConstTensorView view, session.output(output.name));
    const auto* data = static_cast<const std::byte*>(view.data);
    outputs.push_back(
        {output.name, view.dtype, view.shape, {}, ConstantData::copyOf({data, view.bytes()})});
  }
  return outputs;
}

// Imports the model with this data set's parameters as constants, and runs it on the rest.
Status runDataSet(const OnnxCase& onnxCase, const ::onnx::GraphProto& graph,
                  const fs::path& dataSet, const std::vector<std::string>& backends) {
  Result<std::vector<Tensor>> read = readTensors(dataSet, "input", inputNames(graph));
  if (!read.ok()) {
    // What the importer has against the model says more than a file of another kind of value.
    QRT_RETURN_IF_ERROR(importOnnx(onnxCase.folder / "model.onnx").status());
    return read.status();
  }
  std::vector<Tensor>& inputs = *read;
  std::erase_if(inputs, [unread = unreadNames(graph)](const Tensor& input) {
    return unread.contains(input.name);
  });
  std::vector<std::string> outputNames;
  for (const auto& output : graph.output()) outputNames.push_back(output.name());
  QRT_ASSIGN_OR_RETURN(const std::vector<Tensor> wanted,
                       readTensors(dataSet, "output", outputNames));

  ImportOptions options;
  const std::set<std::string> parameters = parameterNames(graph);
  for (const Tensor& input : inputs) {
    if (!parameters.contains(input.name)) continue;
    const auto& bytes = input.constant->bytes;
    options.freeze[input.name] = {input.dtype, input.shape, {bytes.begin(), bytes.end()}};
  }
  QRT_ASSIGN_OR_RETURN(const Model model, importOnnx(onnxCase.folder / "model.onnx", options));
  QRT_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, run(model, inputs, backends));
  for (size_t i = 0; i < wanted.size(); ++i) {
    QRT_RETURN_IF_ERROR(compare(outputs[i], wanted[i]));
  }
  return {};
}

}  // namespace

std::vector<OnnxCase> onnxCases(const std::string& group) {
  std::vector<OnnxCase> cases;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(QRT_ONNX_TESTDATA) / group, error)) {
    if (fs::exists(entry.path() / "model.onnx")) cases.push_back({entry.path()});
  }
  std::sort(cases.begin(), cases.end(),
            [](const OnnxCase& a, const OnnxCase& b) { return a.folder < b.folder; });
  return cases;
}

std::vector<std::string> opsNotPromised(const OnnxCase& onnxCase) {
  ::onnx::ModelProto model;
  if (!parseFile(onnxCase.folder / "model.onnx", model)) return {"unreadable model"};
  std::vector<std::string> ops;
  for (const auto& node : model.graph().node()) {
    if (!supportedOps().contains(node.op_type()) || !node.domain().empty()) {
      ops.push_back(node.op_type());
    }
  }
  return ops;
}

Outcome runCase(const OnnxCase& onnxCase, const std::vector<std::string>& backends) {
  ::onnx::ModelProto model;
  if (!parseFile(onnxCase.folder / "model.onnx", model)) return Outcome::fail("unreadable model");
  int dataSets = 0;
  for (const auto& entry : fs::directory_iterator(onnxCase.folder)) {
    if (!entry.is_directory()) continue;
    ++dataSets;
    if (const Status status = runDataSet(onnxCase, model.graph(), entry.path(), backends);
        !status.ok()) {
      return Outcome::fail(status.message());
    }
  }
  return dataSets > 0 ? Outcome::pass() : Outcome::fail("no data sets");
}

}  // namespace qrt::test
