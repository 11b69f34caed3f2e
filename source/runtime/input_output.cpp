#include "runtime/input_output.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>

#include "base/closest.h"
#include "base/error.h"
#include "graph/model_data.h"
#include "runtime/share_memory.h"

namespace qrt {
namespace {

Result<size_t> findByName(const std::vector<TensorInfo>& infos, std::string_view name,
                          std::string_view kind) {
  std::vector<std::string> names;
  for (size_t i = 0; i < infos.size(); ++i) {
    if (infos[i].name == name) return i;
  }
  for (const TensorInfo& info : infos) names.push_back(info.name);
  return notFound("no ", kind, " is named '", name, "'", suggestNames(name, names));
}

Status checkIndex(const std::vector<TensorInfo>& infos, size_t index, std::string_view kind) {
  if (index < infos.size()) return {};
  return notFound(kind, " ", index, " does not exist: the model has ", infos.size());
}

Status checkBinding(const TensorInfo& info, DType dtype, const Shape& shape, const void* data,
                    std::string_view kind) {
  if (dtype != info.dtype || shape != info.shape) {
    return invalidArgument(kind, " '", info.name, "' is ", dtypeName(info.dtype), " ",
                           info.shape.toString(), ", cannot be bound to ", dtypeName(dtype), " ",
                           shape.toString());
  }
  if (reinterpret_cast<uintptr_t>(data) % dtypeSize(dtype) != 0) {
    return invalidArgument(kind, " '", info.name, "' cannot be bound to an address that is not a ",
                           "multiple of ", dtypeSize(dtype));
  }
  return {};
}

}  // namespace

Result<InputsOutputs> InputsOutputs::create(const Graph& graph, const Graph& model) {
  InputsOutputs io;
  io.model_ = &model;
  size_t bytes = 0;
  const auto book = [&](const Tensor& tensor) {
    const size_t offset = bytes;
    bytes += std::max(alignUp(tensorBytes(tensor)), kAlignment);  // empty ones have an address too
    return offset;
  };
  std::vector<size_t> offsets;
  for (const TensorId id : graph.inputs) {
    io.inputs_.push_back(describeTensor(graph.tensor(id)));
    offsets.push_back(book(graph.tensor(id)));
  }
  for (const TensorId id : graph.outputs) {
    io.outputs_.push_back(describeTensor(graph.tensor(id)));
    offsets.push_back(book(graph.tensor(id)));
  }
  io.buffer_ = AlignedBuffer(bytes);
  if (io.buffer_.size() != bytes) {
    return outOfMemory("no memory for ", bytes, " bytes of inputs and outputs");
  }
  std::memset(io.buffer_.data(), 0, bytes);  // a graph has at least one output
  for (size_t i = 0; i < offsets.size(); ++i) {
    auto& own = i < graph.inputs.size() ? io.ownInputs_ : io.ownOutputs_;
    own.push_back(io.buffer_.data() + offsets[i]);
  }
  io.boundInputs_.resize(graph.inputs.size());
  io.boundOutputs_.resize(graph.outputs.size());
  return io;
}

const QuantParams* InputsOutputs::quantOf(TensorId id) const {
  const Tensor& tensor = model_->tensor(id);
  return tensor.quant ? &*tensor.quant : nullptr;
}

InputOutputMemory InputsOutputs::memory() const {
  InputOutputMemory memory;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    memory.inputs.push_back(boundInputs_[i] != nullptr ? boundInputs_[i] : ownInputs_[i]);
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    memory.outputs.push_back(boundOutputs_[i] != nullptr ? boundOutputs_[i] : ownOutputs_[i]);
  }
  return memory;
}

Result<TensorView> InputsOutputs::input(size_t index) {
  QRT_RETURN_IF_ERROR(checkIndex(inputs_, index, "input"));
  const TensorInfo& info = inputs_[index];
  if (boundInputs_[index] != nullptr) {
    return invalidArgument("input '", info.name, "' is bound to the caller's memory, which is "
                           "read-only here");
  }
  return TensorView{info.dtype, info.shape, ownInputs_[index], quantOf(model_->inputs[index])};
}

Result<ConstTensorView> InputsOutputs::output(size_t index) const {
  QRT_RETURN_IF_ERROR(checkIndex(outputs_, index, "output"));
  const TensorInfo& info = outputs_[index];
  const void* data = boundOutputs_[index] != nullptr ? boundOutputs_[index] : ownOutputs_[index];
  return ConstTensorView(info.dtype, info.shape, data, quantOf(model_->outputs[index]));
}

// Outputs are written as early as can be: what overlaps one would be lost.
Status InputsOutputs::checkOverlaps(const InputOutputMemory& memory) const {
  struct Piece {
    const char* kind;
    const TensorInfo& info;
    const std::byte* begin;
    const std::byte* end;
  };
  std::vector<Piece> pieces;
  const auto add = [&](const char* kind, const TensorInfo& info, const void* data) {
    const auto* begin = static_cast<const std::byte*>(data);
    const size_t bytes = static_cast<size_t>(info.shape.elements()) * dtypeSize(info.dtype);
    pieces.push_back({kind, info, begin, begin + bytes});
  };
  for (size_t i = 0; i < inputs_.size(); ++i) add("input", inputs_[i], memory.inputs[i]);
  for (size_t i = 0; i < outputs_.size(); ++i) add("output", outputs_[i], memory.outputs[i]);
  const std::less<> before;
  for (size_t i = inputs_.size(); i < pieces.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Piece &a = pieces[i], &b = pieces[j];
      if (!before(a.begin, b.end) || !before(b.begin, a.end)) continue;
      return invalidArgument(a.kind, " '", a.info.name, "' would overlap ", b.kind, " '",
                             b.info.name, "' in memory, wanted memory of its own");
    }
  }
  return {};
}

Status InputsOutputs::bindInput(size_t index, const ConstTensorView& view) {
  QRT_RETURN_IF_ERROR(checkIndex(inputs_, index, "input"));
  if (view.data != nullptr) {
    QRT_RETURN_IF_ERROR(checkBinding(inputs_[index], view.dtype, view.shape, view.data, "input"));
  }
  InputOutputMemory next = memory();
  next.inputs[index] = view.data != nullptr ? view.data : ownInputs_[index];
  QRT_RETURN_IF_ERROR(checkOverlaps(next));
  boundInputs_[index] = view.data;
  return {};
}

Status InputsOutputs::bindOutput(size_t index, const TensorView& view) {
  QRT_RETURN_IF_ERROR(checkIndex(outputs_, index, "output"));
  if (view.data != nullptr) {
    QRT_RETURN_IF_ERROR(checkBinding(outputs_[index], view.dtype, view.shape, view.data, "output"));
  }
  InputOutputMemory next = memory();
  next.outputs[index] = view.data != nullptr ? view.data : ownOutputs_[index];
  QRT_RETURN_IF_ERROR(checkOverlaps(next));
  boundOutputs_[index] = view.data;
  return {};
}

Result<size_t> InputsOutputs::inputIndex(std::string_view name) const {
  return findByName(inputs_, name, "input");
}

Result<size_t> InputsOutputs::outputIndex(std::string_view name) const {
  return findByName(outputs_, name, "output");
}

}  // namespace qrt
