// File → graph. The file is untrusted: nothing is used before its place and size are checked, and
// no more is copied than the header is long.
#include <algorithm>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "format/format.h"
#include "format/layout.h"
#include "graph/attribute_io.h"
#include "model_generated.h"

namespace qrt {
namespace {

using Bytes = std::span<const std::byte>;

struct Sections {
  Bytes header;
  Bytes data;
};

Result<Sections> findSections(Bytes file) {
  if (!looksLikeQrt(file)) {
    std::string found;
    for (const std::byte b : file.first(std::min<size_t>(file.size(), 4))) {
      const char c = static_cast<char>(b);
      found += c >= 32 && c < 127 ? c : '?';
    }
    return corruptData("not a .qrt file: it begins with '", found, "', wanted 'QRT1'");
  }
  if (file.size() < kPreludeBytes) {
    return corruptData("cut off: ", file.size(), " bytes, wanted at least ", kPreludeBytes);
  }
  fb::Prelude prelude;
  std::memcpy(&prelude, file.data(), kPreludeBytes);
  if (prelude.version() != kVersion) {
    return unsupported("file format version ", prelude.version(), ", wanted ", kVersion);
  }
  const uint64_t headerBytes = prelude.header_bytes();
  const uint64_t dataOffset = prelude.data_offset();
  const uint64_t dataBytes = prelude.data_bytes();
  if (headerBytes == 0 || headerBytes > kMaxHeaderBytes) {
    return corruptData("header of ", headerBytes, " bytes, wanted 1 to ", kMaxHeaderBytes);
  }
  if (dataOffset != alignUp(kPreludeBytes + headerBytes)) {
    return corruptData("data section at byte ", dataOffset, ", wanted ",
                       alignUp(kPreludeBytes + headerBytes), " after a header of ", headerBytes);
  }
  if (dataOffset > file.size() || dataBytes != file.size() - dataOffset) {
    return corruptData("the file has ", file.size(), " bytes, wanted ", dataOffset, " + ",
                       dataBytes,
                       dataOffset > file.size() || dataBytes > file.size() - dataOffset
                           ? " (cut off)"
                           : " (something was appended)");
  }
  if ((prelude.reserved0() | prelude.reserved1() | prelude.reserved2() | prelude.reserved3()) !=
      0) {
    return corruptData("reserved bytes of the prelude are not zero");
  }
  return Sections{file.subspan(kPreludeBytes, headerBytes), file.subspan(dataOffset)};
}

Result<const fb::Model*> verifyHeader(Bytes header) {
  const auto* data = reinterpret_cast<const uint8_t*>(header.data());
  flatbuffers::Verifier::Options limits;
  limits.max_depth = 8;  // Model → Layer → Attribute
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(header.size() / 8);
  flatbuffers::Verifier verifier(data, header.size(), limits);
  if (!fb::VerifyModelBuffer(verifier)) {
    return corruptData("the header of ", header.size(), " bytes is not a valid FlatBuffers '",
                       fb::ModelIdentifier(), "' buffer");
  }
  return fb::GetModel(data);
}

class Reader {
 public:
  Reader(const fb::Model& model, const Sections& sections, std::shared_ptr<const void> owner, const MappedFile* file)
      : model_(model),
        data_(sections.data),
        owner_(std::move(owner)),
        file_(file),
        budget_(sections.header.size()) {}

  Result<Graph> read() {
    Graph graph;
    QRT_RETURN_IF_ERROR(copy(model_.name(), graph.name));
    QRT_RETURN_IF_ERROR(copy(model_.inputs(), graph.inputs));
    QRT_RETURN_IF_ERROR(copy(model_.outputs(), graph.outputs));
    for (size_t i = 0; i < size(model_.tensors()); ++i) {
      const fb::Tensor& source = *model_.tensors()->Get(static_cast<uint32_t>(i));
      QRT_RETURN_IF_ERROR(spend(kTableBytes));
      Tensor& tensor = graph.tensors.emplace_back();
      QRT_RETURN_IF_ERROR(annotate(read(source, tensor), "tensor '", name(source), "'"));
    }
    for (size_t i = 0; i < size(model_.layers()); ++i) {
      const fb::Layer& source = *model_.layers()->Get(static_cast<uint32_t>(i));
      QRT_RETURN_IF_ERROR(spend(kTableBytes));
      Layer& layer = graph.layers.emplace_back();
      QRT_RETURN_IF_ERROR(annotate(read(source, layer), "layer '", name(source), "'"));
    }
    for (size_t i = 0; i < size(model_.metadata()); ++i) {
      const fb::Metadata& source = *model_.metadata()->Get(static_cast<uint32_t>(i));
      std::string key, value;
      QRT_RETURN_IF_ERROR(copy(source.key(), key));
      QRT_RETURN_IF_ERROR(copy(source.value(), value));
      if (!graph.metadata.emplace(key, std::move(value)).second) {
        return corruptData("metadata '", key, "' is there twice");
      }
    }
    return graph;
  }

 private:
  // The least that a table takes with the reference to it: bounds tables that are referred to
  // often.
  static constexpr size_t kTableBytes = 16;

  template <class T>
  static size_t size(const flatbuffers::Vector<T>* list) {
    return list == nullptr ? 0 : list->size();
  }

  // For messages: whole names only once they are known to be copied once.
  template <class Table>
  static std::string_view name(const Table& table) {
    return table.name()->string_view().substr(0, 200);
  }

