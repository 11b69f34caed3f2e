#include "passes/layout_rules.h"

#include <algorithm>

#include "graph/op.h"
#include "passes/layout_apply.h"
#include "passes/reshape_layout.h"

namespace qrt {
namespace {

using Ports = std::optional<LayoutPorts>;

bool isElementwise(OpType op) {
  switch (op) {
    case OpType::Abs:
    case OpType::Add:
    case OpType::And:
    case OpType::Cast:
    case OpType::Ceil:
    case OpType::Clip:
    case OpType::Dequantize:
    case OpType::Div:
    case OpType::Elu:
    case OpType::Equal:
    case OpType::Erf:
    case OpType::Exp:
    case OpType::Floor:
    case OpType::Greater:
    case OpType::HardSigmoid:
    case OpType::HardSwish:
    case OpType::Identity:
    case OpType::LeakyRelu:
    case OpType::Less:
    case OpType::Log:
    case OpType::Max:
    case OpType::Min:
    case OpType::Mul:
    case OpType::Neg:
    case OpType::Not:
    case OpType::Pow:
    case OpType::PRelu:
    case OpType::Quantize:
    case OpType::Reciprocal:
    case OpType::Relu:
    case OpType::Requantize:
    case OpType::Round:
    case OpType::Sigmoid:
    case OpType::Sign:
    case OpType::Softplus:
    case OpType::Sqrt:
    case OpType::Sub:
    case OpType::Tanh:
    case OpType::Where:
      return true;
    default:
      return false;
  }
}

class Rules {
 public:
  Rules(const GraphEditor& editor, int layer, PortId port, const Perm& perm)
      : editor_(editor),
        layer_(editor.layer(layer)),
        port_(port),
        perm_(perm),
        rank_(perm.size()) {}

  Ports ports() const {
    const int64_t first = perm_[0];
    if (isElementwise(layer_.op)) return allAlike(layer_.inputs.size(), true);
    switch (layer_.op) {
      case OpType::Concat:
        return allAlike(layer_.inputs.size(), false);
      case OpType::GatherElements:
        return allAlike(2, false);
      case OpType::BatchNormalization:
      case OpType::LogSoftmax:
      case OpType::Lrn:
      case OpType::Softmax:
      case OpType::Split:
        return allAlike(1, false);
      case OpType::InstanceNormalization:
        return first == 0 ? allAlike(1, false) : std::nullopt;
      case OpType::LayerNormalization:
        return layerNormalization();
      case OpType::Slice:
        return sliceAxes(editor_.graph(), layer_) ? allAlike(1, false) : std::nullopt;
      case OpType::Pad:
        return intsPerDim(1, 2) ? allAlike(1, false) : std::nullopt;
      case OpType::Tile:
        return intsPerDim(1, 1) ? allAlike(1, false) : std::nullopt;
      case OpType::Expand:
        return constantInts(editor_.graph(), layer_.input(1)) ? allAlike(1, false) : std::nullopt;
      case OpType::Resize:
        return resizeIsConstant() ? allAlike(1, false) : std::nullopt;
      case OpType::Gather:
        return gather();
      case OpType::ArgMax: {
        const auto& attrs = layer_.attrs<ArgMaxAttrs>();
        return attrs.keepDims ? allAlike(1, false) : dropping({attrs.axis});
      }
      case OpType::ReduceMax:
      case OpType::ReduceMean:
      case OpType::ReduceMin:
      case OpType::ReduceSum: {
        const auto& attrs = layer_.attrs<ReduceAttrs>();
        if (attrs.keepDims) return allAlike(1, false);
        return dropping(attrs.axes.empty() ? identityPerm(shapeIn().rank()) : attrs.axes);
      }
      case OpType::Squeeze: {
        const auto& axes = layer_.attrs<AxesAttrs>().axes;
        return axes.empty() ? std::nullopt : dropping(axes);
      }
      case OpType::Unsqueeze:
        return unsqueeze();
      case OpType::Flatten:
      case OpType::Reshape:
        return reshape();
      case OpType::Shape:
        return port_.output ? std::nullopt : Ports({{perm_}, {{}}});
      default:
        return std::nullopt;
    }
  }

 private:
  const Shape& shapeIn() const { return editor_.tensor(layer_.inputs[0]).shape; }
  const Shape& shapeOut() const { return editor_.tensor(layer_.outputs[0]).shape; }

  bool hasRank(TensorId id) const {
    const Shape& shape = editor_.tensor(id).shape;
    return shape.ranked() && shape.dims().size() == rank_;
  }

