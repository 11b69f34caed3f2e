#include "support/test_backends.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "graph/op.h"

namespace qrt::test {
namespace {

using Bytes = std::vector<std::byte>;

void spoil(std::span<std::byte> memory) {
  std::fill(memory.begin(), memory.end(), std::byte{0xcd});
}
void spoil(const TensorView& view) { spoil({static_cast<std::byte*>(view.data), view.bytes()}); }

bool isElementwise(OpType op) {
  return op == OpType::Relu || op == OpType::Neg || op == OpType::Add || op == OpType::Mul;
}

class HostileProgram final : public Program {
 public:
  explicit HostileProgram(const Layer& layer) : layer_(layer) {}
  std::string_view kernel() const override { return "hostile"; }
  size_t scratchBytes() const override { return layer_.name.size() * 50; }
  Status run(const RunArgs& args) override {
    spoil(args.scratch);
    for (const TensorView& output : args.outputs) spoil(output);
    return runReference(layer_, args.inputs, args.outputs);
  }

 private:
  Layer layer_;
};

class InPlaceProgram final : public Program {
 public:
  InPlaceProgram(const Graph& graph, const Layer& layer) : layer_(layer) {
    const Shape& shape = graph.tensor(layer.outputs[0]).shape;
    for (size_t i = 0; i < layer.inputs.size(); ++i) {
      if (graph.tensor(layer.inputs[i]).shape == shape) input_ = static_cast<int>(i);
    }
  }
  std::string_view kernel() const override { return "in_place"; }
  int inPlaceInput(int) const override { return input_; }
  Status run(const RunArgs& args) override {
    Bytes result(args.outputs[0].bytes());
    std::vector<ConstTensorView> inputs(args.inputs.begin(), args.inputs.end());
    Bytes kept;
    if (input_ >= 0) {
      ConstTensorView& input = inputs[static_cast<size_t>(input_)];
      const auto* first = static_cast<const std::byte*>(input.data);
      kept.assign(first, first + input.bytes());
      input.data = kept.data();
    }
    spoil(args.outputs[0]);
    TensorView output = args.outputs[0];
    output.data = result.data();
    QRT_RETURN_IF_ERROR(runReference(layer_, inputs, {&output, 1}));
    std::memcpy(args.outputs[0].data, result.data(), result.size());
    return {};
  }

 private:
  Layer layer_;
  int input_ = -1;
};

class GroupingProgram final : public Program {
 public:
  explicit GroupingProgram(const CompileContext& ctx) : graph_(ctx.graph) {
    std::vector<bool> made(graph_.tensors.size());
    for (const int index : ctx.layers) {
      const Layer& layer = graph_.layers[static_cast<size_t>(index)];
      layers_.push_back(layer);
      for (const TensorId id : layer.inputs) {
        const bool known = std::find(inputs_.begin(), inputs_.end(), id) != inputs_.end();
        if (!known && !made[static_cast<size_t>(id)]) inputs_.push_back(id);
      }
      made[static_cast<size_t>(layer.outputs[0])] = true;
    }
    const auto consumers = graph_.consumers();
    const auto outside = [&](int layer) {
      return std::find(ctx.layers.begin(), ctx.layers.end(), layer) == ctx.layers.end();
    };
    for (const Layer& layer : layers_) {
      const TensorId id = layer.outputs[0];
      const std::vector<int>& readers = consumers[static_cast<size_t>(id)];
      const bool leaves = graph_.isOutput(id) || (std::any_of(readers.begin(), readers.end(), outside));
      if (leaves || layers_.size() == 1) outputs_.push_back(id);
    }
  }
  std::string_view kernel() const override { return "grouped"; }
  Status run(const RunArgs& args) override {
    // A single Add(x, x) lists x twice, as its layer does.
    if (layers_.size() == 1) return runReference(layers_[0], args.inputs, args.outputs);
    if (args.inputs.size() != inputs_.size() || args.outputs.size() != outputs_.size()) {
      return internalError("wrong number of arguments");
    }
    for (const TensorView& output : args.outputs) spoil(output);
    std::map<TensorId, ConstTensorView> values;
    for (size_t i = 0; i < inputs_.size(); ++i) values[inputs_[i]] = args.inputs[i];
    std::map<TensorId, Bytes> memory;
    for (const Layer& layer : layers_) {
      std::vector<ConstTensorView> inputs;
      for (const TensorId id : layer.inputs) inputs.push_back(values.at(id));
      const Tensor& tensor = graph_.tensor(layer.outputs[0]);
      TensorView output{tensor.dtype, tensor.shape, nullptr, nullptr};
      Bytes& bytes = memory[layer.outputs[0]];
      bytes.resize(output.bytes());
      output.data = bytes.data();
      QRT_RETURN_IF_ERROR(runReference(layer, inputs, {&output, 1}));
      values[layer.outputs[0]] = output;
    }
    for (size_t i = 0; i < outputs_.size(); ++i) {
      std::memcpy(args.outputs[i].data, values.at(outputs_[i]).data, args.outputs[i].bytes());
    }
    return {};
  }

