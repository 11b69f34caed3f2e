// Samples for one model input from wherever users keep them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "qrt/qrt.h"
#include "common/image.h"
#include "common/npy.h"

namespace qrt::tools {

/// Samples with optional labels: a folder of images, a list file (lines `path [output-index]`, relative
/// to the list), an .npy (first dim: samples) or an .npz (`x`, and `y` with labels).
class Dataset {
 public:
  /// Throws Failure.
  static Dataset open(const std::string& path);
  /// From an .npz in memory.
  static Dataset fromNpz(std::span<const std::byte> bytes, const std::string& name);

  size_t size() const { return array_ ? static_cast<size_t>(array_->shape[0]) : files_.size(); }
  /// The label of sample `i`, if it has one.
  std::optional<int64_t> label(size_t i) const { return i < labels_.size() ? labels_[i] : std::nullopt; }
  /// A file name or "sample 7".
  std::string name(size_t i) const;
  /// Fills a view of batch size 1 with sample `i`; images are preprocessed. Throws Failure.
  void load(size_t i, const TensorView& input, const Preprocessing* how) const;
  /// Whether any sample is an image, which needs preprocessing.
  bool images() const;

 private:
  std::vector<std::filesystem::path> files_;
  std::optional<Array> array_;
  std::vector<std::optional<int64_t>> labels_;
};

/// Copies an array into an input; leading dims of 1 do not matter. Throws Failure.
void copyArray(const Array& array, const TensorView& input, const std::string& name);

/// The preprocessing: FILE if not empty, else the model's metadata, else ImageNet's with a note on stderr.
Preprocessing preprocessingFor(const Model& model, const TensorInfo& input, const std::string& file);

/// Class names by output index: from `file` or the model's metadata; one name fewer than outputs means that
/// output 0 is "background". Empty if there are none that fit.
std::vector<std::string> labelsFor(const Model& model, const std::string& file, size_t outputs);

}  // namespace qrt::tools
