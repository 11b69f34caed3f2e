// Importers from other formats: target qrt-import, so that an app which only loads .qrt files does
// not link them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "qrt/model.h"

namespace qrt {

/// A constant for an input of the source model.
struct FrozenInput {
  DType dtype = DType::f32;
  Shape shape;
  std::vector<std::byte> bytes;  ///< row-major, shape.elements() · dtypeSize(dtype)
};

/// How to import.
struct ImportOptions {
  /// Inputs to turn into constants, by name: for inputs that are really parameters.
  std::map<std::string, FrozenInput> freeze;
  /// Shapes to give to inputs, by name: replaces unknown dims, must agree with known ones.
  std::map<std::string, Shape> inputShapes;
  /// Run the optimization passes (folding, fusion, layout). Off: the graph as imported, for tests.
  bool optimize = true;
};

/// Reads an ONNX file (opsets 7 to 18; external data is looked for beside it). Errors: notFound,
/// ioError, corruptData, unsupported (naming op, node and reason).
Result<Model> importOnnx(const std::filesystem::path& path, const ImportOptions& options = {});

/// The same from bytes; external data is refused.
Result<Model> importOnnx(std::span<const std::byte> bytes, const ImportOptions& options = {});

/// Reads a TensorFlow Lite file: one subgraph, float or quantized; operators as listed in the README. Layers are
/// named after their output tensors. Errors: notFound, ioError, corruptData, unsupported (naming index, operator
/// and reason).
Result<Model> importTflite(const std::filesystem::path& path, const ImportOptions& options = {});

/// The same from bytes.
Result<Model> importTflite(std::span<const std::byte> bytes, const ImportOptions& options = {});

/// Loads .qrt or imports .onnx or .tflite, told apart by content.
Result<Model> loadAnyModel(const std::filesystem::path& path, const ImportOptions& options = {});

}  // namespace qrt
