// What the simulated hardware can do at most; a profile may leave it less.
#include <algorithm>
#include <iterator>

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

std::string takesAll(const Network&, const Layer&) { return ""; }
std::string takesActivation(const Network&, const Layer& layer) { return refuseActivation(layer); }
std::string takesSplit(const Network&, const Layer& layer) {
  const bool whole = std::none_of(layer.outputs.begin(), layer.outputs.end(), [](int id) { return id < 0; });
  return whole ? "" : "an output is absent";
}

constexpr Op kOps[] = {
    {"Add", takesActivation, prepareBinary},
    {"AveragePool", takesAll, preparePool},
    {"Clip", takesAll, prepareTable},
    {"Concat", takesAll, prepareConcat},
    {"Conv", refuseConv, prepareConv},
    {"Elu", takesAll, prepareTable},
    {"Flatten", takesAll, prepareCopy},
    {"FullyConnected", takesActivation, prepareFullyConnected},
    {"HardSigmoid", takesAll, prepareTable},
    {"HardSwish", takesAll, prepareTable},
    {"Identity", takesAll, prepareCopy},
    {"LeakyRelu", takesAll, prepareTable},
    {"MaxPool", takesAll, preparePool},
    {"Mul", takesActivation, prepareBinary},
    {"Pad", refusePad, preparePad},
    {"ReduceMean", refuseMean, prepareMean},
    {"Relu", takesAll, prepareTable},
    {"Requantize", takesAll, prepareRequantize},
    {"Reshape", takesAll, prepareCopy},
    {"Resize", refuseResize, prepareResize},
    {"Sigmoid", takesAll, prepareTable},
    {"Softmax", takesAll, prepareSoftmax},
    {"Split", takesSplit, prepareSplit},
    {"Squeeze", takesAll, prepareCopy},
    {"Sub", takesActivation, prepareBinary},
    {"Tanh", takesAll, prepareTable},
    {"Transpose", takesAll, prepareTranspose},
    {"Unsqueeze", takesAll, prepareCopy},
};

}  // namespace

const Op* findOp(const std::string& name) {
  const auto found = std::find_if(std::begin(kOps), std::end(kOps), [&](const Op& op) { return op.name == name; });
  return found == std::end(kOps) ? nullptr : found;
}

std::vector<std::string> opNames() {
  std::vector<std::string> names;
  for (const Op& op : kOps) names.emplace_back(op.name);
  return names;
}

std::string refuseActivation(const Layer& layer) {
  const std::string& kind = layer.attribute("activation").text;
  return kind == "none" || kind == "relu" || kind == "clip" ? "" : "activation " + kind + ", wanted none, relu or clip";
}

Range rangeOf(const Tensor& tensor, const Layer* fused) {
  const Range whole{tensor.zeroPoint(), -128, 127};
  if (fused == nullptr) return whole;
  const Attribute& activation = fused->attribute("activation");
  const auto steps = [&](float bound) { return int32_t{requantize(bound / tensor.scale(), whole)}; };
  if (activation.text == "relu") return {whole.zeroPoint, steps(0), whole.high};
  if (activation.text == "clip")
    return {whole.zeroPoint, steps(activation.floats.at(0)), steps(activation.floats.at(1))};
  return whole;
}

double macsOf(const Network& network, const Layer& layer) {
  if (layer.op == "FullyConnected") {
    return static_cast<double>(network.in(layer, 0).elements) * static_cast<double>(network.in(layer, 1).dims[0]);
  }
  if (layer.op != "Conv") return 0;
  const Tensor& w = network.in(layer, 1);
  return static_cast<double>(network.out(layer).elements) * static_cast<double>(w.elements / w.dims[0]);
}

}  // namespace npu_sim
