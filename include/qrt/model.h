// A model: loaded once, immutable, shared by any number of sessions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qrt/status.h"
#include "qrt/tensor.h"

namespace qrt {

/// What a model says of one of its tensors.
struct TensorInfo {
  std::string name;                  ///< unique in the model
  DType dtype = DType::f32;
  Shape shape;                       ///< may have unknown dims, or an unknown rank, before a session
  std::optional<QuantParams> quant;  ///< set if the tensor is quantized
  bool constant = false;             ///< a weight
};

/// What a model says of one of its layers.
struct LayerInfo {
  std::string name;                  ///< unique and stable: the name in placements, recipes, profiles
  std::string op;                    ///< "Conv", "Add", …
  std::vector<std::string> inputs;   ///< tensor names, "" where an optional input is absent
  std::vector<std::string> outputs;  ///< tensor names
  std::string attributes;            ///< "strides=2,2 pads=0,0,1,1": those that differ from the defaults
  int64_t macs = 0;                  ///< multiply-accumulates; 0 where none or not known yet
};

/// A model: graph, weights and metadata. Copies are cheap and share everything. Thread-safe.
class Model {
 public:
  /// Maps a .qrt file into memory and verifies it; weights are not copied. The file must not change
  /// while the model lives. Errors: notFound, ioError, corruptData (with what was found and wanted),
  /// unsupported (a version of the format or an op that this library does not know), outOfMemory.
  static Result<Model> load(const std::filesystem::path& path);

  /// The same from bytes in .qrt format, which are copied once if not 64-byte aligned.
  /// `owner` keeps `bytes` alive as long as the model or a session uses them; if it is null the
  /// bytes are copied. Errors: those of load() but notFound and ioError.
  static Result<Model> fromMemory(std::span<const std::byte> bytes,
                                  std::shared_ptr<const void> owner = nullptr);

  /// Writes a .qrt file: to a temporary name beside `path`, then renamed, so that a failure leaves
  /// `path` as it was. Errors: ioError, unsupported (names and attributes of more than 1 GiB),
  /// outOfMemory.
  Status save(const std::filesystem::path& path) const;

  /// The model's name, possibly empty.
  const std::string& name() const;
  /// The inputs, in order, as the source model has them.
  std::vector<TensorInfo> inputs() const;
  /// The outputs, in order.
  std::vector<TensorInfo> outputs() const;
  /// All layers in execution order.
  std::vector<LayerInfo> layers() const;
  /// The tensor of that name, or nullopt.
  std::optional<TensorInfo> tensor(std::string_view name) const;
  /// Bytes of all constants.
  size_t constantBytes() const;
  /// Free-form facts, by key: "producer", "preprocessing" (JSON), "labels" (one per line), …
  const std::map<std::string, std::string>& metadata() const;
  /// A copy of this model whose metadata `key` is `value`; weights stay shared. Empty: removed.
  Model withMetadata(const std::string& key, std::string value) const;

  /// Internal: what a Model is inside. Not part of the API.
  struct Data;
  /// Internal.
  explicit Model(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  /// Internal.
  const Data& data() const { return *data_; }
  /// Internal.
  const std::shared_ptr<const Data>& shared() const { return data_; }

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace qrt
