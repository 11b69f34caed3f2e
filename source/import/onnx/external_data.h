// Tensor data that an ONNX model keeps in a file of its own: where it is, and whether it may be
// read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "qrt/status.h"

namespace onnx {
class TensorProto;
}

namespace qrt::onnx_import {

struct ExternalRange {
  std::filesystem::path file;
  uint64_t offset = 0;
};

/// Where the `wanted` bytes of `proto` are; they exist, in a regular file inside `folder`.
Result<ExternalRange> locateExternalData(const ::onnx::TensorProto& proto,
                                         const std::filesystem::path& folder, size_t wanted);

/// Fills `bytes` from the range.
Status readExternalData(const ExternalRange& range, std::span<std::byte> bytes);

}  // namespace qrt::onnx_import
