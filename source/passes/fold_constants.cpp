// Runs the reference kernels of layers whose inputs are all constant, so that a session does not.
// Untrusted graphs may ask for terabytes (ConstantOfShape, Expand, Tile): a result is folded only
// if it is small or about the size of what it is made from, and the total of bytes and of work is
// bounded.
#include <algorithm>

#include "base/aligned_buffer.h"
#include "graph/op.h"
#include "graph/quantized.h"
#include "passes/passes.h"

namespace qrt {
namespace {

constexpr int64_t kAlwaysFolded = int64_t{1} << 20;
constexpr int64_t kGrowth = 4;  // of a larger result, over its inputs

int64_t byteSize(const Tensor& tensor) {
  const auto count = tensor.shape.known() ? tensor.shape.elementCount() : std::nullopt;
  constexpr int64_t kMost = int64_t{1} << 40;
  return count && *count < kMost ? *count * static_cast<int64_t>(dtypeSize(tensor.dtype)) : kMost;
}

class Folder {
 public:
  Folder(GraphEditor& editor, FoldBudget& budget) : editor_(editor), budget_(budget) {}

  void fold(int i) {
    const Layer& layer = editor_.layer(i);
    if (!foldable(layer)) return;
    std::vector<ConstTensorView> inputs;
    for (const TensorId id : layer.inputs) {
      inputs.push_back(id == kNoTensor || !editor_.tensor(id).isConstant()
                           ? shapeOnly(id)
                           : editor_.tensor(id).constantView());
    }
    std::vector<std::shared_ptr<AlignedBuffer>> buffers;
    std::vector<TensorView> outputs;
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) {
        outputs.emplace_back();
        continue;
      }
      const Tensor& tensor = editor_.tensor(id);
      // Never null, so that a kernel can tell an empty output from an absent one.
      buffers.push_back(std::make_shared<AlignedBuffer>(
          static_cast<size_t>(std::max<int64_t>(byteSize(tensor), 1))));
      if (buffers.back()->data() == nullptr) return;
      outputs.push_back({tensor.dtype, tensor.shape, buffers.back()->data(),
                         tensor.quant ? &*tensor.quant : nullptr});
    }
    if (!runReference(layer, inputs, outputs).ok()) return;
    size_t next = 0;
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) continue;
      const std::shared_ptr<AlignedBuffer>& buffer = buffers[next++];
      const auto bytes = static_cast<size_t>(byteSize(editor_.tensor(id)));
      editor_.tensor(id).constant = ConstantData{buffer, {buffer->data(), bytes}};
      budget_.bytes -= static_cast<int64_t>(bytes);
    }
    budget_.macs -= layerMacs(editor_.graph(), layer);
    editor_.remove(i);
  }

 private:
  // Shape reads no data.
  ConstTensorView shapeOnly(TensorId id) const {
    if (id == kNoTensor) return {};
    return {editor_.tensor(id).dtype, editor_.tensor(id).shape, nullptr};
  }

  bool foldable(const Layer& layer) const {
    if (budget_.quantized == Quantized::keep &&
        (layer.op == OpType::Quantize || layer.op == OpType::Dequantize)) {
      return false;
    }
    int64_t in = 0;
    for (const TensorId id : layer.inputs) {
      if (id == kNoTensor) continue;
      const Tensor& tensor = editor_.tensor(id);
      if (layer.op == OpType::Shape ? !tensor.shape.known() : !tensor.isConstant()) return false;
      if (tensor.isConstant()) in += byteSize(tensor);
    }
    int64_t out = 0;
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) continue;
      if (!editor_.tensor(id).shape.known() || editor_.isOutput(id)) return false;
      out += byteSize(editor_.tensor(id));
    }
    return out <= std::max(kAlwaysFolded, kGrowth * in) && out <= budget_.bytes &&
           layerMacs(editor_.graph(), layer) <= budget_.macs;
  }

  GraphEditor& editor_;
  FoldBudget& budget_;
};

}  // namespace

FoldBudget FoldBudget::of(const Graph& graph) {
  FoldBudget budget;
  for (const Tensor& tensor : graph.tensors) {
    // Integers may become floats, and what is rearranged is often so twice.
    const int64_t growth = dtypeSize(tensor.dtype) == 1 ? kGrowth : 2;
    if (tensor.isConstant()) budget.bytes += growth * byteSize(tensor);
  }
  return budget;
}

Status foldConstants(GraphEditor& editor, FoldBudget& budget) {
  Folder folder(editor, budget);
  for (int i = 0; i < editor.layerCount(); ++i) {
    Layer& layer = editor.layer(i);
    InferContext ctx(editor.graph(), layer);
    Status status = checkInt8(editor.graph(), layer);
    if (status.ok()) status = opDef(layer.op).infer(ctx);
    for (const TensorId id : layer.outputs) {
      if (status.ok() && id != kNoTensor) status = checkTensor(editor.tensor(id));
    }
    if (!status.ok()) return annotate(status, "layer '", layer.name, "' (", opName(layer.op), ")");
    folder.fold(i);
  }
  return {};
}

}  // namespace qrt
