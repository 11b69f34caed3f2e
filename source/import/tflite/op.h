// One operator while it is translated: its inputs as floats, its options, and the layers it becomes.
//
// Quantized operators are written as Dequantize → float layers → Quantize; optimize() makes int8 layers of
// them (passes/lower_quantized.cpp), as it does for ONNX. The first thing that goes wrong is kept, and the
// calls below then return something harmless.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "import/onnx/builder.h"
#include "import/tflite/file.h"

namespace qrt::tflite_import {

using onnx_import::Builder;
using onnx_import::Fold;

/// The tensors of the file in the graph, by their index in the file.
struct Values {
  std::vector<std::string> names;     ///< unique
  std::vector<TensorId> asInFile;     ///< kNoTensor until something makes it
  std::vector<TensorId> asFloats;     ///< behind a Dequantize, where that is needed
};

class Op {
 public:
  Op(Builder& builder, const File& file, const tfl::Operator& op, Values& values);

  const File& file() const { return file_; }
  const tfl::Operator& source() const { return op_; }
  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  template <class... Parts>
  void refuse(const Parts&... parts) {
    if (status_.ok()) status_ = unsupported(parts...);
  }

  size_t inputCount() const { return size(op_.inputs()); }
  size_t outputCount() const { return size(op_.outputs()); }
  bool has(size_t i) const { return i < inputCount() && op_.inputs()->Get(static_cast<uint32_t>(i)) >= 0; }
  /// Input `i`, dequantized if it is quantized; refused and kNoTensor if it is absent.
  TensorId in(size_t i);
  /// The same of an input that may be absent.
  TensorId optional(size_t i) { return has(i) ? in(i) : kNoTensor; }
  /// Input `i` as the file has it.
  TensorId raw(size_t i);
  /// Input `i` as a list of numbers; refused if it is not constant.
  std::vector<int64_t> ints(size_t i);
  /// Weights as the layers want them: dequantized by a layer where the activations are quantized, else at
  /// once. `perm` rearranges the dims, empty keeps them.
  TensorId weights(size_t i, const std::vector<int64_t>& perm = {});

  const Shape& shape(TensorId id) const { return builder_.graph().tensor(id).shape; }
  const Tensor& tensor(TensorId id) const { return builder_.graph().tensor(id); }
  /// Output `i` as the file describes it.
  Tensor outputTensor(size_t i);

  /// The options; refused and null if they are absent.
  template <class T>
  const T* options() {
    const T* found = file_.options<T>(op_);
    if (found == nullptr) refuse("its options are missing");
    return found;
  }

  /// A layer with one output.
  TensorId add(OpType type, Attributes attributes, std::vector<TensorId> inputs, Fold fold = Fold::small);
  TensorId add(OpType type, std::vector<TensorId> inputs) { return add(type, NoAttrs{}, std::move(inputs)); }
  std::vector<TensorId> addMany(OpType type, Attributes attributes, std::vector<TensorId> inputs,
                                std::vector<Tensor> outputs, Fold fold = Fold::small);
  TensorId constant(const std::vector<int64_t>& values);
  TensorId constant(float value);
  /// The function of a fused activation behind `id`.
  TensorId activated(TensorId id, int8_t kind);
  /// Makes `id` output `i`, quantized if the file says so.
  void output(size_t i, TensorId id);
  void output(TensorId id) { output(0, id); }

 private:
  static size_t size(const flatbuffers::Vector<int32_t>* list) { return list == nullptr ? 0 : list->size(); }
  int32_t index(size_t i) const { return op_.inputs()->Get(static_cast<uint32_t>(i)); }

  Builder& builder_;
  const File& file_;
  const tfl::Operator& op_;
  Values& values_;
  std::string name_;
  bool named_ = false;
  Status status_;
};

}  // namespace qrt::tflite_import
