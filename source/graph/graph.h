// A model in memory: tensors and layers, in the order they run. Everything between an importer or a
// file and a session works on this.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mapped_file.h"
#include "graph/attributes.h"
#include "graph/op_type.h"
#include "qrt/status.h"
#include "qrt/tensor.h"

namespace qrt {

using TensorId = int32_t;
/// An optional input that is absent.
inline constexpr TensorId kNoTensor = -1;

/// Bytes of a constant, shared by every graph that uses them: a mapped file's or our own.
struct ConstantData {
  std::shared_ptr<const void> owner;  ///< keeps `bytes` alive
  std::span<const std::byte> bytes;
  const MappedFile* file = nullptr;  ///< what `bytes` are part of, if it is one

  /// Lets go of memory that can be read from the file again.
  void givePagesBack() const {
    if (file != nullptr) file->givePagesBack(bytes);
  }
  /// Our own 64-byte-aligned copy; empty if there is no memory for it.
  static ConstantData copyOf(std::span<const std::byte> bytes);
};

struct Tensor {
  std::string name;  ///< unique in the graph, not empty
  DType dtype = DType::f32;
  Shape shape = Shape::unranked();
  std::optional<QuantParams> quant;
  std::optional<ConstantData> constant;  ///< then the shape is known and the bytes are its size

  bool isConstant() const { return constant.has_value(); }
  /// View of a constant; only when isConstant().
  ConstTensorView constantView() const {
    return {dtype, shape, constant->bytes.data(), quant ? &*quant : nullptr};
  }
};

struct Layer {
  std::string name;  ///< unique among layers, not empty, stable from import to run
  OpType op{};
  Attributes attributes;            ///< the alternative that QRT_OP_LIST gives for `op`
  std::vector<TensorId> inputs;     ///< kNoTensor where an optional one is absent
  std::vector<TensorId> outputs;

  template <class T>
  const T& attrs() const { return std::get<T>(attributes); }
  template <class T>
  T& attrs() { return std::get<T>(attributes); }
  /// Input `i`, kNoTensor beyond the end.
  TensorId input(size_t i) const { return i < inputs.size() ? inputs[i] : kNoTensor; }
};

/// The names of a growing list, so that finding a free one does not read the whole list. A hint that can
/// be rebuilt: copies start empty, which keeps graphs cheap to copy.
class NameIndex {
 public:
  NameIndex() = default;
  NameIndex(const NameIndex&) {}
  NameIndex& operator=(const NameIndex&) {
    clear();
    return *this;
  }

  void clear();
  /// `wanted`, or `wanted_1`, `wanted_2`, …: not empty, not the name of one of `named`, and not given out
  /// before.
  template <class Named>
  std::string unique(std::string_view wanted, const std::vector<Named>& named);

 private:
  size_t seen_ = 0;  // how many of the list are in nextSuffix_
  std::unordered_map<std::string, int> nextSuffix_;
};

/// Layers are in execution order: every input is a graph input, a constant, or an output of an
/// earlier layer. Each tensor has at most one producer.
struct Graph {
  std::string name;
  std::vector<Tensor> tensors;  ///< indexed by TensorId; passes leave unused ones, compact() drops them
  std::vector<Layer> layers;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::map<std::string, std::string> metadata;  ///< "producer", "preprocessing" (JSON), "labels", …

  Tensor& tensor(TensorId id) { return tensors[static_cast<size_t>(id)]; }
  const Tensor& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
  /// The tensor if `id` is one and it is constant, else null.
  const Tensor* constant(TensorId id) const {
    return id != kNoTensor && tensor(id).isConstant() ? &tensor(id) : nullptr;
  }

  /// Adds a tensor; its name gets a suffix if it is taken or empty.
  TensorId addTensor(Tensor tensor);
  /// Adds a constant holding a copy of `values`.
  template <class T>
  TensorId addConstant(std::string wanted, const Shape& shape, std::span<const T> values) {
    return addConstant(std::move(wanted), dtypeOf<T>, shape, std::as_bytes(values));
  }
  TensorId addConstant(std::string wanted, DType dtype, const Shape& shape,
                       std::span<const std::byte> bytes);
  /// A layer name not in use: `wanted`, or `wanted_1`, `wanted_2`, …; not given out again. A layer or tensor
  /// that is renamed in place must get such a name, or one that another had.
  std::string uniqueLayerName(std::string_view wanted);
  /// Index of the layer that makes each tensor; −1 for inputs and constants.
  std::vector<int> producers() const;
  /// Indices of the layers that read each tensor, ascending, one entry per reading layer.
  std::vector<std::vector<int>> consumers() const;
  bool isOutput(TensorId id) const;
  /// Makes every reader of `from`, graph outputs included, read `to`.
  void replaceUses(TensorId from, TensorId to);
  /// Drops tensors that nothing refers to and renumbers the rest.
  void compact();

 private:
  NameIndex tensorNames_;
  NameIndex layerNames_;
};

/// Whole values of a constant s64 or s32 tensor; nullopt if `id` is not one.
std::optional<std::vector<int64_t>> constantInts(const Graph& graph, TensorId id);

/// Checks everything the rest of the library takes for granted: ids in range, order, unique names and
/// producers, attribute alternatives and ranges, constant sizes, quantization parameters. For graphs
/// from files and importers, before inferShapes().
Status validate(const Graph& graph);

/// The largest dimension, and the most elements of a tensor: beyond what fits in memory, and small enough
/// that sizes and strides multiply within 64 bits.
inline constexpr int64_t kMaxDim = (int64_t{1} << 31) - 1;
inline constexpr int64_t kMaxElements = int64_t{1} << 40;

/// Refuses dims over these limits, unknown ones and zeros counting as 1.
Status checkShape(const Shape& shape);

/// Checks all but the name: dtype, shape, and that constant and quantization parameters fit them.
Status checkTensor(const Tensor& tensor);

/// Sets dtype and shape of every layer's outputs from its inputs, as far as they are known; fails,
/// naming the layer, where they contradict its op.
Status inferShapes(Graph& graph);

/// Multiply-accumulates of one layer, 0 where none or shapes are unknown.
int64_t layerMacs(const Graph& graph, const Layer& layer);

}  // namespace qrt
