#include "runtime/share_memory.h"

#include <algorithm>

namespace qrt {
namespace {

// Tensors in one piece of memory. Starts as one tensor; later ones join.
struct Group {
  Place place;
  size_t bytes = 0;
  int first = 0;     // the step that writes it first
  int lastRead = 0;  // the last step that reads any of its tensors
};

// A tensor that is written where a Concat would copy it.
struct Slice {
  TensorId whole = kNoTensor;  // the Concat's output; none: the tensor is no slice
  size_t offset = 0;
};

class Sharing {
 public:
  Sharing(const Graph& graph, const std::vector<Step>& steps, const std::vector<Chain>& chains, int threads)
      : graph_(graph),
        steps_(steps),
        lastRead_(graph.tensors.size(), -1),
        outputIndex_(graph.tensors.size(), -1),
        groupOf_(graph.tensors.size(), -1),
        slices_(graph.tensors.size()),
        ringBytes_(graph.tensors.size(), 0),
        chainOf_(steps.size(), nullptr) {
    for (const Chain& chain : chains) {
      for (size_t s = chain.first; s <= chain.last; ++s) {
        chainOf_[s] = &chain;
        if (s < chain.last) {
          ringBytes_[static_cast<size_t>(steps[s].partition.outputs[0])] =
              chain.rings[s - chain.first].bytes * static_cast<size_t>(threads);
        }
      }
    }
    shared_.outputSteps.assign(steps.size(), 0);
    shared_.done.assign(steps.size(), false);
  }

  SharedMemory run(bool slices) {
    findUses();
    if (slices) findSlices();
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      if (graph_.tensor(id).isConstant()) startGroup(id, {Home::constant, i}, -1);
    }
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      startGroup(graph_.inputs[i], {Home::input, i}, -1);
    }
    for (size_t s = 0; s < steps_.size(); ++s) placeOutputs(static_cast<int>(s));
    return result();
  }

 private:
  void findUses() {
    for (size_t s = 0; s < steps_.size(); ++s) {
      for (const TensorId id : steps_[s].partition.inputs) {
        if (id == kNoTensor) continue;
        int& last = lastRead_[static_cast<size_t>(id)];
        last = std::max(last, static_cast<int>(chainOf_[s] != nullptr ? chainOf_[s]->last : s));
      }
    }
    for (size_t i = graph_.outputs.size(); i-- > 0;) {
      outputIndex_[static_cast<size_t>(graph_.outputs[i])] = static_cast<int>(i);
    }
  }

  // Concats along the last dim whose inputs can all be written where they go.
  void findSlices() {
    std::vector<int> producer(graph_.tensors.size(), -1), reads(graph_.tensors.size(), 0);
    for (size_t s = 0; s < steps_.size(); ++s) {
      for (const TensorId id : steps_[s].partition.inputs) {
        if (id != kNoTensor) ++reads[static_cast<size_t>(id)];
      }
      const std::vector<TensorId>& outputs = steps_[s].partition.outputs;
      if (steps_[s].program && steps_[s].program->writesSlices()) {
        producer[static_cast<size_t>(outputs[0])] = static_cast<int>(s);
      }
    }
    for (size_t s = 0; s < steps_.size(); ++s) {
      const Partition& partition = steps_[s].partition;
      if (partition.layers.size() != 1 || partition.backend->isPlugin()) continue;
      const Layer& layer = graph_.layers[static_cast<size_t>(partition.layers[0])];
      if (layer.op != OpType::Concat) continue;
      const Shape& shape = graph_.tensor(layer.outputs[0]).shape;
      const int64_t axis = layer.attrs<AxisAttrs>().axis;
      const bool fits = (axis == -1 || axis == shape.rank() - 1) &&
                        std::ranges::all_of(layer.inputs, [&](TensorId id) {
                          const auto i = static_cast<size_t>(id);
                          return producer[i] >= 0 && reads[i] == 1 && outputIndex_[i] < 0;
                        });
      if (!fits) continue;
      shared_.done[s] = true;
      int& lastRead = lastRead_[static_cast<size_t>(layer.outputs[0])];
      lastRead = std::max(lastRead, static_cast<int>(s));  // until then its inputs are written
      size_t offset = 0;
      for (const TensorId id : layer.inputs) {
        slices_[static_cast<size_t>(id)] = {layer.outputs[0], offset};
        shared_.outputSteps[static_cast<size_t>(producer[static_cast<size_t>(id)])] = shape[shape.rank() - 1];
        const Tensor& tensor = graph_.tensor(id);
        offset += static_cast<size_t>(tensor.shape[tensor.shape.rank() - 1]) * dtypeSize(tensor.dtype);
      }
    }
  }

  Group& groupOf(TensorId id) {
    return groups_[static_cast<size_t>(groupOf_[static_cast<size_t>(id)])];
  }

