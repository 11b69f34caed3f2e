// Quantization: from a float model, data and a recipe to an int8 model.
//
//   makeRecipe(model) → Calibrator(model, recipe): feed samples → statistics → quantize() → compare()
//
// In the library qrt-quantize. Guide: docs/quantize.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qrt/model.h"
#include "qrt/status.h"
#include "qrt/tensor.h"

namespace qrt {

/// How the range of a layer's activations is chosen from calibration statistics.
enum class ActivationAlgorithm : uint8_t {
  minmax,         ///< all that was seen
  movingAverage,  ///< exponential average of the batches' minima and maxima (factor 0.9), in order
  percentile,     ///< between the quantiles 1 − min_percentile and max_percentile
  kl,             ///< least Kullback-Leibler divergence (TensorRT's method, one-sided data too)
  mse,            ///< least squared error over the histogram
  ifmr,           ///< AMCT: percentile, then a search around it for the least squared error
  hfmg,           ///< AMCT: the same over a histogram of num_of_bins bins
  aciq,           ///< Gauss or Laplace, whichever fits; sigma measured (Banner et al. 2019)
};

/// How weights become integers.
enum class WeightAlgorithm : uint8_t {
  arq,       ///< largest absolute value / 127
  mse,       ///< the scale with the least squared error
  als,       ///< alternating least squares of scale and integers (MNN's "ADMM")
  adaRound,  ///< rounding up or down learned from the layer's data (Nagel et al. 2020); needs samples
};

/// `activation_quant_params` of a recipe.
struct ActivationQuantParams {
  ActivationAlgorithm algorithm = ActivationAlgorithm::mse;
  int numBits = 8;                 ///< 2 … 8; fewer bits use fewer of the 256 steps
  bool asymmetric = true;          ///< false: zero point 0
  double maxPercentile = 0.999999;  ///< percentile, ifmr, hfmg: quantile of the upper clip; 0.5 … 1
  double minPercentile = 0.999999;  ///< the same from below
  double searchRange[2] = {0.7, 1.3};  ///< ifmr, hfmg: candidates as multiples of the first clip; 0.1 … 4
  double searchStep = 0.01;            ///< ifmr, hfmg; 0.005 … 1
  int numOfBins = 4096;                ///< hfmg, kl, mse: bins of the histogram they work on; 16 … 65536
  bool operator==(const ActivationQuantParams&) const = default;
};

/// `weight_quant_params` of a recipe.
struct WeightQuantParams {
  WeightAlgorithm algorithm = WeightAlgorithm::arq;
  int numBits = 8;          ///< 2 … 8; symmetric
  bool channelWise = true;  ///< a scale per output channel, else one for all
  bool operator==(const WeightQuantParams&) const = default;
};

/// What a recipe says of one layer.
struct LayerRecipe {
  bool quantEnable = true;
  ActivationQuantParams activation;  ///< of the layer's inputs
  WeightQuantParams weight;
  bool operator==(const LayerRecipe&) const = default;
};

/// The quantization configuration; JSON in AMCT's vocabulary, described in docs/recipe.md. Overrides
/// win in the order layer, type, global. Where a recipe is used, layers that it does not list have the
/// defaults of makeRecipe(), and unknown layers, ops and numbers out of range are errors.
struct Recipe {
  int batchNum = 0;               ///< `batch_num`: calibrate with samples 0 … batchNum − 1; 0: with all
  bool activationOffset = true;   ///< `activation_offset`: false makes all activations symmetric
  bool doFusion = true;           ///< `do_fusion`: fold BatchNorm, fuse bias, activation, residual first
  std::vector<std::string> skipLayers;      ///< `skip_layers`: stay float, by name
  std::vector<std::string> skipLayerTypes;  ///< `skip_layer_types`: stay float, by op
  bool equalize = false;        ///< `equalize`: cross-layer equalization (Nagel et al. 2019)
  bool biasCorrection = false;  ///< `bias_correction`: empirical, rejected where it makes things worse
  std::map<std::string, LayerRecipe> layers;  ///< every layer that can be int8, by name, resolved
  bool operator==(const Recipe&) const = default;

