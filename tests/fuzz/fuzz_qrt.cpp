// .qrt bytes → Model::fromMemory → a session, if the model is small.
#include "format/format.h"
#include "fuzz/fuzz.h"
#include "qrt/model.h"
#include "support/op_graphs.h"

namespace qrt::fuzz {

const std::vector<Bytes>& seeds() {
  static const std::vector<Bytes> all = [] {
    std::vector<Graph> graphs = test::opGraphs();
    graphs.push_back(test::smallNet());
    std::vector<Bytes> files;
    for (Graph& graph : graphs) {
      if (!validate(graph).ok() || !inferShapes(graph).ok()) continue;
      files.push_back(encode(graph)->joined());
    }
    return files;
  }();
  return all;
}

void mutateStructure(Bytes& bytes, Random& random) {
  const ConstantData aligned = ConstantData::copyOf(bytes);
  Result<Graph> graph = decode(aligned.bytes, aligned.owner);
  if (!graph.ok()) return;
  mutateGraph(*graph, random);
  // Half of them with the shapes that its layers make, as stored ones that disagree are refused.
  if (pick(random, 2) == 0) {
    for (const Layer& layer : graph->layers) {
      for (const TensorId id : layer.outputs) {
        const bool exists = id >= 0 && static_cast<size_t>(id) < graph->tensors.size();
        if (exists && !graph->tensor(id).isConstant()) graph->tensor(id).shape = Shape::unranked();
      }
    }
    if (validate(*graph).ok()) static_cast<void>(inferShapes(*graph));
  }
  bytes = encode(*graph)->joined();
}

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qrt::Result<qrt::Model> model =
      qrt::Model::fromMemory(std::as_bytes(std::span(data, size)));
  if (model.ok()) qrt::fuzz::runIfSmall(*model);
  return 0;
}
