#include "device.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "base/error.h"
#include "graph/op.h"
#include "runtime/partition.h"

namespace qrt::test {
namespace {

using Bytes = std::vector<std::byte>;
using Clock = std::chrono::steady_clock;

class DeviceProgram final : public Program {
 public:
  DeviceProgram(const CompileContext& ctx) : graph_(ctx.graph) {
    std::vector<const Backend*> backends(graph_.layers.size(), findBackend("reference"));
    for (const int layer : ctx.layers) backends[static_cast<size_t>(layer)] = &device();
    for (Partition& p : partition(graph_, backends)) {
      if (p.layers == std::vector<int>(ctx.layers.begin(), ctx.layers.end())) partition_ = std::move(p);
    }
    const DeviceModel& model = deviceModel();
    seconds_ = model.launch;
    for (const int layer : ctx.layers) {
      const auto own = model.seconds.find(graph_.layers[static_cast<size_t>(layer)].name);
      seconds_ += own != model.seconds.end() ? own->second : model.perLayer;
    }
    const auto bytes = [&](TensorId id) {
      if (id == kNoTensor || graph_.tensor(id).isConstant()) return 0.0;
      return static_cast<double>(graph_.tensor(id).shape.elements()) * static_cast<double>(dtypeSize(graph_.tensor(id).dtype));
    };
    for (const auto* border : {&partition_.inputs, &partition_.outputs}) {
      for (const TensorId id : *border) seconds_ += model.perByte * bytes(id);
    }
  }

  std::string_view kernel() const override { return "device"; }

  Status run(const RunArgs& args) override {
    const Clock::time_point start = Clock::now();
    const double noise = deviceModel().noise * std::normal_distribution<double>()(random_);
    std::map<TensorId, ConstTensorView> values;
    for (size_t i = 0; i < args.inputs.size(); ++i) values[partition_.inputs[i]] = args.inputs[i];
    std::map<TensorId, Bytes> memory;
    for (const int index : partition_.layers) QRT_RETURN_IF_ERROR(runLayer(index, values, memory));
    for (size_t i = 0; i < args.outputs.size(); ++i) {
      if (partition_.outputs[i] == kNoTensor) continue;
      std::memcpy(args.outputs[i].data, memory.at(partition_.outputs[i]).data(), args.outputs[i].bytes());
    }
    const auto end = start + std::chrono::duration<double>(seconds_ * std::max(0.2, 1 + noise));
    std::this_thread::sleep_until(end);  // on time even where others keep all cores busy
    return {};
  }

 private:
  Status runLayer(int index, std::map<TensorId, ConstTensorView>& values, std::map<TensorId, Bytes>& memory) {
    const Layer& layer = graph_.layers[static_cast<size_t>(index)];
    std::vector<ConstTensorView> inputs;
    for (const TensorId id : layer.inputs) inputs.push_back(id == kNoTensor ? ConstTensorView{} : values.at(id));
    std::vector<TensorView> outputs;
    for (const TensorId id : layer.outputs) {
      const Tensor& tensor = graph_.tensor(id);
      Bytes& bytes = memory[id];
      bytes.resize(static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype));
      outputs.push_back({tensor.dtype, tensor.shape, bytes.data(), tensor.quant ? &*tensor.quant : nullptr});
      values[id] = outputs.back();
    }
    QRT_RETURN_IF_ERROR(runReference(layer, inputs, outputs));
    if (deviceModel().wrong.contains(layer.name)) {
      // The top bits of every seventh element turn: values stay finite.
      Bytes& bytes = memory[layer.outputs[0]];
      const size_t size = dtypeSize(outputs[0].dtype);
      for (size_t i = size - 1; i < bytes.size(); i += 7 * size) bytes[i] ^= size == 1 ? std::byte{0x41} : std::byte{0x80};
    }
    return {};
  }

  Graph graph_;
  Partition partition_;
  double seconds_ = 0;
  std::minstd_rand random_{1};
};

class Device final : public Backend {
 public:
  std::string_view name() const override { return "device"; }
  std::string description() const override { return "an accelerator of the tests"; }
  bool wantsPartitions() const override { return true; }
  Verdict supports(const Graph&, const Layer& layer) const override {
    if (deviceModel().refused.contains(std::string(opName(layer.op)))) return Verdict::no("the device has no such unit");
    return Verdict::yes();
  }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    return std::unique_ptr<Program>(new DeviceProgram(ctx));
  }
};

class HostProgram final : public Program {
 public:
  explicit HostProgram(const Layer& layer) : layer_(layer), seconds_(deviceModel().perHostLayer) {}
  std::string_view kernel() const override { return "host"; }
  Status run(const RunArgs& args) override {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds_);
    QRT_RETURN_IF_ERROR(runReference(layer_, args.inputs, args.outputs));
    std::this_thread::sleep_until(end);  // on time even where others keep all cores busy
    return {};
  }

 private:
  Layer layer_;
  double seconds_;
};

class Host final : public Backend {
 public:
  std::string_view name() const override { return "host"; }
  std::string description() const override { return "a CPU of the tests"; }
  Verdict supports(const Graph&, const Layer&) const override { return Verdict::yes(); }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    return std::unique_ptr<Program>(new HostProgram(ctx.graph.layers[static_cast<size_t>(ctx.layers[0])]));
  }
};

}  // namespace

DeviceModel& deviceModel() {
  static DeviceModel model;
  return model;
}

const Backend& device() {
  static const Device device;
  static const Host host;
  static const bool added = [] {
    addBackend(device);
    addBackend(host);
    return true;
  }();
  (void)added;
  return device;
}

}  // namespace qrt::test
