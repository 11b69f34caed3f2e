// Layers that apply one function to every byte: activations and the like, and Requantize. They look the
// results up.
#include <array>
#include <cctype>

#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"
#include "kernels/elementwise/table_s8.h"
#include "kernels/isa_table.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

using Table = std::array<int8_t, 256>;

// y = requantize(f32(x − zeroX) · f32(scaleX / scaleY)), s8 or u8 on either side.
Table requantizeTable(const Tensor& x, const Tensor& y) {
  const float scale = requantizeScale(x.quant->scales[0], y.quant->scales[0]);
  const int32_t lowest = y.dtype == DType::u8 ? 0 : -128;
  const QuantizedRange range = {y.quant->zeroPoints[0], lowest, lowest + 255};
  Table table;
  for (int32_t byte = 0; byte < 256; ++byte) {
    const int32_t value = x.dtype == DType::u8 ? byte : static_cast<int8_t>(byte);
    const auto steps = static_cast<float>(value - x.quant->zeroPoints[0]);
    table[static_cast<size_t>(byte)] = static_cast<int8_t>(requantize(steps * scale, range));
  }
  return table;
}

std::string lowerCase(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

class TableProgram final : public Program {
 public:
  TableProgram(const CompileContext& ctx, const Layer& layer)
      : kernel_(selectKernel(tableKernelsS8(), ctx.isa)),
        name_(concat(lowerCase(opName(layer.op)), "_s8_table_", isaName(kernel_.isa))),
        split_(1, ctx.graph.tensor(layer.outputs[0]).shape.elements(), 2, 64) {
    const Tensor& x = ctx.graph.tensor(layer.inputs[0]);
    const Tensor& y = ctx.graph.tensor(layer.outputs[0]);
    table_ = layer.op == OpType::Requantize ? requantizeTable(x, y)
                                            : int8Table(layer, *x.quant, *y.quant);
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const int8_t*>(args.inputs[0].data);
    auto* y = static_cast<int8_t*>(args.outputs[0].data);
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t, int64_t begin, int64_t end) {
        kernel_.map(x + begin, y + begin, end - begin, table_.data());
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return 0; }

 private:
  const TableKernelS8& kernel_;
  std::string name_;
  WorkSplit split_;
  Table table_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  if (layer.op != OpType::Requantize) return int8Only(graph, layer, 1);
  for (const TensorId id : {layer.inputs[0], layer.outputs[0]}) {
    const Tensor& tensor = graph.tensor(id);
    if (isByteQuantized(tensor)) continue;
    return Verdict::no(concat("tensor '", tensor.name, "' is ", dtypeName(tensor.dtype),
                              ", wanted s8 or u8 with one scale"));
  }
  return Verdict::yes();
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<TableProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::Abs,        OpType::Clip,        OpType::Elu,
                           OpType::Erf,        OpType::Exp,         OpType::HardSigmoid,
                           OpType::HardSwish,  OpType::LeakyRelu,   OpType::Neg,
                           OpType::Relu,       OpType::Requantize,  OpType::Sigmoid,
                           OpType::Softplus,   OpType::Tanh};

}  // namespace

constinit const KernelFamily kTableS8Family = {kOps, supports, compile};

}  // namespace qrt