 private:
  const Graph graph_;
  std::vector<Layer> layers_;
  std::vector<TensorId> inputs_;
  std::vector<TensorId> outputs_;
};

class FailingProgram final : public Program {
 public:
  explicit FailingProgram(const Layer& layer) : layer_(layer) {}
  std::string_view kernel() const override { return "failing"; }
  Status run(const RunArgs& args) override {
    if (layer_.op == OpType::Neg) return {StatusCode::failed, "the device is on fire"};
    return runReference(layer_, args.inputs, args.outputs);
  }

 private:
  Layer layer_;
};

// A backend made of two functions.
class TestBackend final : public Backend {
 public:
  using Make = std::unique_ptr<Program> (*)(const CompileContext&);
  TestBackend(std::string_view name, bool (*takes)(OpType), bool partitions, Make make)
      : name_(name), takes_(takes), partitions_(partitions), make_(make) {}

  std::string_view name() const override { return name_; }
  std::string description() const override { return "for tests"; }
  bool wantsPartitions() const override { return partitions_; }
  Verdict supports(const Graph&, const Layer& layer) const override {
    return takes_(layer.op) ? Verdict::yes() : Verdict::no("not my kind of op");
  }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    return make_(ctx);
  }

 private:
  std::string_view name_;
  bool (*takes_)(OpType);
  bool partitions_;
  Make make_;
};

const Layer& firstLayer(const CompileContext& ctx) {
  return ctx.graph.layers[static_cast<size_t>(ctx.layers.front())];
}

}  // namespace

const Backend& hostileBackend() {
  static const TestBackend backend(
      "hostile", [](OpType) { return true; }, false,
      [](const CompileContext& ctx) -> std::unique_ptr<Program> {
        return std::make_unique<HostileProgram>(firstLayer(ctx));
      });
  return backend;
}

const Backend& inPlaceBackend() {
  static const TestBackend backend(
      "in-place", isElementwise, false,
      [](const CompileContext& ctx) -> std::unique_ptr<Program> {
        return std::make_unique<InPlaceProgram>(ctx.graph, firstLayer(ctx));
      });
  return backend;
}

const Backend& groupingBackend() {
  static const TestBackend backend(
      "grouping", [](OpType op) { return isElementwise(op) || opDef(op).isView; }, true,
      [](const CompileContext& ctx) -> std::unique_ptr<Program> {
        return std::make_unique<GroupingProgram>(ctx);
      });
  return backend;
}

const Backend& failingBackend() {
  static const TestBackend backend(
      "failing", [](OpType) { return true; }, false,
      [](const CompileContext& ctx) -> std::unique_ptr<Program> {
        return std::make_unique<FailingProgram>(firstLayer(ctx));
      });
  return backend;
}

}  // namespace qrt::test
