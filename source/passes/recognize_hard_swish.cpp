// Exporters write x·clip(x + 3, 0, 6)/6 in several ways; each is one HardSwish, and the factor
// alone one HardSigmoid: min(max(α·x + β, 0), 1).
#include <cmath>

#include "passes/matching.h"
#include "passes/passes.h"

namespace qrt {
namespace {

// α·x + β of a tensor x.
struct Line {
  TensorId x = kNoTensor;
  double alpha = 1;
  double beta = 0;
};

bool near(double a, double b) { return std::fabs(a - b) < 1e-6; }

class Recognizer {
 public:
  explicit Recognizer(GraphEditor& editor) : editor_(editor) {}

  void run(int i) {
    const OpType op = editor_.layer(i).op;
    if (op == OpType::Clip) return clip(i);
    if (op != OpType::Mul && op != OpType::Div) return;
    if (hasActivation(editor_.layer(i))) return;
    if (!scaledClip(i) && !scaledProduct(i) && op == OpType::Mul) product(i);
  }

 private:
  bool isF32(TensorId id) const { return editor_.tensor(id).dtype == DType::f32; }

  // The layer behind `id` if it has that op, no activation, and nobody else reads it.
  int sole(TensorId id, OpType op) const {
    const int maker = editor_.producer(id, op);
    return maker >= 0 && editor_.hasOneReader(id) && !hasActivation(editor_.layer(maker)) ? maker
                                                                                          : -1;
  }

  // The constant factor of a Mul or Div by a scalar, and its other operand.
  std::optional<Line> factor(int i) const {
    const Layer& layer = editor_.layer(i);
    if ((layer.op != OpType::Mul && layer.op != OpType::Div) || hasActivation(layer))
      return std::nullopt;
    for (const size_t slot : {1, 0}) {
      const auto value = scalarBeside(layer, slot);
      if (!value || (layer.op == OpType::Div && slot == 0)) continue;
      return Line{layer.inputs[1 - slot], layer.op == OpType::Mul ? *value : 1.0 / *value, 0};
    }
    return std::nullopt;
  }

  std::optional<float> scalarBeside(const Layer& layer, size_t slot) const {
    const Shape& shape = editor_.tensor(layer.inputs[1 - slot]).shape;
    if (!shape.ranked() || !isF32(layer.inputs[1 - slot])) return std::nullopt;
    return constantScalar(editor_, layer.inputs[slot], shape.rank());
  }

  // Follows an Add of a scalar, then a Mul or Div by one, backwards from `id`.
  Line line(TensorId id) const {
    Line result{id};
    if (const int add = sole(id, OpType::Add); add >= 0) {
      const Layer& layer = editor_.layer(add);
      for (const size_t slot : {1, 0}) {
        const auto value = scalarBeside(layer, slot);
        if (!value) continue;
        result = {layer.inputs[1 - slot], 1, *value};
        break;
      }
    }
    if (result.x == id) return result;
    for (const OpType op : {OpType::Mul, OpType::Div}) {
      const int scaling = sole(result.x, op);
      const auto scaled = scaling >= 0 ? factor(scaling) : std::nullopt;
      if (scaled) return {scaled->x, scaled->alpha, result.beta};
    }
    return result;
  }

  // Clip(α·x + β, 0, 1)
  void clip(int i) {
    const auto& attrs = editor_.layer(i).attrs<ClipAttrs>();
    const TensorId in = editor_.layer(i).inputs[0];
    if (attrs.min != 0 || attrs.max != 1 || !isF32(in)) return;
    const Line found = line(in);
    if (found.x != in) become(i, found);
  }

  // x and 6α, 6β of Clip(α'·x + β', 0, 6).
  std::optional<Line> clip6(TensorId id) const {
    const int clip = sole(id, OpType::Clip);
    if (clip < 0) return std::nullopt;
    const auto& attrs = editor_.layer(clip).attrs<ClipAttrs>();
    const TensorId in = editor_.layer(clip).inputs[0];
    const Line found = line(in);
    if (attrs.min != 0 || attrs.max != 6 || found.x == in) return std::nullopt;
    return found;
  }

  // Clip(α·x + β, 0, 6) / 6
  bool scaledClip(int i) {
    const auto scaled = factor(i);
    if (!scaled || !near(scaled->alpha, 1.0 / 6)) return false;
    const auto found = clip6(scaled->x);
    if (found) become(i, {found->x, found->alpha / 6, found->beta / 6});
    return found.has_value();
  }

  // x · Clip(x + 3, 0, 6) / 6
  bool scaledProduct(int i) {
    const auto scaled = factor(i);
    if (!scaled || !near(scaled->alpha, 1.0 / 6)) return false;
    const int mul = sole(scaled->x, OpType::Mul);
    if (mul < 0) return false;
    for (const size_t slot : {0, 1}) {
      const TensorId x = editor_.layer(mul).inputs[1 - slot];
      const auto found = clip6(editor_.layer(mul).inputs[slot]);
      if (!found || found->x != x || !near(found->alpha, 1) || !near(found->beta, 3)) continue;
      editor_.become(i, OpType::HardSwish, NoAttrs{}, {x});
      return true;
    }
    return false;
  }

  // x · HardSigmoid(x)
  void product(int i) {
    for (const size_t slot : {0, 1}) {
      const TensorId x = editor_.layer(i).inputs[1 - slot];
      const int factor = sole(editor_.layer(i).inputs[slot], OpType::HardSigmoid);
      if (factor < 0 || editor_.layer(factor).inputs[0] != x || !isF32(x)) continue;
      const auto& attrs = editor_.layer(factor).attrs<HardSigmoidAttrs>();
      if (!near(attrs.alpha, 1.0 / 6) || !near(attrs.beta, 0.5)) continue;
      return editor_.become(i, OpType::HardSwish, NoAttrs{}, {x});
    }
  }

  void become(int i, const Line& line) {
    editor_.become(i, OpType::HardSigmoid,
                   HardSigmoidAttrs{static_cast<float>(line.alpha), static_cast<float>(line.beta)},
                   {line.x});
  }

  GraphEditor& editor_;
};

}  // namespace

void recognizeHardSwish(GraphEditor& editor) {
  Recognizer recognizer(editor);
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (editor.alive(i)) recognizer.run(i);
  }
}

}  // namespace qrt