  void startGroup(TensorId id, Place place, int step) {
    groupOf_[static_cast<size_t>(id)] = static_cast<int>(groups_.size());
    const size_t ring = ringBytes_[static_cast<size_t>(id)];
    const Chain* chain = step < 0 ? nullptr : chainOf_[static_cast<size_t>(step)];
    groups_.push_back({place, ring != 0 ? ring : tensorBytes(graph_.tensor(id)),
                       chain != nullptr ? static_cast<int>(chain->first) : step,
                       std::max(chain != nullptr ? static_cast<int>(chain->last) : step,
                                lastRead_[static_cast<size_t>(id)])});
  }

  void join(TensorId id, TensorId with) {
    groupOf_[static_cast<size_t>(id)] = groupOf_[static_cast<size_t>(with)];
    Group& group = groupOf(with);
    group.lastRead = std::max(group.lastRead, lastRead_[static_cast<size_t>(id)]);
    if (const int output = outputIndex_[static_cast<size_t>(id)]; output >= 0) {
      group.place = {Home::output, static_cast<size_t>(output)};
    }
  }

  // A view may stand anywhere, but what the caller gets as an output is the output's own memory.
  bool mayView(TensorId output, TensorId input) {
    return tensorBytes(graph_.tensor(output)) == groupOf(input).bytes &&
           (outputIndex_[static_cast<size_t>(output)] < 0 ||
            groupOf(input).place.home == Home::arena);
  }

  bool mayOverwrite(TensorId output, size_t inputIndex, int step) {
    const std::vector<TensorId>& inputs = steps_[static_cast<size_t>(step)].partition.inputs;
    const Group& group = groupOf(inputs[inputIndex]);
    if (group.place.home != Home::arena || group.lastRead > step ||
        group.bytes != tensorBytes(graph_.tensor(output))) {
      return false;
    }
    // The program promised order for that input only: no other may be in the same memory.
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (i != inputIndex && inputs[i] != kNoTensor && &groupOf(inputs[i]) == &group) return false;
    }
    return true;
  }

  void placeOutputs(int s) {
    const Step& step = steps_[static_cast<size_t>(s)];
    const Partition& partition = step.partition;
    for (size_t i = 0; i < partition.outputs.size(); ++i) {
      const TensorId id = partition.outputs[i];
      if (id == kNoTensor) continue;
      if (const TensorId whole = slices_[static_cast<size_t>(id)].whole; whole != kNoTensor) {
        if (groupOf_[static_cast<size_t>(whole)] < 0) startOutput(whole, s);
        groupOf_[static_cast<size_t>(id)] = groupOf_[static_cast<size_t>(whole)];
        continue;
      }
      if (shared_.done[static_cast<size_t>(s)]) continue;
      if (!step.program && mayView(id, partition.inputs[0])) {
        join(id, partition.inputs[0]);
        continue;
      }
      const bool alone = step.program && chainOf_[static_cast<size_t>(s)] == nullptr;
      const int over = alone ? step.program->inPlaceInput(static_cast<int>(i)) : -1;
      if (over >= 0 && partition.inputs[static_cast<size_t>(over)] != kNoTensor &&
          mayOverwrite(id, static_cast<size_t>(over), s)) {
        join(id, partition.inputs[static_cast<size_t>(over)]);
        // Taken: a second output of this step must not share it.
        groupOf(id).lastRead = std::max(groupOf(id).lastRead, s + 1);
        continue;
      }
      startOutput(id, s);
    }
  }

  void startOutput(TensorId id, int step) {
    const int output = outputIndex_[static_cast<size_t>(id)];
    startGroup(id, output >= 0 ? Place{Home::output, static_cast<size_t>(output)} : Place{Home::arena}, step);
  }

  SharedMemory result() {
    for (Group& group : groups_) {
      if (group.place.home != Home::arena) continue;
      group.place.index = shared_.arena.size();
      shared_.arena.push_back({group.bytes, group.first, group.lastRead});
    }
    shared_.tensors.resize(graph_.tensors.size());
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      if (groupOf_[i] < 0) continue;
      shared_.tensors[i] = groups_[static_cast<size_t>(groupOf_[i])].place;
      shared_.tensors[i].offset = slices_[i].offset;
    }
    return std::move(shared_);
  }

  const Graph& graph_;
  const std::vector<Step>& steps_;
  std::vector<int> lastRead_;     // by tensor; −1: never
  std::vector<int> outputIndex_;  // by tensor; −1: not a graph output
  std::vector<int> groupOf_;      // by tensor; −1: unused
  std::vector<Group> groups_;
  std::vector<Slice> slices_;     // by tensor
  std::vector<size_t> ringBytes_;  // by tensor; 0: whole
  std::vector<const Chain*> chainOf_;  // by step
  SharedMemory shared_;
};

}  // namespace

size_t tensorBytes(const Tensor& tensor) {
  return static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
}

SharedMemory shareMemory(const Graph& graph, const std::vector<Step>& steps, const std::vector<Chain>& chains,
                         int threads, bool slices) {
  return Sharing(graph, steps, chains, threads).run(slices);
}

}  // namespace qrt
