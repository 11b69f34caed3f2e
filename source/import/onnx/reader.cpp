#include "import/onnx/reader.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "base/error.h"

namespace qrt::onnx_import {
namespace {

using Proto = std::unique_ptr<::onnx::ModelProto>;

// Protobuf accepts many byte strings that are not ONNX: unknown fields are skipped.
Result<Proto> checked(Proto model, bool parsed) {
  if (!parsed) return corruptData("not an ONNX model, or damaged: protobuf cannot read it");
  if (!model->has_ir_version() || !model->has_graph()) {
    return corruptData("not an ONNX model: no ", model->has_graph() ? "IR version" : "graph",
                       " found");
  }
  return model;
}

}  // namespace

Result<Proto> readModel(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return notFound("no file ", path.string());
  if (std::filesystem::is_directory(path, error)) {
    return ioError(path.string(), " is a folder, wanted a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return ioError("cannot open ", path.string(), ": ", std::strerror(errno));
  const google::protobuf::LogSilencer noPrinting;
  auto model = std::make_unique<::onnx::ModelProto>();
  const bool parsed = model->ParseFromIstream(&file);
  Result<Proto> result = checked(std::move(model), parsed);
  if (!result.ok()) return annotate(result.status(), path.string());
  return result;
}

Result<Proto> readModel(std::span<const std::byte> bytes) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return unsupported(bytes.size(), " bytes, protobuf holds at most 2 GiB");
  }
  const google::protobuf::LogSilencer noPrinting;
  auto model = std::make_unique<::onnx::ModelProto>();
  const bool parsed = model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return checked(std::move(model), parsed);
}

Result<int64_t> standardOpset(const ::onnx::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() > kNewestOpset) {
      return unsupported("the model uses ONNX opset ", opset.version(), ", supported are 7 to ",
                         kNewestOpset);
    }
    if (opset.version() < 1) return corruptData("ONNX opset ", opset.version());
    return opset.version();
  }
  // Only a model without standard ops may do without.
  for (const auto& node : model.graph().node()) {
    if (node.domain().empty() || node.domain() == "ai.onnx") {
      return corruptData("the model names no ONNX opset, wanted one of 7 to ", kNewestOpset);
    }
  }
  return kNewestOpset;
}

}  // namespace qrt::onnx_import
