#include "runtime/identity.h"

#include <map>

namespace qrt {
namespace {

class Identity {
 public:
  Identity(const Graph& graph, const Partition& partition) : graph_(graph) {
    add(partition.backend);
    add(partition.layers.size());
    for (const int index : partition.layers) {
      const Layer& layer = graph.layers[static_cast<size_t>(index)];
      add(layer.name.size());
      text += layer.name;
      add(layer.op);
      add(layer.inputs);
      add(layer.outputs);
    }
    add(partition.inputs);
    add(partition.outputs);
  }

  std::string text;

 private:
  template <class T>
  void add(const T& value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  void add(const std::vector<TensorId>& ids) {
    add(ids.size());
    for (const TensorId id : ids) tensor(id);
  }

  // Ids differ between graphs, so tensors are numbered as they appear.
  void tensor(TensorId id) {
    if (id == kNoTensor) return add(-1);
    const auto [known, isNew] = numbers_.emplace(id, static_cast<int>(numbers_.size()));
    add(known->second);
    if (!isNew) return;
    const Tensor& tensor = graph_.tensor(id);
    add(tensor.dtype);
    add(tensor.shape.dims().size());
    for (const int64_t dim : tensor.shape.dims()) add(dim);
    add(tensor.isConstant());
    if (tensor.isConstant()) return;
    add(tensor.quant ? tensor.quant->scales.size() : 0);
    if (!tensor.quant) return;
    add(tensor.quant->axis);
    for (const float scale : tensor.quant->scales) add(scale);
    for (const int32_t zeroPoint : tensor.quant->zeroPoints) add(zeroPoint);
  }

  const Graph& graph_;
  std::map<TensorId, int> numbers_;
};

}  // namespace

std::string identity(const Graph& graph, const Partition& partition) { return Identity(graph, partition).text; }

}  // namespace qrt
