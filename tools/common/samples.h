// Samples from a data set for the quantizer's functions: what cannot be read is named and left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/cli.h"
#include "common/dataset.h"
#include "qrt/quantize.h"

namespace qrt::tools {

/// --data, --preprocess, --samples.
struct DataArgs {
  std::string data;
  std::string preprocess;
  size_t samples = 0;
  void add(CLI::App& app, bool required);
};

class SampleReader {
 public:
  /// Reads `count` samples (0: all) from number `first` on. `model` may name the preprocessing. Throws Failure.
  SampleReader(const DataArgs& args, const Model& model, size_t first, size_t count);
  SampleReader(const SampleReader&) = delete;

  /// At most so many samples.
  size_t size() const { return end_ - first_; }
  /// Fills the model's only input with the `index`-th sample that can be read; false if there are fewer. An
  /// error if none can be read. Throws Failure where the preprocessing is wrong.
  Result<bool> load(size_t index, const std::vector<TensorView>& inputs);
  /// load() of this reader, which must outlive it.
  SampleSource source();
  bool images() const { return data_.images(); }
  /// Of a sample that load() has filled in.
  std::string name(size_t index) const { return data_.name(readable_[index]); }
  /// Names what was left out on stderr.
  void reportLeftOut() const;

 private:
  Dataset data_;
  std::string path_;
  Model model_;
  std::string preprocess_;
  std::optional<Preprocessing> how_;
  size_t first_, end_, next_;
  std::vector<size_t> readable_;      // numbers of samples, in order
  std::vector<std::string> leftOut_;  // why
};

/// Shows the progress of a library function under that name.
ProgressCallback progressBar(const std::string& label);

}  // namespace qrt::tools
