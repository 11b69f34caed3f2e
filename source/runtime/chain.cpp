#include "runtime/chain.h"

#include <algorithm>

#include "runtime/share_memory.h"

namespace qrt {
namespace {

// Parts of the cache: a tensor above the first does not stay in it beside weights and what else is live; a band
// of rows of the largest tensor; the weights of a step, which pass once per band.
constexpr size_t kLargePart = 2, kBandPart = 4, kWeightPart = 8;

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<Step>& steps, Chain chain, int stripes, size_t bandBytes)
      : graph_(graph),
        steps_(steps),
        chain_(std::move(chain)),
        stripes_(stripes),
        state_(chain_.last - chain_.first + 1) {
    size_t largest = 0;
    for (size_t s = chain_.first; s < chain_.last; ++s) {
      const Tensor& tensor = graph_.tensor(steps_[s].partition.outputs[0]);
      largest = std::max(largest, tensorBytes(tensor));
      chain_.rings.push_back({static_cast<int64_t>(tensorBytes(tensor)) / tensor.shape[1], 0});
    }
    const auto turns = static_cast<int64_t>(largest / bandBytes) + 1;
    turnUnits_ = std::max<int64_t>(1, rowwise(state_.size() - 1).units() / turns);
  }

  Chain run() {
    // Once to see how many rows a ring has to hold, once to plan with so many.
    planStripes();
    for (State& state : state_) state.capacity = state.most;
    planStripes();
    for (size_t i = 0; i < chain_.rings.size(); ++i) {
      chain_.rings[i].bytes = alignUp(static_cast<size_t>(state_[i].most * chain_.rings[i].rowBytes) + kAlignment);
    }
    for (size_t i = 0; i < state_.size(); ++i) {
      chain_.scratchBytes = std::max(chain_.scratchBytes, alignUp(rowwise(i).unitScratchBytes()));
    }
    return std::move(chain_);
  }

 private:
  // Of a step: how far it is, and what its output's ring holds.
  struct State {
    int64_t capacity = INT64_MAX;
    int64_t done = 0;  // units
    int64_t base = 0, written = 0;
    int64_t most = 0;  // rows held at a time
  };

  Rowwise& rowwise(size_t i) const { return *steps_[chain_.first + i].program->rowwise(); }

  void planStripes() {
    const size_t last = state_.size() - 1;
    const int64_t units = rowwise(last).units();
    chain_.stripes.clear();
    for (int64_t stripe = 0; stripe < stripes_; ++stripe) {
      chain_.stripes.emplace_back();
      begin(units * stripe / stripes_);
      const int64_t end = units * (stripe + 1) / stripes_;
      while (state_[last].done < end) advance(last, std::min(end, state_[last].done + turnUnits_));
    }
  }

  // Every step stands at the unit that writes the first row which the one after it needs.
  void begin(int64_t unit) {
    for (size_t i = state_.size(); i-- > 0; ) {
      state_[i].done = unit;
      state_[i].base = state_[i].written = rowwise(i).rowsWritten(unit).first;
      if (i == 0) break;
      const int64_t row = rowwise(i).rowsRead(unit).first;
      Rowwise& before = rowwise(i - 1);
      for (unit = 0; unit + 1 < before.units() && before.rowsWritten(unit).last <= row;) ++unit;
    }
  }

  // Turns until step `i` has done `units`, and before it those whose rows it needs.
  void advance(size_t i, int64_t units) {
    State& state = state_[i];
    if (units <= state.done) return;
    if (i > 0) {
      int64_t rows = 0;
      for (int64_t u = state.done; u < units; ++u) rows = std::max(rows, rowwise(i).rowsRead(u).last);
      advance(i - 1, unitsFor(i - 1, rows));
    }
    Turn turn{chain_.first + i, state.done, units, i > 0 ? state_[i - 1].base : 0, 0, 0, 0};
    if (i + 1 < state_.size()) makeRoom(i, units, turn);
    turn.outputBase = state.base;
    state.done = units;
    chain_.stripes.back().push_back(turn);
  }

