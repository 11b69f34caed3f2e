#include "common/dataset.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "common/cli.h"

namespace qrt::tools {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) result.push_back(line);
  }
  return result;
}

std::string fileText(const std::string& path) {
  const std::vector<std::byte> bytes = readFile(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

int64_t integerAt(const Array& array, size_t i) {
  switch (array.dtype) {
    case DType::u8: return std::to_integer<uint8_t>(array.bytes[i]);
    case DType::s64: return (*array.view().as<int64_t>())[i];
    case DType::s32: return (*array.view().as<int32_t>())[i];
    case DType::u16: return (*array.view().as<uint16_t>())[i];
    default: throw Failure{"labels of type " + std::string(dtypeName(array.dtype)) + ", wanted integers"};
  }
}

}  // namespace

Dataset Dataset::fromNpz(std::span<const std::byte> bytes, const std::string& name) {
  std::map<std::string, Array> arrays = parseNpz(bytes, name);
  if (!arrays.contains("x")) throw Failure{name + ": no array 'x'"};
  Dataset data;
  data.array_ = std::move(arrays["x"]);
  if (data.array_->shape.rank() < 1) throw Failure{name + ": 'x' is a scalar, wanted samples along the first dim"};
  if (arrays.contains("y")) {
    const Array& y = arrays["y"];
    if (y.shape != Shape{data.array_->shape[0]}) {
      throw Failure{name + ": 'y' is " + y.shape.toString() + ", wanted " + std::to_string(data.size())};
    }
    for (size_t i = 0; i < data.size(); ++i) data.labels_.push_back(integerAt(y, i));
  }
  return data;
}

Dataset Dataset::open(const std::string& path) {
  Dataset data;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && isImageName(entry.path())) data.files_.push_back(entry.path());
    }
    std::sort(data.files_.begin(), data.files_.end());
  } else if (path.ends_with(".npz")) {
    data = fromNpz(readFile(path), path);
  } else if (path.ends_with(".npy")) {
    data.array_ = readNpy(path);
    if (data.array_->shape.rank() < 1) throw Failure{path + ": a scalar, wanted samples along the first dim"};
  } else {
    const fs::path folder = fs::path(path).parent_path();
    for (const std::string& line : lines(fileText(path))) {
      const size_t space = line.find_last_of(" \t");
      const std::string last = space == std::string::npos ? "" : line.substr(space + 1);
      const bool labelled = !last.empty() && last.size() < 10 && last.find_first_not_of("0123456789") == std::string::npos;
      data.files_.push_back(folder / (labelled ? line.substr(0, line.find_last_not_of(" \t", space) + 1) : line));
      data.labels_.push_back(labelled ? std::optional<int64_t>(std::stoll(last)) : std::nullopt);
    }
  }
  if (data.size() == 0) throw Failure{path + ": no samples in it"};
  return data;
}

std::string Dataset::name(size_t i) const { return array_ ? "sample " + std::to_string(i) : files_[i].string(); }

void copyArray(const Array& array, const TensorView& input, const std::string& name) {
  const auto core = [](const Shape& shape) {
    int ones = 0;
    while (ones < shape.rank() && shape[ones] == 1) ++ones;
    return Shape(shape.dims().subspan(static_cast<size_t>(ones)));
  };
  if (core(array.shape) != core(input.shape)) {
    throw Failure{name + " is " + array.shape.toString() + ", the input wants " + input.shape.toString()};
  }
  if (array.dtype != input.dtype) {
    throw Failure{name + " is " + std::string(dtypeName(array.dtype)) + ", the input wants " +
                  std::string(dtypeName(input.dtype))};
  }
  std::memcpy(input.data, array.bytes.data(), input.bytes());
}

bool Dataset::images() const { return std::any_of(files_.begin(), files_.end(), isImageName); }

void Dataset::load(size_t i, const TensorView& input, const Preprocessing* how) const {
  if (array_) {
    Array sample{array_->dtype, Shape(std::span<const int64_t>(array_->shape.dims()).subspan(1)), {}};
    const size_t size = sample.view().bytes();
    sample.bytes.assign(array_->bytes.begin() + i * size, array_->bytes.begin() + (i + 1) * size);
    copyArray(sample, input, name(i));
  } else if (!isImageName(files_[i])) {
    copyArray(readNpy(files_[i]), input, name(i));
  } else {
    preprocess(readImage(files_[i], how->channels()), *how, input);
  }
}

Preprocessing preprocessingFor(const Model& model, const TensorInfo& input, const std::string& file) {
  if (!file.empty()) return Preprocessing::parse(fileText(file), file);
  if (const auto found = model.metadata().find("preprocessing"); found != model.metadata().end()) {
    return Preprocessing::parse(found->second, "the model's preprocessing");
  }
  const ImageLayout layout = ImageLayout::of(input.shape);
  std::fprintf(stderr, "qrt: the model names no preprocessing; using ImageNet's (--preprocess FILE.json changes it)\n");
  Preprocessing how = Preprocessing::imageNet(layout.height, layout.width);
  if (layout.channels == 1) {
    how.color = Preprocessing::gray;
    how.mean = {0};
    how.std = {255};
  }
  if (input.dtype != DType::f32) how.mean = how.std = {};
  return how;
}

std::vector<std::string> labelsFor(const Model& model, const std::string& file, size_t outputs) {
  std::vector<std::string> labels;
  if (!file.empty()) {
    labels = lines(fileText(file));
  } else if (const auto found = model.metadata().find("labels"); found != model.metadata().end()) {
    labels = lines(found->second);
  }
  if (labels.size() + 1 == outputs) labels.insert(labels.begin(), "background");
  if (labels.size() != outputs) {
    if (!file.empty()) {
      throw Failure{file + ": " + std::to_string(labels.size()) + " labels, the model has " + std::to_string(outputs) +
                    " classes"};
    }
    labels.clear();
  }
  return labels;
}

}  // namespace qrt::tools
