// A session: one model prepared to run on some backends for fixed input shapes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "qrt/model.h"
#include "qrt/placement.h"
#include "qrt/profile.h"
#include "qrt/status.h"
#include "qrt/tensor.h"

namespace qrt {

/// How to prepare a model.
struct SessionOptions {
  /// Threads per run, the caller included, at most one per core of this process; 0: one per core.
  int threads = 0;
  /// Backends by priority: each layer goes to the first that supports it. Empty: all built in, fastest
  /// first. "reference" supports everything and is always the last resort.
  std::vector<std::string> backends;
  /// Pins as setLayerBackend() makes them: layer name → backend name.
  std::map<std::string, std::string> layerBackends;
  /// Shapes of inputs, by name; needed for inputs whose shape the model leaves open, except that an
  /// unknown first dim (the batch) defaults to 1.
  std::map<std::string, Shape> inputShapes;
  /// The largest error that a float convolution may have to be faster, as root mean square over that of its
  /// outputs: Winograd's algorithm takes tiles whose expected error on random data is at most this, see
  /// docs/winograd.md. 0 forbids the algorithm; the error of a direct sum is about 1e-6.
  double winogradError = 2e-5;
  /// Take the time of every layer.
  bool profiling = false;
};

/// Belongs to one thread at a time; any number of sessions may run side by side over one model.
/// Movable, not copyable. A failed call leaves the session as it was.
class Session {
 public:
  /// Prepares `model`, which stays shared. Errors: notFound (unknown backend, layer or input, with the
  /// nearest names), invalidArgument (shapes that do not fit, naming the layer), unsupported (a shape
  /// that depends on data, an empty tensor), outOfMemory.
  static Result<Session> create(const Model& model, const SessionOptions& options = {});

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// The inputs with the shapes now in force.
  const std::vector<TensorInfo>& inputs() const;
  /// The outputs with the shapes now in force.
  const std::vector<TensorInfo>& outputs() const;

  /// The session's own memory of an input, zero at first, to be filled before run(). Valid until the
  /// next resizeInput() or the session's end; run() does not change it. Errors: notFound,
  /// invalidArgument (the input is bound: its memory is the caller's and only read).
  Result<TensorView> input(std::string_view name);
  /// The same by index.
  Result<TensorView> input(size_t index);
  /// Memory of an output, the session's own or what bindOutput() gave, valid until the next run(),
  /// resizeInput() or the session's end.
  Result<ConstTensorView> output(std::string_view name) const;
  /// The same by index.
  Result<ConstTensorView> output(size_t index) const;

  /// Makes run() read this input from the caller's memory, which must live until it is bound anew or
  /// the session ends. dtype and shape must be those of the input. A view whose data is null goes back
  /// to the session's own memory. Errors: notFound, invalidArgument (another dtype or shape, an address
  /// that does not suit the dtype, memory of an output: run() writes outputs as early as it can).
  Status bindInput(std::string_view name, const ConstTensorView& view);
  /// The same by index.
  Status bindInput(size_t index, const ConstTensorView& view);
  /// Makes run() write this output to the caller's memory; as bindInput(). It must not overlap the
  /// memory of an input or another output.
  Status bindOutput(std::string_view name, const TensorView& view);
  /// The same by index.
  Status bindOutput(size_t index, const TensorView& view);

  /// Gives an input a new shape and prepares again; unknown dims of the model are the ones that may
  /// change. Views and bindings of all inputs and outputs end, and the profile starts anew.
  Status resizeInput(std::string_view name, const Shape& shape);
  /// The same for several inputs at once.
  Status resizeInputs(const std::map<std::string, Shape>& shapes);

  /// Runs the model once on the inputs. No heap allocation. A failure names the layer and leaves the
  /// contents of the outputs unspecified.
  Status run();

  /// Pins a layer to a backend ("" removes the pin) and prepares again. An int8 layer pinned to a backend
  /// that only computes in float ("cpu-float") is run in float, its weights and bias dequantized:
  /// Quantize and Dequantize layers stand at the border to int8 layers, listed as transfers, and
  /// neighbours that are both float exchange f32. Without the pin it is the int8 layer it was. A float
  /// layer has no int8 form: quantize the model. If that backend cannot run the layer it falls back, and
  /// placement() says so, as it does of a layer of the model that preparing folds or fuses into others.
  /// The profile starts anew. Errors: notFound, naming what was asked for.
  Status setLayerBackend(std::string_view layer, std::string_view backend);
  /// Where each layer runs, and why.
  const Placement& placement() const;

  /// Times measured so far.
  Profile profile() const;
  /// Forgets the times measured so far.
  void resetProfile();
  /// Planned memory.
  MemoryUse memory() const;
  /// Layers as prepared: those of the model after the passes that needed the input shapes.
  std::vector<LayerInfo> layers() const;
  /// Threads that run() uses.
  int threads() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A backend, for lists.
struct BackendInfo {
  std::string name;         ///< as in SessionOptions::backends
  std::string description;  ///< one line
};

/// All backends, in order of default priority.
std::vector<BackendInfo> backends();

/// The ISA level in force: "avx512", …; an error if QRT_ISA names one that is unknown, not built or not
/// available on this CPU.
Result<std::string> activeIsaName();

/// "0.1.0"
std::string_view version();

}  // namespace qrt
