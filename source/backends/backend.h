// The one interface through which the runtime knows a backend, built in or plugin.
//
// The runtime asks supports() for every layer, compile()s partitions of layers it gave to the
// backend, and run()s the resulting programs in graph order.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/isa.h"
#include "base/thread_pool.h"
#include "base/weight_cache.h"
#include "graph/graph.h"
#include "kernels/row_range.h"

namespace qrt {

/// A backend's answer to "can you run this layer?"
struct Verdict {
  bool supported = false;
  std::string reason;  ///< why not, or a remark
  double seconds = 0;  ///< estimated time; 0: no estimate
  bool concerned = true;  ///< false: of a precision that this backend is not for; no fallback if another takes it

  static Verdict yes(double seconds = 0) { return {true, {}, seconds, true}; }
  static Verdict notItsPrecision(std::string_view why) { return {false, std::string(why), 0, false}; }
  static Verdict no(std::string reason) { return {false, std::move(reason), 0, true}; }
};

/// What a program is compiled for. Shapes are all known. The program outlives the graph, but not its constants.
struct CompileContext {
  const Graph& graph;
  std::span<const int> layers;  ///< indices into graph.layers, in execution order
  IsaLevel isa;
  int threads;
  WeightCache& weights;
  double winogradError = 0;  ///< as in SessionOptions
  /// The border, as RunArgs will have it; only for backends that want partitions or are plugins.
  std::span<const TensorId> inputs = {};
  std::span<const TensorId> outputs = {};
  double timeLimit = 0;  ///< seconds that one run of a plugin may take; 0: any time
  ThreadPool* pool = nullptr;  ///< to pack weights with; null: the caller alone
};

/// What a program is given for one run. Data pointers may change from run to run; shapes do not.
struct RunArgs {
  std::span<const ConstTensorView> inputs;  ///< in the order of the layer's (partition's) inputs; constants too
  std::span<const TensorView> outputs;
  std::span<std::byte> scratch;  ///< at least scratchBytes(), 64-byte aligned, shared with other programs
  ThreadPool& pool;
  /// Elements between pixels of output 0, if it is a slice of a wider tensor; 0: it is dense. Only for
  /// programs that writesSlices().
  int64_t outputStep = 0;
};

/// How a program runs in parts, each of some rows of output 0, [1, h, w, c]: so that layers take turns while
/// the rows between them are in the cache.
class Rowwise {
 public:
  virtual ~Rowwise() = default;
  /// Parts, in the order of their rows.
  virtual int64_t units() const = 0;
  /// Rows that a unit writes, the first and last of them perhaps in part. Those before the next unit's are whole.
  virtual RowRange rowsWritten(int64_t unit) const = 0;
  /// Rows of input 0 that a unit reads.
  virtual RowRange rowsRead(int64_t unit) const = 0;
  /// Scratch memory that runUnits() needs.
  virtual size_t unitScratchBytes() const = 0;
  /// Computes units first … last − 1 on the calling thread. Of input 0 and output 0 only their rows need be in
  /// memory.
  virtual void runUnits(const RunArgs& args, int64_t first, int64_t last) = 0;
};

/// A compiled partition. Not shared between sessions. run() allocates nothing.
class Program {
 public:
  virtual ~Program() = default;
  /// Computes outputs from inputs.
  virtual Status run(const RunArgs& args) = 0;
  /// Display name of the kernel that runs, e.g. "conv_f32_gemm_12x32_avx512".
  virtual std::string_view kernel() const = 0;
  /// Scratch memory that run() needs, for any number of threads given at compile().
  virtual size_t scratchBytes() const { return 0; }
  /// The input whose memory output `output` may share (element i written only after element i of that
  /// input was last read, sizes equal), or −1.
  virtual int inPlaceInput(int /*output*/) const { return -1; }
  /// False if no run will succeed any more.
  virtual bool usable() const { return true; }
  /// Whether output 0 may be some channels, the last dim, of a wider tensor.
  virtual bool writesSlices() const { return false; }
  /// Null if it cannot run in parts, or should not, being small.
  virtual Rowwise* rowwise() { return nullptr; }
  /// The device's own time of each layer in the last run that succeeded. Empty, before the first run too, if it
  /// gives none.
  virtual std::span<const double> layerSeconds() const { return {}; }
};

/// Somebody who can run layers. Stateless after construction, shared by all sessions.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Unique: "cpu-float", "reference", …
  virtual std::string_view name() const = 0;
  /// One line for `qrt backends`.
  virtual std::string description() const = 0;
  /// Whether it can run `layer`, shapes known; cheap, allocates nothing that stays.
  virtual Verdict supports(const Graph& graph, const Layer& layer) const = 0;
  /// Prepares a partition whose layers were all supported. Backends that do not want partitions get
  /// one layer at a time.
  virtual Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const = 0;
  /// True: neighbouring layers are compiled together, args are those of the partition's border.
  virtual bool wantsPartitions() const { return false; }
  /// The file it was loaded from; "": built in. What a plugin fails at is done on the CPU.
  virtual std::string_view pluginPath() const { return {}; }
  bool isPlugin() const { return !pluginPath().empty(); }
  /// Why a plugin is not called, neither asked nor given layers, as long as an earlier call hangs; "": it is.
  virtual std::string unavailable() const { return {}; }
};

/// The backends built into this library, in order of default priority.
std::span<const Backend* const> builtInBackends();
/// These, then the plugins in the order they were loaded in. All live as long as the process.
std::vector<const Backend*> allBackends();
/// The backend of that name, or null.
const Backend* findBackend(std::string_view name);
/// The same; notFound tells the names that are near, and the plugins of QRT_PLUGIN_PATH that could not be loaded.
Result<const Backend*> backendNamed(std::string_view name);
/// Makes findBackend() know another one, which lives as long as the process: for tests. Not while sessions are made.
void addBackend(const Backend& backend);

}  // namespace qrt
