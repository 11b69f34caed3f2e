// Runs a graph just as it is written, so that every tensor in it can be seen: for calibration and for
// comparing. A Session would optimize it for its shapes, and some tensors would vanish.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "qrt/model.h"
#include "runtime/input_output.h"
#include "runtime/prepare.h"

namespace qrt {

/// Sees a tensor that has just got its values: an input of the graph, or what a layer made. The view ends
/// with the call. A failure ends the run.
using TensorTap = std::function<Status(const std::string& name, const ConstTensorView& view)>;

class GraphRunner {
 public:
  /// `model` is a graph that validate() accepts (makeModel()), optimized before if it is to run fast.
  /// Errors: as Session::create().
  static Result<std::unique_ptr<GraphRunner>> create(
      const Model& model, const std::map<std::string, Shape>& inputShapes = {}, int threads = 0);

  const std::vector<TensorInfo>& inputs() const { return io_.inputs(); }
  Result<TensorView> input(size_t index) { return io_.input(index); }
  const std::vector<TensorInfo>& outputs() const { return io_.outputs(); }
  Result<ConstTensorView> output(size_t index) const { return io_.output(index); }

  /// Runs on what the inputs hold and shows `tap` the inputs first, then every layer's outputs in order
  /// of execution. Errors name the input or layer.
  Status run(const TensorTap& tap);

  /// The graph that runs: of known shapes.
  const Graph& graph() const { return prepared_.execution->graph(); }
  ThreadPool& pool() { return pool_; }

 private:
  GraphRunner(const Model& model, int threads) : model_(model), pool_(threads) {}
  Status showInputs(const TensorTap& tap);

  Model model_;
  ThreadPool pool_;
  Prepared prepared_;
  InputsOutputs io_;
};

}  // namespace qrt
