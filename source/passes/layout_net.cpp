#include "passes/layout_net.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace qrt {

Perm transposePerm(const GraphEditor& editor, int layer) {
  const Layer& transpose = editor.layer(layer);
  const Tensor& in = editor.tensor(transpose.inputs[0]);
  Perm perm = transpose.attrs<TransposeAttrs>().perm;
  if (perm.empty()) {
    perm = identityPerm(in.shape.rank());
    std::reverse(perm.begin(), perm.end());
  }
  const Tensor& out = editor.tensor(transpose.outputs[0]);
  if (!in.quant || !out.quant) return in.quant.has_value() == out.quant.has_value() ? perm : Perm();
  QuantParams moved = *in.quant;
  if (moved.axis >= static_cast<int>(perm.size())) return {};
  if (moved.axis >= 0) moved.axis = static_cast<int>(positionOf(perm, moved.axis));
  return moved == *out.quant ? perm : Perm();
}

NetTensor netOf(const GraphEditor& editor, TensorId id) {
  std::vector<Perm> steps;
  for (int maker; (maker = editor.producer(id, OpType::Transpose)) >= 0;) {
    Perm perm = transposePerm(editor, maker);
    if (perm.empty()) break;
    steps.push_back(std::move(perm));
    id = editor.layer(maker).inputs[0];
  }
  if (steps.empty()) return {id, identityPerm(editor.tensor(id).shape.rank())};
  Perm frame = identityPerm(static_cast<int>(steps[0].size()));
  for (size_t i = steps.size(); i-- > 0;) frame = compose(frame, steps[i]);
  return {id, std::move(frame)};
}

Net collectNet(const GraphEditor& editor, TensorId root) {
  Net net;
  net.root = root;
  net.maker = editor.producer(root);
  net.tensors.push_back({root, {}});
  // A root of unknown rank may have transposes that contradict each other: those of the first one's
  // rank belong to the net.
  const auto belongs = [&](int reader) {
    if (editor.layer(reader).op != OpType::Transpose) return false;
    const size_t rank = transposePerm(editor, reader).size();
    const size_t wanted = net.tensors[0].frame.size();
    return rank > 0 && (wanted == 0 || rank == wanted);
  };
  for (size_t next = 0; next < net.tensors.size(); ++next) {
    const TensorId id = net.tensors[next].id;
    for (const int reader : editor.readers(id)) {
      if (!belongs(reader)) continue;
      const Perm perm = transposePerm(editor, reader);
      if (net.tensors[0].frame.empty()) {
        net.tensors[0].frame = identityPerm(static_cast<int>(perm.size()));
      }
      net.transposes.push_back(reader);
      net.tensors.push_back(
          {editor.layer(reader).outputs[0], compose(net.tensors[next].frame, perm)});
    }
  }
  if (net.tensors[0].frame.empty()) {
    net.tensors[0].frame = identityPerm(editor.tensor(root).shape.rank());
  }
  for (const NetTensor& tensor : net.tensors) {
    if (editor.isOutput(tensor.id)) net.outputs.push_back(tensor.frame);
    for (const int reader : editor.readers(tensor.id)) {
      const Layer& layer = editor.layer(reader);
      if (belongs(reader)) continue;
      for (size_t slot = 0; slot < layer.inputs.size(); ++slot) {
        if (layer.inputs[slot] == tensor.id) {
          net.readers.push_back({reader, slot, tensor.frame});
        }
      }
    }
  }
  return net;
}

namespace {

class Rebuilder {
 public:
  Rebuilder(GraphEditor& editor, const Net& net)
      : editor_(editor), net_(net), root_(editor.tensor(net.root)) {
    for (const int i : net.transposes) names_[editor.layer(i).outputs[0]] = editor.layer(i).name;
  }

  void run(const Perm& made) {
    for (const int i : net_.transposes) editor_.remove(i);
    made_ = made;
    source_ = net_.maker < 0 ? net_.root : tensorOf(made);
    if (source_ != net_.root) {
      std::vector<TensorId>& outputs = editor_.layer(net_.maker).outputs;
      const auto slot = std::find(outputs.begin(), outputs.end(), net_.root) - outputs.begin();
      editor_.setOutput(net_.maker, static_cast<size_t>(slot), source_);
    }
    ids_[made] = source_;
    for (const NetReader& reader : net_.readers) {
      editor_.setInput(reader.layer, reader.slot, inFrame(reader.frame, reader.layer));
    }
    for (const NetTensor& tensor : net_.tensors) {
      if (!editor_.isOutput(tensor.id)) continue;
      const TensorId id = inFrame(tensor.frame, net_.maker);
      if (id == tensor.id) continue;
      // The same value under two names, of which the graph wants both.
      editor_.addLayer({nameOf(tensor.id), OpType::Identity, NoAttrs{}, {id}, {tensor.id}},
                       net_.maker);
    }
  }

 private:
  std::string nameOf(TensorId id) const {
    const auto found = names_.find(id);
    return found != names_.end() ? found->second : editor_.tensor(id).name;
  }

  // A tensor for this frame, preferably one that is already there, graph outputs first.
  TensorId tensorOf(const Perm& frame) {
    TensorId best = kNoTensor;
    for (const NetTensor& tensor : net_.tensors) {
      if (tensor.frame != frame || (tensor.id == net_.root && net_.maker < 0)) continue;
      if (best == kNoTensor || (editor_.isOutput(tensor.id) && !editor_.isOutput(best)))
        best = tensor.id;
    }
    if (best != kNoTensor) return best;
    Tensor fresh = root_;
    fresh.name += "_transposed";
    fresh.shape = permuted(root_.shape, frame);
    if (fresh.quant && fresh.quant->axis >= 0) {
      fresh.quant->axis = static_cast<int>(positionOf(frame, fresh.quant->axis));
    }
    return editor_.addTensor(std::move(fresh));
  }

  TensorId inFrame(const Perm& frame, int near) {
    const auto found = ids_.find(frame);
    if (found != ids_.end()) return found->second;
    const TensorId id = tensorOf(frame);
    // From a tensor that has the elements in this order already if there is one.
    auto source = ids_.find(made_);
    for (auto it = ids_.begin(); it != ids_.end(); ++it) {
      if (dimsNotOne(it->first, root_.shape) == dimsNotOne(frame, root_.shape)) source = it;
    }
    const auto name = names_.find(id);
    Layer layer{
        name != names_.end() ? name->second : concat(editor_.tensor(source_).name, "_transpose"),
        OpType::Transpose,
        TransposeAttrs{compose(inverse(source->first), frame)},
        {source->second},
        {id}};
    editor_.addLayer(std::move(layer), near);
    return ids_[frame] = id;
  }

  GraphEditor& editor_;
  const Net& net_;
  const Tensor root_;                      // as it was
  std::map<TensorId, std::string> names_;  // of the layers that made the net's tensors
  std::map<Perm, TensorId> ids_;
  TensorId source_ = kNoTensor;
  Perm made_;
};

}  // namespace

void rebuildNet(GraphEditor& editor, const Net& net, const Perm& made) {
  Rebuilder(editor, net).run(made);
}

}  // namespace qrt