  // The first `count` inputs and all outputs are permuted in the same way.
  Ports allAlike(size_t count, bool broadcast) const {
    LayoutPorts ports;
    ports.inputs.resize(layer_.inputs.size());
    ports.outputs.resize(layer_.outputs.size());
    for (size_t i = 0; i < count; ++i) {
      const TensorId id = layer_.input(i);
      if (id == kNoTensor) continue;
      const Tensor& tensor = editor_.tensor(id);
      if (broadcast && tensor.shape.ranked() && tensor.shape.dims().size() <= rank_ &&
          tensor.shape.elementCount() == 1 && (port_.output || port_.index != i)) {
        continue;
      }
      const bool lower = broadcast && tensor.isConstant() && tensor.shape.dims().size() < rank_;
      if (!lower && !hasRank(id)) return std::nullopt;
      ports.inputs[i] = perm_;
    }
    for (size_t i = 0; i < layer_.outputs.size(); ++i) {
      if (layer_.outputs[i] == kNoTensor) continue;
      if (!hasRank(layer_.outputs[i])) return std::nullopt;
      ports.outputs[i] = perm_;
    }
    return ports;
  }

  static Ports oneToOne(Perm in, Perm out) {
    if (isIdentity(in)) in.clear();
    if (isIdentity(out)) out.clear();
    return LayoutPorts{{std::move(in)}, {std::move(out)}};
  }

  // The output lacks the dims `axes` of the input.
  Ports dropping(const std::vector<int64_t>& axes) const {
    if (!shapeIn().ranked()) return std::nullopt;
    const auto keep = keptDims(axes, shapeIn().rank());
    if (!keep) return std::nullopt;
    Ports ports = port_.output ? oneToOne(extendPerm(perm_, *keep), perm_)
                               : oneToOne(perm_, restrictPerm(perm_, *keep));
    ports->inputs.resize(layer_.inputs.size());
    return ports;
  }

  Ports unsqueeze() const {
    if (!shapeOut().ranked()) return std::nullopt;
    const auto keep = keptDims(layer_.attrs<AxesAttrs>().axes, shapeOut().rank());
    if (!keep) return std::nullopt;
    return port_.output ? oneToOne(restrictPerm(perm_, *keep), perm_)
                        : oneToOne(perm_, extendPerm(perm_, *keep));
  }

  Ports gather() const {
    const Shape& indices = editor_.tensor(layer_.inputs[1]).shape;
    if (!indices.ranked() || indices.rank() > 1) return std::nullopt;
    return indices.rank() == 1 ? allAlike(1, false) : dropping({layer_.attrs<AxisAttrs>().axis});
  }

  Ports layerNormalization() const {
    const auto axis = normalizeAxis(layer_.attrs<NormAttrs>().axis, static_cast<int>(rank_));
    if (!axis) return std::nullopt;
    for (size_t i = static_cast<size_t>(*axis); i < rank_; ++i) {
      if (perm_[i] != static_cast<int64_t>(i)) return std::nullopt;
    }
    return allAlike(1, false);
  }

  Ports reshape() const {
    const Shape &from = shapeIn(), &to = shapeOut();
    if (port_.output) {
      const auto in = permThroughReshape(to, from, perm_);
      if (!in) return std::nullopt;
      Ports ports = oneToOne(*in, perm_);
      ports->inputs.resize(layer_.inputs.size());
      return ports;
    }
    Perm out;
    if (const auto found = permThroughReshape(from, to, perm_)) {
      out = *found;
    } else if (!flattensForFullyConnected(editor_, layer_, perm_)) {
      return std::nullopt;
    }
    Ports ports = oneToOne(perm_, std::move(out));
    ports->inputs.resize(layer_.inputs.size());
    return ports;
  }

  // Input `i` holds `each` integers per dim.
  bool intsPerDim(size_t i, size_t each) const {
    const auto values = constantInts(editor_.graph(), layer_.input(i));
    return values && values->size() == each * rank_;
  }

  bool resizeIsConstant() const {
    for (const size_t i : {1, 2}) {
      if (layer_.input(i) == kNoTensor) continue;
      const Tensor* values = editor_.graph().constant(layer_.input(i));
      if (values == nullptr || values->shape != Shape{static_cast<int64_t>(rank_)}) return false;
    }
    return true;
  }

  const GraphEditor& editor_;
  const Layer& layer_;
  const PortId port_;
  const Perm& perm_;
  const size_t rank_;
};

}  // namespace

std::optional<LayoutPorts> layoutPorts(const GraphEditor& editor, int layer, PortId port,
                                       const Perm& perm) {
  const Layer& l = editor.layer(layer);
  if (perm.empty() || (!port.output && port.index >= l.inputs.size())) return std::nullopt;
  Ports ports = Rules(editor, layer, port, perm).ports();
  if (!ports) return std::nullopt;
  const Perm& asked = port.output ? ports->outputs[port.index] : ports->inputs[port.index];
  return asked == perm ? ports : std::nullopt;
}

}  // namespace qrt
