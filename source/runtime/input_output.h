// A session's inputs and outputs: what they are, its own memory for them, and what is bound instead.
#pragma once

#include <string_view>
#include <vector>

#include "base/aligned_buffer.h"
#include "graph/graph.h"
#include "qrt/model.h"
#include "runtime/execution.h"

namespace qrt {

class InputsOutputs {
 public:
  /// Own memory for all, zero at first. Shapes must be known, and their sizes checked by prepare().
  /// Views point at the quantization parameters of `model`, which `graph` was prepared from.
  static Result<InputsOutputs> create(const Graph& graph, const Graph& model);

  const std::vector<TensorInfo>& inputs() const { return inputs_; }
  const std::vector<TensorInfo>& outputs() const { return outputs_; }
  /// Where they are now; what is bound goes first.
  InputOutputMemory memory() const;
  /// Bytes of the own memory.
  size_t ownBytes() const { return buffer_.size(); }

  /// As the functions of Session.
  Result<TensorView> input(size_t index);
  Result<ConstTensorView> output(size_t index) const;
  Status bindInput(size_t index, const ConstTensorView& view);
  Status bindOutput(size_t index, const TensorView& view);

  Result<size_t> inputIndex(std::string_view name) const;
  Result<size_t> outputIndex(std::string_view name) const;

 private:
  const QuantParams* quantOf(TensorId id) const;
  Status checkOverlaps(const InputOutputMemory& memory) const;

  const Graph* model_ = nullptr;
  AlignedBuffer buffer_;
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::vector<void*> ownInputs_;
  std::vector<void*> ownOutputs_;
  std::vector<const void*> boundInputs_;  // null: not bound
  std::vector<void*> boundOutputs_;       // null: not bound
};

}  // namespace qrt
