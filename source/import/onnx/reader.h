// ONNX file or bytes → a ModelProto that has what every model must have.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "qrt/status.h"

namespace onnx {
class ModelProto;
}

namespace qrt::onnx_import {

/// The newest operator set that the translators know.
inline constexpr int64_t kNewestOpset = 18;

/// The model in a file. Errors: notFound, ioError, corruptData.
Result<std::unique_ptr<::onnx::ModelProto>> readModel(const std::filesystem::path& path);
/// The model in memory.
Result<std::unique_ptr<::onnx::ModelProto>> readModel(std::span<const std::byte> bytes);

/// Version of the standard operator set that the model uses; unsupported if it is too new.
Result<int64_t> standardOpset(const ::onnx::ModelProto& model);

}  // namespace qrt::onnx_import
