// A session: one model prepared to run on some backends for fixed input shapes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "qrt/backends.h"
#include "qrt/model.h"
#include "qrt/placement.h"
#include "qrt/profile.h"
#include "qrt/status.h"
#include "qrt/tensor.h"

namespace qrt {

/// What a session does when a plugin backend fails: it refuses to compile, or a run gives an error, does not end, or
/// says it wrote another number of bytes. By default the CPU does the work in the same call, from the same inputs
/// (with int8 layers the outputs are the same bytes), and Session::profile() lists the fault. A backend that does not
/// answer, or not compile, within PluginOptions::callSeconds is set aside at once.
struct FaultOptions {
  /// Seconds that one run of a plugin's program may take; 0: any time. A run that takes longer counts as failed, and
  /// the thread it is in is left alone, with the memory it uses. With a limit, plugins run in threads of their own and
  /// on copies of their inputs and outputs.
  double runSeconds = 10;
  /// After so many failures a backend is set aside: the next run() prepares again without it (which allocates, and
  /// starts the profile anew), and placement() says so. At least 1.
  int mostFailures = 3;
  /// Return a plugin's failure as an error instead.
  bool strict = false;
};

/// How to prepare a model.
struct SessionOptions {
  /// Threads per run, the caller included, at most one per core of this process; 0: one per core.
  int threads = 0;
  /// Backends by priority: each layer goes to the first that supports it. Empty: all built in, fastest
  /// first; plugins only take part where they are named, and if no others are, all built in follow them.
  /// "reference" supports everything and is always the last resort.
  std::vector<std::string> backends;
  /// Pins as setLayerBackend() makes them: layers → backend name.
  std::map<std::string, std::string> layerBackends;
  /// Where layers ran best, from a placement file (qrt/diagnose.h): layer name → backend name. Layers that
  /// `layerBackends` pins go there instead.
  std::map<std::string, std::string> placement = {};
  /// Shapes of inputs, by name; needed for inputs whose shape the model leaves open, except that an
  /// unknown first dim (the batch) defaults to 1.
  std::map<std::string, Shape> inputShapes;
  /// The largest error that a float convolution may have to be faster, as root mean square over that of its
  /// outputs: Winograd's algorithm takes tiles whose expected error on random data is at most this, see
  /// docs/winograd.md. 0 forbids the algorithm; the error of a direct sum is about 1e-6.
  double winogradError = 2e-5;
  /// Take the time of every layer.
  bool profiling = false;
  /// What to do when plugins fail.
  FaultOptions faults = {};
  /// Called with a line for each layer that does not run where it was asked to, and each fault; by the thread that
  /// calls the session, also by run(). Each line is told once in a session. It must not call the session.
  std::function<void(std::string_view line)> log = {};
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

  /// Runs the model once on the inputs. No heap allocation, except after a plugin has failed. A failure names the
  /// layer and leaves the contents of the outputs unspecified.
  Status run();

  /// Pins layers to a backend ("" removes the pin that was made with the same `layers`) and prepares again, but only
  /// what that touches. `layers` is a name; a pattern, where '*' stands for any characters and '?' for one
  /// ("block3/*"); a range in execution order, both ends included ("conv1..conv9"); or an op ("op:Conv"). What is the
  /// name of a layer means that layer. A name wins over patterns and ranges, these win over ops. What is no longer
  /// used stays prepared, up to as many layers as the model has, so that moving layers back is quick.
  ///
  /// An int8 layer pinned to a backend that only computes in float ("cpu-float") is run in float, its weights and
  /// bias dequantized: Quantize and Dequantize layers stand at the border to int8 layers, listed as transfers, and
  /// neighbours that are both float exchange f32. Without the pin it is the int8 layer it was. A float
  /// layer has no int8 form: quantize the model. If that backend cannot run the layer it falls back, and
  /// placement() says so, as it does of a layer of the model that preparing folds or fuses into others.
  /// The profile starts anew. Errors: notFound, naming what was asked for and what is near; invalidArgument, if pins
  /// of equal right want one layer on two backends, naming both.
  Status setLayerBackend(std::string_view layers, std::string_view backend);
  /// The same for several at once: layers → backend name. All or none.
  Status setLayerBackends(const std::map<std::string, std::string>& backends);
  /// Where each layer runs, and why. With SessionOptions::profiling the times of transfers are those up to this call.
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

/// The ISA level in force: "avx512", …; an error if QRT_ISA names one that is unknown, not built or not
/// available on this CPU.
Result<std::string> activeIsaName();

/// "0.1.0"
std::string_view version();

}  // namespace qrt
