// Graph → file. Constants are not copied: the image only points at them.
#include <cstring>

#include "base/error.h"
#include "format/format.h"
#include "format/layout.h"
#include "graph/attribute_io.h"
#include "model_generated.h"

namespace qrt {
namespace {

using flatbuffers::Offset;

constexpr std::byte kZeros[kAlignment] = {};

template <class T>
size_t bytesOf(const T& values) {
  return values.size() * sizeof values[0];
}

// More than the header will take, so that the builder, which aborts at 2 GiB, never gets there.
size_t headerBound(const Graph& graph) {
  constexpr size_t kTable = 128;  // of any kind: fields, vtable, offset, padding
  size_t bytes = kTable + graph.name.size() + bytesOf(graph.inputs) + bytesOf(graph.outputs);
  for (const Tensor& tensor : graph.tensors) {
    bytes += 2 * kTable + tensor.name.size();
    if (tensor.quant) bytes += bytesOf(tensor.quant->scales) + bytesOf(tensor.quant->zeroPoints);
  }
  for (const Layer& layer : graph.layers) {
    bytes += kTable + layer.name.size() + bytesOf(layer.inputs) + bytesOf(layer.outputs);
    for (const AttributeValue& value : attributeValues(layer.attributes)) {
      bytes += kTable + value.name.size() + bytesOf(value.ints);
    }
  }
  for (const auto& [key, value] : graph.metadata) bytes += kTable + key.size() + value.size();
  return bytes;
}

class HeaderWriter {
 public:
  explicit HeaderWriter(const Graph& graph) : graph_(graph) {}

  /// Fills the builder; `dataOffsets` are those of the tensors that are constant.
  void write(std::span<const uint64_t> dataOffsets) {
    std::vector<Offset<fb::Tensor>> tensors;
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      tensors.push_back(write(graph_.tensors[i], dataOffsets[i]));
    }
    std::vector<Offset<fb::Layer>> layers;
    for (const Layer& layer : graph_.layers) layers.push_back(write(layer));
    std::vector<Offset<fb::Metadata>> metadata;
    for (const auto& [key, value] : graph_.metadata) {
      const auto keyOffset = builder_.CreateString(key);
      metadata.push_back(fb::CreateMetadata(builder_, keyOffset, builder_.CreateString(value)));
    }
    const auto name = builder_.CreateString(graph_.name);
    const auto tensorList = builder_.CreateVector(tensors);
    const auto layerList = builder_.CreateVector(layers);
    const auto inputs = builder_.CreateVector(graph_.inputs);
    const auto outputs = builder_.CreateVector(graph_.outputs);
    builder_.Finish(fb::CreateModel(builder_, name, tensorList, layerList, inputs, outputs,
                                    builder_.CreateVector(metadata)),
                    fb::ModelIdentifier());
  }

  std::span<const std::byte> bytes() const {
    return std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize()));
  }

 private:
  Offset<fb::Tensor> write(const Tensor& tensor, uint64_t dataOffset) {
    const auto name = builder_.CreateString(tensor.name);
    Offset<flatbuffers::Vector<int64_t>> shape;
    if (tensor.shape.ranked()) {
      const std::span<const int64_t> dims = tensor.shape.dims();
      shape = builder_.CreateVector(dims.data(), dims.size());
    }
    Offset<fb::Quantization> quant;
    if (tensor.quant) {
      const auto scales = builder_.CreateVector(tensor.quant->scales);
      const auto zeroPoints = builder_.CreateVector(tensor.quant->zeroPoints);
      quant = fb::CreateQuantization(builder_, scales, zeroPoints, tensor.quant->axis);
    }
    const fb::Data data(dataOffset, tensor.isConstant() ? tensor.constant->bytes.size() : 0);
    return fb::CreateTensor(builder_, name, static_cast<uint8_t>(tensor.dtype), shape, quant,
                            tensor.isConstant() ? &data : nullptr);
  }

  Offset<fb::Layer> write(const Layer& layer) {
    std::vector<Offset<fb::Attribute>> attributes;
    for (const AttributeValue& value : attributeValues(layer.attributes)) {
      const auto name = builder_.CreateString(value.name);
      const auto ints = value.ints.empty() ? 0 : builder_.CreateVector(value.ints);
      const auto floats = value.floats.empty() ? 0 : builder_.CreateVector(value.floats);
      const auto text = value.text.empty() ? 0 : builder_.CreateString(value.text);
      attributes.push_back(fb::CreateAttribute(builder_, name, ints, floats, text));
    }
    const auto name = builder_.CreateString(layer.name);
    const std::string_view op = opName(layer.op);
    const auto opString = builder_.CreateString(op.data(), op.size());
    const auto attributeList = builder_.CreateVector(attributes);
    const auto inputs = builder_.CreateVector(layer.inputs);
    return fb::CreateLayer(builder_, name, opString, attributeList, inputs,
                           builder_.CreateVector(layer.outputs));
  }

  const Graph& graph_;
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace

Result<FileImage> encode(const Graph& graph) {
  if (const size_t bound = headerBound(graph); bound > kMaxHeaderBytes) {
    return unsupported("names, attributes and metadata take up to ", bound, " bytes, a file holds ",
                       kMaxHeaderBytes);
  }
  std::vector<uint64_t> offsets(graph.tensors.size());
  uint64_t end = 0;
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    if (!graph.tensors[i].isConstant()) continue;
    offsets[i] = alignUp(end);
    end = offsets[i] + graph.tensors[i].constant->bytes.size();
  }
  HeaderWriter writer(graph);
  writer.write(offsets);
  const std::span<const std::byte> header = writer.bytes();
  const size_t dataOffset = alignUp(kPreludeBytes + header.size());
  const fb::Prelude prelude(kMagic, kVersion, header.size(), dataOffset, end, 0, 0, 0, 0);
  static_assert(sizeof prelude == kPreludeBytes);

  FileImage image;
  image.front.resize(dataOffset);
  std::memcpy(image.front.data(), &prelude, kPreludeBytes);
  std::memcpy(image.front.data() + kPreludeBytes, header.data(), header.size());
  image.pieces.push_back(image.front);
  uint64_t written = 0;
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    if (!graph.tensors[i].isConstant()) continue;
    image.pieces.push_back(std::span(kZeros, offsets[i] - written));
    image.pieces.push_back(graph.tensors[i].constant->bytes);
    written = offsets[i] + graph.tensors[i].constant->bytes.size();
  }
  return image;
}

std::vector<std::byte> FileImage::joined() const {
  std::vector<std::byte> bytes;
  for (const auto& piece : pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
  return bytes;
}

}  // namespace qrt
