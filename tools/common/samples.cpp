#include "common/samples.h"

#include <algorithm>
#include <cstdio>

namespace qrt::tools {

void DataArgs::add(CLI::App& app, bool required) {
  app.add_option("--data", data, "Samples: a list file (lines `path`), a folder of images, .npy or .npz")->required(required);
  app.add_option("--preprocess", preprocess, kPreprocessHelp);
  app.add_option("--samples", samples, "Only so many samples (default: all)")->check(CLI::PositiveNumber);
}

SampleReader::SampleReader(const DataArgs& args, const Model& model, size_t first, size_t count)
    : data_(Dataset::open(args.data)), path_(args.data), model_(model), preprocess_(args.preprocess), first_(first), next_(first) {
  if (model.inputs().size() != 1) {
    throw Failure{std::to_string(model.inputs().size()) + " inputs, wanted a model with one (the C++ API takes others)"};
  }
  if (first >= data_.size()) {
    throw Failure{args.data + ": has " + std::to_string(data_.size()) + " samples, none from " + std::to_string(first) + " on"};
  }
  end_ = count == 0 ? data_.size() : first + std::min(count, data_.size() - first);
}

Result<bool> SampleReader::load(size_t index, const std::vector<TensorView>& inputs) {
  const TensorView& input = inputs.at(0);
  if (!how_ && data_.images()) how_ = preprocessingFor(model_, TensorInfo{.dtype = input.dtype, .shape = input.shape}, preprocess_);
  const auto fill = [&](size_t sample) { data_.load(sample, input, how_ ? &*how_ : nullptr); };
  if (index < readable_.size()) {
    fill(readable_[index]);
    return true;
  }
  while (next_ < end_) {
    try {
      fill(next_++);
      readable_.push_back(next_ - 1);
      if (index < readable_.size()) return true;
    } catch (const Failure& failure) {
      leftOut_.push_back(failure.message);
    }
  }
  if (!readable_.empty()) return false;
  return Status(StatusCode::invalidArgument, path_ + ": none of the " + std::to_string(size()) + " samples can be used: " + leftOut_[0]);
}

SampleSource SampleReader::source() {
  return [this](size_t index, const std::vector<TensorView>& inputs) { return load(index, inputs); };
}

void SampleReader::reportLeftOut() const {
  constexpr size_t kShown = 10;
  if (leftOut_.empty()) return;
  std::fprintf(stderr, "qrt: %zu of %zu samples left out:\n", leftOut_.size(), size());
  for (size_t i = 0; i < std::min(kShown, leftOut_.size()); ++i) std::fprintf(stderr, "  %s\n", oneLine(leftOut_[i]).c_str());
  if (leftOut_.size() > kShown) std::fprintf(stderr, "  and %zu more\n", leftOut_.size() - kShown);
}

ProgressCallback progressBar(const std::string& label) {
  auto bar = std::make_shared<std::optional<Progress>>();
  return [bar, label](size_t, size_t total) {
    if (!*bar) bar->emplace(label, total);
    (*bar)->step();
    return true;
  };
}

}  // namespace qrt::tools
