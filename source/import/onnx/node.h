// One ONNX node while it is translated: its inputs and attributes, and the layers it becomes.
//
// The first thing that goes wrong is kept and ends the translation, so that translators read as
// plain expressions: after a failure the calls below still return something harmless. An attribute
// that the translator never asked for is refused, and so is an output that it did not make.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "import/onnx/builder.h"
#include "import/onnx/op_table.h"

namespace onnx {
class NodeProto;
}

namespace qrt::onnx_import {

class Node {
 public:
  /// `layerName` is reserved already.
  Node(Builder& builder, ::onnx::NodeProto& proto, const OpRow& row, int64_t opset,
       std::string layerName);

  /// Runs the translator: layers are added, outputs defined.
  Status translate();

  int64_t opset() const { return opset_; }
  /// The op that the table gives to translators of several.
  OpType op() const { return row_.makes.ops().front(); }

  // Inputs.
  size_t inputCount() const { return inputs_.size(); }
  /// Input `i`, kNoTensor if absent.
  TensorId in(size_t i) const { return i < inputs_.size() ? inputs_[i] : kNoTensor; }
  bool has(size_t i) const { return in(i) != kNoTensor; }

  // Outputs.
  size_t outputCount() const { return outputNames_.size(); }
  /// Whether output `i` has a name.
  bool wants(size_t i) const { return i < outputNames_.size() && !outputNames_[i].empty(); }
  /// Makes `id` output `i`; a tensor that this node did not make is copied.
  void output(size_t i, TensorId id);

  // Attributes, by their ONNX name.
  int64_t getInt(std::string_view name, int64_t fallback);
  int32_t getInt32(std::string_view name, int64_t fallback);
  bool getBool(std::string_view name, bool fallback) { return getInt(name, fallback) != 0; }
  float getFloat(std::string_view name, float fallback);
  std::string getString(std::string_view name, std::string_view fallback);
  std::optional<std::vector<int64_t>> getInts(std::string_view name);
  /// A tensor attribute, or a number or list of numbers, as a constant; kNoTensor if absent.
  TensorId getConstant(std::string_view name);
  bool hasAttribute(std::string_view name) const;
  /// Attributes that do not matter to inference.
  void ignore(std::initializer_list<std::string_view> names);

  // Tensors. The references end with the next layer or constant.
  const Tensor& tensor(TensorId id) const { return builder_.graph().tensor(id); }
  Shape shape(TensorId id) const { return tensor(id).shape; }
  DType dtype(TensorId id) const { return tensor(id).dtype; }
  const Layer* producer(TensorId id) const { return builder_.producer(id); }
  /// Values of a constant of integers.
  std::optional<std::vector<int64_t>> ints(TensorId id) const {
    return constantInts(builder_.graph(), id);
  }
  /// Values of a constant of floats of any width, or integers; nullopt if it is not constant.
  std::optional<std::vector<double>> numbers(TensorId id) const;
  /// A list of integers that is an attribute in old opsets, input `i` (a constant) in new ones.
  std::optional<std::vector<int64_t>> intsFrom(std::string_view attribute, size_t i);

  // Building.
  /// Adds a layer; without a suffix it has the node's name.
  TensorId add(OpType op, Attributes attributes, std::vector<TensorId> inputs,
               std::string_view suffix = "", Fold fold = Fold::small);
  /// The same with the op's default attributes.
  TensorId add(OpType op, std::vector<TensorId> inputs, std::string_view suffix = "",
               Fold fold = Fold::small) {
    return add(op, defaultAttributes(op), std::move(inputs), suffix, fold);
  }
  /// The same for several outputs, whose dtype and quant the op may keep.
  std::vector<TensorId> addMany(OpType op, Attributes attributes, std::vector<TensorId> inputs,
                                std::vector<Tensor> outputs, std::string_view suffix = "",
                                Fold fold = Fold::small);
  TensorId transpose(TensorId x, std::vector<int64_t> perm, std::string_view suffix,
                     Fold fold = Fold::small) {
    return add(OpType::Transpose, TransposeAttrs{std::move(perm)}, {x}, suffix, fold);
  }
  /// Adds a constant list of integers.
  TensorId constant(std::string_view suffix, const std::vector<int64_t>& values);
  /// Adds a constant of one element, of any numeric dtype.
  TensorId scalar(std::string_view suffix, DType dtype, double value);
  /// Whether `x` is an ONNX value that one node input reads and that is no output of the model.
  bool hasOneReader(TensorId x) const { return builder_.readers(tensor(x).name) == 1; }
  /// Another tensor with the values of `x`.
  TensorId copyTensor(TensorId x, std::string_view suffix);
  void setQuant(TensorId id, QuantParams quant) {
    builder_.graph().tensor(id).quant = std::move(quant);
  }
  /// Adds a tensor under this node's name and a suffix.
  TensorId addTensor(Tensor tensor, std::string_view suffix);

  /// Keeps `status` if it is the first failure.
  void check(const Status& status) {
    if (status_.ok()) status_ = status;
  }
  /// Refuses the node.
  template <class... Args>
  void refuse(const Args&... reason) {
    check(unsupported(reason...));
  }
  /// Says that the node contradicts the ONNX specification.
  template <class... Args>
  void wrong(const Args&... reason) {
    check(corruptData(reason...));
  }
  bool ok() const { return status_.ok(); }

 private:
  Status resolveInputs();
  Status finish();
  std::string nameWith(std::string_view suffix) const;
  std::string takeLayerName(std::string_view suffix);

  Builder& builder_;
  ::onnx::NodeProto& proto_;
  const OpRow& row_;
  int64_t opset_;
  std::string layerName_;
  bool layerNameUsed_ = false;
  std::vector<TensorId> inputs_;
  std::vector<std::string> outputNames_;
  std::set<std::string, std::less<>> asked_;  // attributes
  std::set<TensorId> made_;                   // tensors that this node made and has not named yet
  Status status_;
};

}  // namespace qrt::onnx_import