  /// Reads and checks JSON for `model`: unknown fields, layers, values and types are errors that give line,
  /// path, what was found and what was wanted. `source` (a file name) begins messages.
  static Result<Recipe> fromJson(std::string_view json, const Model& model,
                                 std::string_view source = "recipe");
  /// The recipe as JSON, every layer listed with all its fields.
  std::string toJson() const;
};

/// The default recipe of a model: every layer listed. Errors: unsupported (nothing in it can be int8).
Result<Recipe> makeRecipe(const Model& model);

/// A layer that computes floats in the int8 model too.
struct FloatLayer {
  std::string name;
  std::string op;
  std::string reason;  ///< a half sentence
};

/// The layers that quantize() leaves float, in execution order.
Result<std::vector<FloatLayer>> floatLayers(const Model& model, const Recipe& recipe);

/// Fills the inputs (in the model's order, shapes known) with sample `index`. False: there is no such
/// sample, the data has ended.
using SampleSource =
    std::function<Result<bool>(size_t index, const std::vector<TensorView>& inputs)>;

/// What calibration saw: a histogram of every activation, exact counts. Merging shards in any order gives the
/// same statistics as one run over all. Cheap to copy.
class Statistics {
 public:
  /// Adds what another shard saw. Errors: invalidArgument (of another model or recipe; a sample that both
  /// have seen).
  Status merge(const Statistics& other);
  /// Samples seen.
  size_t samples() const;
  /// Writes to a temporary name, then renames.
  Status save(const std::string& path) const;
  /// Errors: notFound, ioError, corruptData.
  static Result<Statistics> load(const std::string& path);

  /// Internal.
  struct Data;
  /// Internal.
  explicit Statistics(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  /// Internal.
  const Data& data() const { return *data_; }

 private:
  std::shared_ptr<const Data> data_;
};

/// Called as long work goes on; false stops it with an error.
using ProgressCallback = std::function<bool(size_t done, size_t total)>;

/// How to calibrate.
struct CalibratorOptions {
  std::map<std::string, Shape> inputShapes;  ///< as in SessionOptions
  int threads = 0;                           ///< 0: one per core
  size_t firstSample = 0;  ///< index of the first sample fed, where several machines share a data set
};

/// Runs a float model over data and keeps statistics of its activations.
class Calibrator {
 public:
  /// Errors: those of Session::create(), and those of a recipe that does not fit the model.
  static Result<Calibrator> create(const Model& model, const Recipe& recipe,
                                   const CalibratorOptions& options = {});
  Calibrator(Calibrator&&) noexcept;
  Calibrator& operator=(Calibrator&&) noexcept;
  ~Calibrator();
  /// The model's inputs with known shapes.
  const std::vector<TensorInfo>& inputs() const;
  /// Memory of an input, to be filled before feed().
  Result<TensorView> input(size_t index);
  /// Runs one sample and takes what it saw into the statistics; does nothing with samples from the recipe's
  /// batch_num on. Errors: invalidArgument (NaN or infinite activations, naming the layer; the statistics stay
  /// as they were).
  Status feed();
  /// What was seen so far. Errors: invalidArgument (no data).
  Result<Statistics> statistics() const;

 private:
  struct State;
  explicit Calibrator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// How to quantize.
struct QuantizeOptions {
  SampleSource samples;  ///< for AdaRound and bias correction, which run the model; may be null otherwise
  size_t maxSamples = 32;         ///< how many of them are used
  int threads = 0;                ///< 0: one per core
  ProgressCallback progress;      ///< may be null
};

/// The int8 model. Errors: invalidArgument (statistics of another model; a recipe that does not fit; weights
/// with NaN or infinities, naming the layer; sums that could overflow 32 bits, naming the layer; samples
/// needed but not given).
Result<Model> quantize(const Model& model, const Statistics& statistics, const Recipe& recipe,
                       const QuantizeOptions& options = {});

/// The float model that an int8 model stands for: weights and biases are the real numbers of its integers,
/// activations are not rounded, inputs and outputs are f32. For models that came quantized, to be quantized
/// anew or placed in float. A float model stays as it is. Errors: unsupported (a quantized layer that has no
/// float form, by name).
Result<Model> dequantize(const Model& model);

/// How far one layer's output is from the float model's.
struct LayerError {
  std::string name;          ///< the layer
  std::string op;
  double localSqnrDb = 0;       ///< its own quantization only: float inputs quantized, its kernel, dequantized
  double cumulativeSqnrDb = 0;  ///< in the int8 model, with the errors of all layers before it
  double cosine = 0;            ///< cumulative; at most 1
  double saturation = 0;        ///< share of the float model's values that its int8 range clips
};

/// A float model beside its int8 model.
struct Comparison {
  std::vector<LayerError> layers;   ///< int8 layers in execution order
  std::vector<LayerError> outputs;  ///< the model's outputs, by name; only the cumulative figures
  size_t samples = 0;
};

/// Runs both models over the samples through the kernels that ship and compares every layer that both have.
/// SQNR = 10·log10(Σx² / Σ(x − x̂)²) over all samples, summed in double; infinite where equal.
Result<Comparison> compare(const Model& reference, const Model& quantized, const SampleSource& samples,
                           size_t maxSamples = 0, const ProgressCallback& progress = {});

}  // namespace qrt