  // The least units after which the first `rows` rows are whole.
  int64_t unitsFor(size_t i, int64_t rows) const {
    Rowwise& step = rowwise(i);
    int64_t units = state_[i].done;
    while (units < step.units() && (units == 0 ? 0 : step.rowsWritten(units).first) < rows) ++units;
    return units;
  }

  void makeRoom(size_t i, int64_t units, Turn& turn) {
    State& state = state_[i];
    const State& reader = state_[i + 1];
    // Also a row that is written in part, and that the reader may skip: this turn writes the rest of it.
    const int64_t needed = std::min({state.written, rowwise(i + 1).rowsRead(reader.done).first,
                                     rowwise(i).rowsWritten(state.done).first});
    const int64_t written = rowwise(i).rowsWritten(units - 1).last;
    state.most = std::max(state.most, written - needed);
    if (written - state.base > state.capacity) {
      turn.moveFrom = needed - state.base;
      turn.moveRows = state.written - needed;
      state.base = needed;
    }
    state.written = written;
  }

  const Graph& graph_;
  const std::vector<Step>& steps_;
  Chain chain_;
  int64_t stripes_;
  std::vector<State> state_;
  int64_t turnUnits_;
};

size_t constantBytes(const Graph& graph, const Partition& partition) {
  size_t bytes = 0;
  for (const TensorId id : partition.inputs) {
    if (const Tensor* constant = graph.constant(id)) bytes += tensorBytes(*constant);
  }
  return bytes;
}

bool fits(const Graph& graph, const Step& step, size_t cacheBytes) {
  return step.program && step.program->rowwise() != nullptr && step.partition.inputs[0] != kNoTensor &&
         step.partition.inputs.size() <= kMostChainInputs &&
         constantBytes(graph, step.partition) <= cacheBytes / kWeightPart;
}

// Whether the rings stay in the cache, and take less memory than the largest tensor that they stand for.
bool pays(const Graph& graph, const std::vector<Step>& steps, const Chain& chain, size_t cacheBytes, size_t threads) {
  size_t bytes = 0, largest = 0;
  for (const Ring& ring : chain.rings) bytes += ring.bytes;
  for (size_t s = chain.first; s < chain.last; ++s) {
    largest = std::max(largest, tensorBytes(graph.tensor(steps[s].partition.outputs[0])));
  }
  return bytes <= cacheBytes && bytes * threads < largest;
}

}  // namespace

std::vector<Chain> planChains(const Graph& graph, const std::vector<Step>& steps, int threads, size_t cacheBytes) {
  std::vector<int> reads(graph.tensors.size(), 0);
  for (const Step& step : steps) {
    for (const TensorId id : step.partition.inputs) {
      if (id != kNoTensor) ++reads[static_cast<size_t>(id)];
    }
  }
  for (const TensorId id : graph.outputs) ++reads[static_cast<size_t>(id)];
  const auto linked = [&](size_t s) {
    const TensorId id = steps[s].partition.outputs[0];
    const Tensor& tensor = graph.tensor(id);
    return steps[s + 1].partition.inputs[0] == id && reads[static_cast<size_t>(id)] == 1 &&
           tensor.shape.rank() == 4 && tensorBytes(tensor) > cacheBytes / kLargePart;
  };
  const size_t band = std::max<size_t>(1, cacheBytes / kBandPart);
  std::vector<Chain> chains;
  for (size_t s = 0; s + 1 < steps.size(); ++s) {
    Chain chain;
    for (size_t last = s + 1; last < steps.size(); ++last) {
      if (!fits(graph, steps[last - 1], cacheBytes) || !fits(graph, steps[last], cacheBytes)) break;
      if (!linked(last - 1)) break;
      Chain longer = Planner(graph, steps, {.first = s, .last = last}, threads, band).run();
      if (!pays(graph, steps, longer, cacheBytes, static_cast<size_t>(threads))) break;
      chain = std::move(longer);
    }
    if (chain.stripes.empty()) continue;
    s = chain.last;
    chains.push_back(std::move(chain));
  }
  return chains;
}

}  // namespace qrt
