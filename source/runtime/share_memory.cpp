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

class Sharing {
 public:
  Sharing(const Graph& graph, const std::vector<Step>& steps)
      : graph_(graph),
        steps_(steps),
        lastRead_(graph.tensors.size(), -1),
        outputIndex_(graph.tensors.size(), -1),
        groupOf_(graph.tensors.size(), -1) {}

  SharedMemory run() {
    findUses();
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
        if (id != kNoTensor) lastRead_[static_cast<size_t>(id)] = static_cast<int>(s);
      }
    }
    for (size_t i = graph_.outputs.size(); i-- > 0;) {
      outputIndex_[static_cast<size_t>(graph_.outputs[i])] = static_cast<int>(i);
    }
  }

  Group& groupOf(TensorId id) {
    return groups_[static_cast<size_t>(groupOf_[static_cast<size_t>(id)])];
  }

  void startGroup(TensorId id, Place place, int step) {
    groupOf_[static_cast<size_t>(id)] = static_cast<int>(groups_.size());
    groups_.push_back({place, tensorBytes(graph_.tensor(id)), step,
                       std::max(step, lastRead_[static_cast<size_t>(id)])});
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
      if (!step.program && mayView(id, partition.inputs[0])) {
        join(id, partition.inputs[0]);
        continue;
      }
      const int over = step.program ? step.program->inPlaceInput(static_cast<int>(i)) : -1;
      if (over >= 0 && partition.inputs[static_cast<size_t>(over)] != kNoTensor &&
          mayOverwrite(id, static_cast<size_t>(over), s)) {
        join(id, partition.inputs[static_cast<size_t>(over)]);
        // Taken: a second output of this step must not share it.
        groupOf(id).lastRead = std::max(groupOf(id).lastRead, s + 1);
        continue;
      }
      const int output = outputIndex_[static_cast<size_t>(id)];
      startGroup(id, output >= 0 ? Place{Home::output, static_cast<size_t>(output)}
                                 : Place{Home::arena, 0}, s);
    }
  }

  SharedMemory result() {
    SharedMemory shared;
    for (Group& group : groups_) {
      if (group.place.home != Home::arena) continue;
      group.place.index = shared.arena.size();
      shared.arena.push_back({group.bytes, group.first, group.lastRead});
    }
    shared.tensors.resize(graph_.tensors.size());
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      if (groupOf_[i] >= 0) shared.tensors[i] = groups_[static_cast<size_t>(groupOf_[i])].place;
    }
    return shared;
  }

  const Graph& graph_;
  const std::vector<Step>& steps_;
  std::vector<int> lastRead_;     // by tensor; −1: never
  std::vector<int> outputIndex_;  // by tensor; −1: not a graph output
  std::vector<int> groupOf_;      // by tensor; −1: unused
  std::vector<Group> groups_;
};

}  // namespace

size_t tensorBytes(const Tensor& tensor) {
  return static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
}

SharedMemory shareMemory(const Graph& graph, const std::vector<Step>& steps) {
  return Sharing(graph, steps).run();
}

}  // namespace qrt