  // In a file as written, every byte is referred to once. References that overlap could make a
  // small file take gigabytes, so what is read is counted.
  Status spend(size_t bytes) {
    if (bytes > budget_) return corruptData("contents of the header overlap");
    budget_ -= bytes;
    return {};
  }
  Status copy(const flatbuffers::String* from, std::string& to) {
    if (from == nullptr) return {};
    QRT_RETURN_IF_ERROR(spend(from->size()));
    to = from->str();
    return {};
  }
  // The verifier looks at the alignment of a list's length only.
  template <class T>
  static Status checkAlignment(const flatbuffers::Vector<T>& list) {
    const bool aligned = reinterpret_cast<uintptr_t>(list.Data()) % sizeof(T) == 0;
    if (aligned || list.size() == 0) return {};
    return corruptData("a list of ", sizeof(T), "-byte numbers is not aligned to ", sizeof(T), " bytes");
  }
  template <class T>
  Status copy(const flatbuffers::Vector<T>* from, std::vector<T>& to) {
    if (from == nullptr) return {};
    QRT_RETURN_IF_ERROR(checkAlignment(*from));
    QRT_RETURN_IF_ERROR(spend(from->size() * sizeof(T)));
    to.assign(from->begin(), from->end());
    return {};
  }

  Status read(const fb::Tensor& source, Tensor& tensor) {
    QRT_RETURN_IF_ERROR(copy(source.name(), tensor.name));
    tensor.dtype = static_cast<DType>(source.dtype());
    if (const auto* dims = source.shape()) {
      if (dims->size() > static_cast<size_t>(Shape::kMaxRank)) {
        return corruptData(dims->size(), " dimensions, wanted at most ", Shape::kMaxRank);
      }
      QRT_RETURN_IF_ERROR(checkAlignment(*dims));
      tensor.shape = Shape();
      for (const int64_t dim : *dims) tensor.shape.append(dim);
    }
    if (const fb::Quantization* quant = source.quantization()) {
      tensor.quant.emplace().axis = quant->axis();
      QRT_RETURN_IF_ERROR(copy(quant->scales(), tensor.quant->scales));
      QRT_RETURN_IF_ERROR(copy(quant->zero_points(), tensor.quant->zeroPoints));
    }
    return source.data() == nullptr ? Status() : read(*source.data(), tensor);
  }

  // In the order of the tensors, so that no two share bytes: budgets that follow from their sizes
  // and caches that know them by address rely on it.
  Status read(const fb::Data& source, Tensor& tensor) {
    const uint64_t offset = source.offset();
    const uint64_t bytes = source.bytes();
    if (offset > data_.size() || bytes > data_.size() - offset) {
      return corruptData("constant of ", bytes, " bytes at ", offset, " of a data section of ",
                         data_.size());
    }
    if (offset % kAlignment != 0) {
      return corruptData("constant at ", offset, ", wanted a multiple of ", kAlignment);
    }
    if (offset < dataEnd_) {
      return corruptData("constant at ", offset, ", wanted at least ", dataEnd_,
                         ", where the one before it ends");
    }
    dataEnd_ = offset + bytes;
    tensor.constant = ConstantData{owner_, data_.subspan(offset, bytes), file_};
    return {};
  }

  Status read(const fb::Layer& source, Layer& layer) {
    QRT_RETURN_IF_ERROR(copy(source.name(), layer.name));
    QRT_RETURN_IF_ERROR(copy(source.inputs(), layer.inputs));
    QRT_RETURN_IF_ERROR(copy(source.outputs(), layer.outputs));
    const std::optional<OpType> op = opFromName(source.op()->string_view());
    if (!op) return unsupported("op '", source.op()->string_view().substr(0, 200), "' is unknown");
    layer.op = *op;
    std::vector<AttributeValue> values(size(source.attributes()));
    for (size_t i = 0; i < values.size(); ++i) {
      const fb::Attribute& attribute = *source.attributes()->Get(static_cast<uint32_t>(i));
      QRT_RETURN_IF_ERROR(spend(kTableBytes));
      QRT_RETURN_IF_ERROR(copy(attribute.name(), values[i].name));
      QRT_RETURN_IF_ERROR(copy(attribute.ints(), values[i].ints));
      QRT_RETURN_IF_ERROR(copy(attribute.floats(), values[i].floats));
      QRT_RETURN_IF_ERROR(copy(attribute.text(), values[i].text));
    }
    QRT_ASSIGN_OR_RETURN(layer.attributes, attributesFromValues(*op, values));
    return {};
  }

  const fb::Model& model_;
  Bytes data_;
  std::shared_ptr<const void> owner_;
  const MappedFile* file_;
  size_t budget_;         // header bytes not referred to yet
  uint64_t dataEnd_ = 0;  // of the last constant read
};

}  // namespace

bool looksLikeQrt(Bytes bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), "QRT1", 4) == 0;
}

Result<Graph> decode(Bytes bytes, const std::shared_ptr<const void>& owner, const MappedFile* file) {
  QRT_ASSIGN_OR_RETURN(const Sections sections, findSections(bytes));
  QRT_ASSIGN_OR_RETURN(const fb::Model* model, verifyHeader(sections.header));
  return Reader(*model, sections, owner, file).read();
}

}  // namespace qrt
