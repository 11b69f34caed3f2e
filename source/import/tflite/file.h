// A TensorFlow Lite file that is safe to read: verified, one subgraph, every index in range.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tflite_generated.h"

namespace qrt::tflite_import {

class File {
 public:
  /// Copies the bytes, so that they are aligned. Errors: corruptData, unsupported.
  static Result<File> read(std::span<const std::byte> bytes);

  const tfl::SubGraph& subgraph() const { return *model_->subgraphs()->Get(0); }
  std::string_view description() const;
  /// The tensor as the file has it, with its data if it is a constant.
  Result<Tensor> tensor(int32_t index) const;
  int32_t tensorCount() const;
  int32_t operatorCode(const tfl::Operator& op) const;

  /// The operator's options read as T; null if they are absent or not a T.
  template <class T>
  const T* options(const tfl::Operator& op) const {
    const auto* table = reinterpret_cast<const T*>(op.options());
    if (table == nullptr) return nullptr;
    flatbuffers::Verifier verifier = this->verifier();
    return table->Verify(verifier) ? table : nullptr;
  }

 private:
  flatbuffers::Verifier verifier() const;
  Status check() const;
  Status checkIndices(const flatbuffers::Vector<int32_t>* list, bool mayBeAbsent) const;

  ConstantData bytes_;
  const tfl::Model* model_ = nullptr;
};

}  // namespace qrt::tflite_import
