// The budget under which fuzzed models run.

#include "fuzz/fuzz.h"
#include "graph/model_data.h"
#include "graph/op.h"
#include "passes/passes.h"
#include "qrt/session.h"

namespace qrt::fuzz {
namespace {

constexpr int64_t kMostMacs = 2'000'000;
constexpr int64_t kMostElements = 200'000;

bool isSmall(Graph graph) {
  for (const TensorId id : graph.inputs) {
    for (int64_t& dim : graph.tensor(id).shape.dims()) {
      if (dim == Shape::kUnknown) dim = 1;
    }
  }
  if (!specialize(graph, {}).ok()) return false;
  int64_t elements = 0;
  for (const Tensor& tensor : graph.tensors) {
    if (!tensor.shape.known()) continue;
    const int64_t count = *tensor.shape.elementCount();
    if (count > kMostElements) return false;
    elements += count;
  }
  int64_t macs = 0;
  for (const Layer& layer : graph.layers) {
    const int64_t count = layerMacs(graph, layer);
    if (count < 0 || count > kMostMacs) return false;
    macs += count;
  }
  return elements <= kMostElements && macs <= kMostMacs;
}

// Bytes of any kind, but the same for each run; bools are 0 or 1.
void fill(const TensorView& view) {
  Random random(1);
  auto* bytes = static_cast<unsigned char*>(view.data);
  const unsigned mask = view.dtype == DType::boolean ? 1 : 255;
  for (size_t i = 0; i < view.bytes(); ++i) bytes[i] = static_cast<unsigned char>(random() & mask);
}

void run(const Model& model, const SessionOptions& options) {
  Result<Session> session = Session::create(model, options);
  if (!session.ok()) return;
  for (size_t i = 0; i < session->inputs().size(); ++i) fill(*session->input(i));
  for (int i = 0; i < 2; ++i) {
    if (!session->run().ok()) return;
  }
  ++counts.ran;
}

}  // namespace

void runIfSmall(const Model& model) {
  ++counts.loaded;
  static_cast<void>(model.layers());
  if (!isSmall(model.data().graph)) return;
  SessionOptions options;
  options.threads = 1;
  for (const TensorInfo& input : model.inputs()) {
    if (!input.shape.ranked()) return;
    Shape shape = input.shape;
    for (int64_t& dim : shape.dims()) {
      if (dim == Shape::kUnknown) dim = 1;
    }
    options.inputShapes[input.name] = shape;
  }
  run(model, options);
  for (const LayerInfo& layer : model.layers()) options.layerBackends[layer.name] = "cpu-float";
  run(model, options);
  options.layerBackends.clear();
  options.backends = {"reference"};
  run(model, options);
}

}  // namespace qrt::fuzz
