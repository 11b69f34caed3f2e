// Mutations of bytes and of graphs.
#include <algorithm>
#include <limits>

#include "fuzz/fuzz.h"
#include "support/op_graphs.h"

namespace qrt::fuzz {
namespace {

void editOnce(Bytes& bytes, Random& random) {
  if (bytes.empty()) bytes.resize(1);
  const size_t at = pick(random, bytes.size());
  const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (pick(random, 8)) {
    case 0:
      bytes[at] ^= std::byte{1} << pick(random, 8);
      break;
    case 1:
      bytes[at] = static_cast<std::byte>(random());
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3:
      bytes.insert(here, 1 + pick(random, 16), static_cast<std::byte>(random()));
      break;
    case 4:
      bytes.erase(here, here + static_cast<std::ptrdiff_t>(
                                   1 + pick(random, std::min<size_t>(16, bytes.size() - at))));
      break;
    case 5: {  // a length or offset of 1, 2, 4 or 8 bytes
      const auto value = static_cast<uint64_t>(nastyInt(random));
      const size_t size = std::min(size_t{1} << pick(random, 4), bytes.size() - at);
      for (size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(value >> 8 * i);
      break;
    }
    case 6: {  // a piece of another input
      const Bytes& other = seeds()[pick(random, seeds().size())];
      const size_t from = pick(random, other.size());
      const size_t size = std::min(pick(random, 64) + 1, other.size() - from);
      const auto begin = other.begin() + static_cast<std::ptrdiff_t>(from);
      bytes.insert(here, begin, begin + static_cast<std::ptrdiff_t>(size));
      break;
    }
    default: {  // a piece of itself, elsewhere
      const size_t from = pick(random, bytes.size());
      const size_t size = std::min({pick(random, 64) + 1, bytes.size() - from, bytes.size() - at});
      const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                        bytes.begin() + static_cast<std::ptrdiff_t>(from + size));
      std::copy(piece.begin(), piece.end(), here);
    }
  }
}

// Every attribute of a layer, each with some chance.
struct AttributeMutator {
  Random& random;

