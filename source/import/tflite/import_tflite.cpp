// TensorFlow Lite files: read, translate operator by operator, optimize.
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_set>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "import/tflite/op.h"
#include "import/tflite/op_table.h"
#include "passes/passes.h"
#include "qrt/import.h"

namespace qrt {
namespace tflite_import {
namespace {

constexpr size_t kMostRefusals = 8;

class Importer {
 public:
  Importer(const File& file, const ImportOptions& options)
      : file_(file), options_(options), builder_(graph_) {}

  Result<Model> run() {
    if (!options_.freeze.empty()) return invalidArgument("freeze is for ONNX models");
    nameTensors();
    QRT_RETURN_IF_ERROR(addInputs());
    QRT_RETURN_IF_ERROR(addOperators());
    QRT_RETURN_IF_ERROR(addOutputs());
    if (file_.subgraph().name() != nullptr) graph_.name = file_.subgraph().name()->str();
    if (!file_.description().empty()) graph_.metadata["description"] = file_.description();
    graph_.compact();
    QRT_RETURN_IF_ERROR(validate(graph_));
    QRT_RETURN_IF_ERROR(inferShapes(graph_));
    if (options_.optimize) QRT_RETURN_IF_ERROR(optimize(graph_));
    return makeModel(std::move(graph_));
  }

 private:
  // Names in the file need not be unique, nor there.
  void nameTensors() {
    std::unordered_set<std::string> taken;
    const auto* tensors = file_.subgraph().tensors();
    for (int32_t t = 0; t < file_.tensorCount(); ++t) {
      const auto* given = tensors->Get(static_cast<uint32_t>(t))->name();
      std::string name = given == nullptr ? "" : given->str();
      if (name.empty()) name = "tensor";
      if (!taken.insert(name).second) {
        name = concat(name, '_', t);
        while (!taken.insert(name).second) name += '_';
      }
      builder_.reserveTensorName(name);
      values_.names.push_back(std::move(name));
    }
    values_.asInFile.assign(values_.names.size(), kNoTensor);
    values_.asFloats.assign(values_.names.size(), kNoTensor);
  }

  Status addInputs() {
    const auto* inputs = file_.subgraph().inputs();
    size_t given = 0;
    for (uint32_t i = 0; inputs != nullptr && i < inputs->size(); ++i) {
      const auto at = static_cast<size_t>(inputs->Get(i));
      const std::string& name = values_.names[at];
      auto tensor = file_.tensor(inputs->Get(i));
      if (!tensor.ok()) return annotate(tensor.status(), "input '", name, "'");
      if (values_.asInFile[at] != kNoTensor) return corruptData("input '", name, "' is listed twice");
      tensor->name = name;
      tensor->constant.reset();
      if (const auto shape = options_.inputShapes.find(name); shape != options_.inputShapes.end()) {
        if (!shape->second.known() || shape->second.rank() != tensor->shape.rank()) {
          return invalidArgument("shape ", shape->second.toString(), " was given for '", name,
                                 "', the model has ", tensor->shape.toString());
        }
        tensor->shape = shape->second;
        ++given;
      }
      values_.asInFile[at] = builder_.addNamedTensor(std::move(*tensor));
      graph_.inputs.push_back(values_.asInFile[at]);
    }
    if (given == options_.inputShapes.size()) return {};
    return invalidArgument("a shape was given for an input that the model does not have");
  }

  // Everything that is not supported is named at once.
  Status addOperators() {
    const auto* operators = file_.subgraph().operators();
    const uint32_t count = operators == nullptr ? 0 : operators->size();
    std::vector<std::string> refused;
    for (uint32_t i = 0; i < count; ++i) {
      const int32_t code = file_.operatorCode(*operators->Get(i));
      if (findOp(code) == nullptr) {
        refused.push_back(concat("operator ", i, code == 32 ? " (CUSTOM)" : concat(" (builtin code ", code, ")"),
                                 " is not supported"));
      }
    }
    if (!refused.empty()) {
      std::string message = refused.front();
      for (size_t i = 1; i < std::min(refused.size(), kMostRefusals); ++i) message += "; " + refused[i];
      if (refused.size() > kMostRefusals) message += concat("; and ", refused.size() - kMostRefusals, " more");
      return unsupported(message);
    }
    for (uint32_t i = 0; i < count; ++i) {
      const OpRow& row = *findOp(file_.operatorCode(*operators->Get(i)));
      Op op(builder_, file_, *operators->Get(i), values_);
      [[maybe_unused]] const size_t before = graph_.layers.size();
      row.translate(op);
      assert(builder_.madeOnly(row.makes, before));
      QRT_RETURN_IF_ERROR(annotate(op.status(), "operator ", i, " (", row.name, ")"));
    }
    return {};
  }

  Status addOutputs() {
    const auto* outputs = file_.subgraph().outputs();
    for (uint32_t i = 0; outputs != nullptr && i < outputs->size(); ++i) {
      const auto at = static_cast<size_t>(outputs->Get(i));
      TensorId id = values_.asInFile[at];
      if (id == kNoTensor) return corruptData("output '", values_.names[at], "' is made by no operator");
      if (graph_.isOutput(id)) return corruptData("output '", values_.names[at], "' is listed twice");
      if (builder_.producer(id) == nullptr) {  // an input, or folded
        QRT_ASSIGN_OR_RETURN(const auto copies,
                             builder_.addLayer(builder_.reserveLayerName(values_.names[at]), OpType::Identity,
                                               NoAttrs{}, {id}, {Tensor{values_.names[at]}}, Fold::never));
        id = copies[0];
      }
      graph_.outputs.push_back(id);
    }
    return {};
  }

  const File& file_;
  const ImportOptions& options_;
  Graph graph_;
  Builder builder_;
  Values values_;
};

}  // namespace
}  // namespace tflite_import

Result<Model> importTflite(std::span<const std::byte> bytes, const ImportOptions& options) {
  return catchOutOfMemory([&]() -> Result<Model> {
    QRT_ASSIGN_OR_RETURN(const tflite_import::File file, tflite_import::File::read(bytes));
    return tflite_import::Importer(file, options).run();
  });
}

Result<Model> importTflite(const std::filesystem::path& path, const ImportOptions& options) {
  return catchOutOfMemory([&]() -> Result<Model> {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return notFound("no file ", path.string());
    if (std::filesystem::is_directory(path, error)) return ioError(path.string(), " is a folder, wanted a file");
    std::ifstream file(path, std::ios::binary);
    if (!file) return ioError("cannot open ", path.string(), ": ", std::strerror(errno));
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    Result<Model> result = importTflite(std::as_bytes(std::span(bytes)), options);
    if (!result.ok()) return annotate(result.status(), path.string());
    return result;
  });
}

}  // namespace qrt
