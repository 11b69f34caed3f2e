// ONNX tensors → ours: every way ONNX may store elements, checked before anything is allocated.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "graph/graph.h"

namespace onnx {
class TensorProto;
}

namespace qrt::onnx_import {

/// The DType of an ONNX element type number; nullopt for strings, complex numbers and what is new.
std::optional<DType> dtypeFromOnnx(int64_t elementType);
/// "STRING", "COMPLEX64", …: for messages.
std::string onnxTypeName(int64_t elementType);

/// A constant tensor with the name and values of `proto`, whose raw data is released to save
/// memory. External data is read from `folder`; an empty folder refuses it.
Result<Tensor> tensorFromProto(::onnx::TensorProto& proto, const std::filesystem::path& folder);

}  // namespace qrt::onnx_import