  template <class T>
  void operator()(std::string_view, T& value) const {
    if (pick(random, 3) == 0) change(value);
  }
  void change(int32_t& value) const { value = static_cast<int32_t>(nastyInt(random)); }
  void change(bool& value) const { value = !value; }
  void change(float& value) const { value = nastyFloat(random); }
  void change(std::vector<int64_t>& value) const {
    if (value.empty() || pick(random, 3) == 0) value.resize(pick(random, 6));
    for (int64_t& v : value) {
      if (pick(random, 2) == 0) v = nastyInt(random);
    }
  }
  template <size_t N>
  void change(std::array<int32_t, N>& value) const {
    change(value[pick(random, N)]);
  }
  void change(Activation& value) const {
    change(value.kind);
    value.a = nastyFloat(random);
    value.b = nastyFloat(random);
  }
  void change(DType& value) const { value = static_cast<DType>(1 + pick(random, 13)); }
  template <class E, std::enable_if_t<std::is_enum_v<E>, int> = 0>
  void change(E& value) const {
    value = static_cast<E>(pick(random, kEnumNames<E>.size()));
  }
};

void mutateConstant(Tensor& tensor, Random& random) {
  const size_t size = tensor.constant->bytes.size();
  Bytes bytes(tensor.constant->bytes.begin(), tensor.constant->bytes.end());
  const size_t width = std::max<size_t>(dtypeSize(tensor.dtype), 1);
  for (size_t i = 0; i + width <= size; i += width) {
    if (pick(random, 3) != 0) continue;
    if (tensor.dtype == DType::f32) {
      const float value = nastyFloat(random);
      std::copy_n(reinterpret_cast<const std::byte*>(&value), width,
                  bytes.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      const auto value = static_cast<uint64_t>(nastyInt(random));
      for (size_t j = 0; j < width; ++j) bytes[i + j] = static_cast<std::byte>(value >> 8 * j);
    }
  }
  tensor.constant = ConstantData::copyOf(bytes);
}

// Keeps constants as large as their shape says, while that is small.
void resizeConstant(Tensor& tensor) {
  const auto count = tensor.shape.known() ? tensor.shape.elementCount() : std::nullopt;
  if (!tensor.isConstant() || !count || *count > 4096) return;
  Bytes bytes(tensor.constant->bytes.begin(), tensor.constant->bytes.end());
  bytes.resize(static_cast<size_t>(*count) * dtypeSize(tensor.dtype), std::byte{0});
  tensor.constant = ConstantData::copyOf(bytes);
}

void mutateTensor(Tensor& tensor, Random& random) {
  switch (pick(random, 6)) {
    case 0:
      tensor.dtype = static_cast<DType>(1 + pick(random, 13));
      break;
    case 1:
      tensor.shape = pick(random, 4) == 0 ? Shape::unranked()
                                          : Shape::filled(static_cast<int>(pick(random, 9)), 1);
      for (int64_t& dim : tensor.shape.dims()) dim = static_cast<int64_t>(pick(random, 7)) - 1;
      break;
    case 2:
      if (tensor.shape.rank() > 0) {
        tensor.shape[static_cast<int>(pick(random, static_cast<size_t>(tensor.shape.rank())))] =
            pick(random, 2) == 0 ? nastyInt(random) : static_cast<int64_t>(pick(random, 8)) - 1;
      }
      break;
    case 3:
      if (dtypeSize(tensor.dtype) > 1 && pick(random, 8) != 0) break;
      tensor.quant.emplace();
      tensor.quant->axis = static_cast<int>(pick(random, 4)) - 1;
      tensor.quant->scales.assign(pick(random, 5), nastyFloat(random));
      tensor.quant->zeroPoints.assign(tensor.quant->scales.size(),
                                      static_cast<int32_t>(nastyInt(random)));
      break;
    case 4:
      tensor.quant.reset();
      break;
    default:
      if (tensor.isConstant()) mutateConstant(tensor, random);
  }
  resizeConstant(tensor);
}

void mutateLayer(Graph& graph, Layer& layer, Random& random) {
  const auto anyTensor = [&] {
    return static_cast<TensorId>(pick(random, graph.tensors.size() + 2)) - 1;
  };
  switch (pick(random, 6)) {
    case 0:
      layer.op = static_cast<OpType>(pick(random, kOpCount));
      layer.attributes = defaultAttributes(layer.op);
      break;
    case 1:
      if (!layer.inputs.empty()) layer.inputs[pick(random, layer.inputs.size())] = anyTensor();
      break;
    case 2:
      layer.inputs.resize(pick(random, 5), anyTensor());
      break;
    case 3:
      if (layer.op != OpType::Split && pick(random, 8) != 0) break;
      layer.outputs.push_back(graph.addTensor({.name = "more", .shape = Shape::unranked()}));
      break;
    default:
      std::visit([&](auto& attrs) { attrs.fields(attrs, AttributeMutator{random}); },
                 layer.attributes);
  }
}

// A layer of another graph behind this one's outputs.
void appendLayer(Graph& graph, Random& random) {
  static const std::vector<Graph> others = test::opGraphs();
  const Graph& other = others[pick(random, others.size())];
  Layer layer = other.layers[0];
  layer.name = graph.uniqueLayerName("more");
  for (TensorId& id : layer.inputs) {
    if (id == kNoTensor) continue;
    const Tensor& tensor = other.tensor(id);
    if (!tensor.isConstant() && !graph.outputs.empty()) {
      id = graph.outputs[pick(random, graph.outputs.size())];
    } else {
      id = graph.addTensor(tensor);
      if (!tensor.isConstant()) graph.inputs.push_back(id);
    }
  }
  for (TensorId& id : layer.outputs) {
    id = graph.addTensor(other.tensor(id));
    graph.outputs.push_back(id);
  }
  graph.layers.push_back(std::move(layer));
}

}  // namespace

int64_t nastyInt(Random& random) {
  constexpr int64_t kInts[] = {0,
                               1,
                               2,
                               3,
                               4,
                               7,
                               -1,
                               -2,
                               127,
                               -128,
                               255,
                               1000,
                               1 << 16,
                               1 << 24,
                               0x7fffffff,
                               -0x80000000LL,
                               0xffffffffLL,
                               1LL << 40,
                               1LL << 62,
                               std::numeric_limits<int64_t>::max(),
                               std::numeric_limits<int64_t>::min()};
  return pick(random, 4) == 0 ? static_cast<int64_t>(pick(random, 16))
                              : kInts[pick(random, std::size(kInts))];
}

float nastyFloat(Random& random) {
  using Limits = std::numeric_limits<float>;
  constexpr float kFloats[] = {0.0f,
                               -0.0f,
                               1.0f,
                               -1.0f,
                               0.5f,
                               2.5f,
                               6.0f,
                               1e-10f,
                               1e10f,
                               3e9f,
                               -3e9f,
                               Limits::max(),
                               Limits::min(),
                               Limits::denorm_min(),
                               Limits::infinity(),
                               -Limits::infinity(),
                               Limits::quiet_NaN()};
  return kFloats[pick(random, std::size(kFloats))];
}

void mutateBytes(Bytes& bytes, Random& random) {
  for (size_t edits = 1 + pick(random, 4); edits > 0; --edits) editOnce(bytes, random);
}

void mutateGraph(Graph& graph, Random& random) {
  for (size_t edits = 1 + pick(random, 3); edits > 0; --edits) {
    const size_t kind = pick(random, 8);
    if (kind < 3 && !graph.layers.empty()) {
      mutateLayer(graph, graph.layers[pick(random, graph.layers.size())], random);
    } else if (kind < 6 && !graph.tensors.empty()) {
      mutateTensor(graph.tensors[pick(random, graph.tensors.size())], random);
    } else if (kind == 6 && graph.layers.size() < 20) {
      appendLayer(graph, random);
    } else if (!graph.layers.empty()) {
      std::swap(graph.layers[pick(random, graph.layers.size())], graph.layers.back());
    }
  }
}

}  // namespace qrt::fuzz
