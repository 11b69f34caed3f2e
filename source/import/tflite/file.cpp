#include "import/tflite/file.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "import/tflite/op_table.h"

namespace qrt::tflite_import {
namespace {

std::optional<DType> dtypeOf(int8_t type) {
  switch (type) {
    case 0: return DType::f32;
    case 1: return DType::f16;
    case 2: return DType::s32;
    case 3: return DType::u8;
    case 4: return DType::s64;
    case 6: return DType::boolean;
    case 7: return DType::s16;
    case 9: return DType::s8;
    case 10: return DType::f64;
    default: return std::nullopt;
  }
}

template <class T>
size_t size(const flatbuffers::Vector<T>* list) {
  return list == nullptr ? 0 : list->size();
}

Result<QuantParams> quantOf(const tfl::QuantizationParameters& from, const Shape& shape) {
  QuantParams quant;
  const size_t count = size(from.scale());
  if (size(from.zero_point()) != 0 && size(from.zero_point()) != count) {
    return corruptData(size(from.zero_point()), " zero points for ", count, " scales");
  }
  quant.scales.assign(from.scale()->begin(), from.scale()->end());
  quant.zeroPoints.resize(count);
  for (size_t i = 0; i < size(from.zero_point()); ++i) {
    int64_t zeroPoint = 0;  // the verifier does not look at the alignment of elements
    std::memcpy(&zeroPoint, from.zero_point()->Data() + i * sizeof zeroPoint, sizeof zeroPoint);
    if (zeroPoint < -128 || zeroPoint > 255) return unsupported("zero point ", zeroPoint);
    quant.zeroPoints[i] = static_cast<int32_t>(zeroPoint);
  }
  if (count > 1) {
    quant.axis = from.quantized_dimension();
    if (quant.axis < 0 || quant.axis >= shape.rank() || shape[quant.axis] != static_cast<int64_t>(count)) {
      return corruptData(count, " scales along dim ", quant.axis, " of shape ", shape.toString());
    }
  }
  return quant;
}

}  // namespace

Result<File> File::read(std::span<const std::byte> bytes) {
  File file;
  file.bytes_ = ConstantData::copyOf(bytes);
  flatbuffers::Verifier verifier = file.verifier();
  if (bytes.size() < 8 || !tfl::VerifyModelBuffer(verifier)) {
    return corruptData("not a TensorFlow Lite model, or damaged: ", bytes.size(),
                       " bytes are not a valid FlatBuffers '", tfl::ModelIdentifier(), "' buffer");
  }
  file.model_ = tfl::GetModel(file.bytes_.bytes.data());
  QRT_RETURN_IF_ERROR(file.check());
  return file;
}

flatbuffers::Verifier File::verifier() const {
  const auto size = bytes_.bytes.size();
  flatbuffers::Verifier::Options limits;
  limits.max_depth = 16;
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(size / 4 + 1);
  return flatbuffers::Verifier(reinterpret_cast<const uint8_t*>(bytes_.bytes.data()), size, limits);
}

Status File::check() const {
  const size_t subgraphs = size(model_->subgraphs());
  if (subgraphs != 1) return unsupported(subgraphs, " subgraphs, supported is one");
  QRT_RETURN_IF_ERROR(annotate(checkIndices(subgraph().inputs(), false), "inputs of the model"));
  QRT_RETURN_IF_ERROR(annotate(checkIndices(subgraph().outputs(), false), "outputs of the model"));
  const auto* operators = subgraph().operators();
  for (uint32_t i = 0; i < size(operators); ++i) {
    const tfl::Operator& op = *operators->Get(i);
    if (op.opcode_index() >= size(model_->operator_codes())) {
      return corruptData("operator ", i, " has code ", op.opcode_index(), " of ",
                         size(model_->operator_codes()));
    }
    QRT_RETURN_IF_ERROR(annotate(checkIndices(op.inputs(), true), "inputs of operator ", i));
    QRT_RETURN_IF_ERROR(annotate(checkIndices(op.outputs(), false), "outputs of operator ", i));
  }
  return {};
}

Status File::checkIndices(const flatbuffers::Vector<int32_t>* list, bool mayBeAbsent) const {
  for (size_t i = 0; i < size(list); ++i) {
    const int32_t index = list->Get(static_cast<uint32_t>(i));
    if (mayBeAbsent && index == -1) continue;
    if (index < 0 || index >= tensorCount()) {
      return corruptData("tensor ", index, ", there are ", tensorCount());
    }
  }
  return {};
}

std::string_view File::description() const {
  return model_->description() == nullptr ? "" : model_->description()->string_view();
}

int32_t File::tensorCount() const { return static_cast<int32_t>(size(subgraph().tensors())); }

// Codes from 127 on do not fit the byte that older files have.
int32_t File::operatorCode(const tfl::Operator& op) const {
  const tfl::OperatorCode& code = *model_->operator_codes()->Get(op.opcode_index());
  return std::max<int32_t>(code.builtin_code(), code.deprecated_builtin_code());
}

Result<Tensor> File::tensor(int32_t index) const {
  const tfl::Tensor& from = *subgraph().tensors()->Get(static_cast<uint32_t>(index));
  const std::optional<DType> dtype = dtypeOf(from.type());
  if (!dtype) return unsupported("element type number ", int{from.type()});
  if (from.sparsity() != nullptr) return unsupported("it is sparse");
  if (from.is_variable()) return unsupported("it is a variable");
  if (size(from.shape()) > static_cast<size_t>(Shape::kMaxRank)) {
    return unsupported(size(from.shape()), " dimensions, supported are up to ", Shape::kMaxRank);
  }
  Tensor tensor{{}, *dtype, Shape(), {}, {}};
  for (size_t i = 0; i < size(from.shape()); ++i) {
    tensor.shape.append(from.shape()->Get(static_cast<uint32_t>(i)));
  }
  QRT_RETURN_IF_ERROR(checkShape(tensor.shape));
  const bool integers = *dtype == DType::s8 || *dtype == DType::u8 || *dtype == DType::s32;
  if (from.quantization() != nullptr && size(from.quantization()->scale()) != 0 && integers) {
    if (from.quantization()->details() != nullptr) return unsupported("custom quantization");
    QRT_ASSIGN_OR_RETURN(tensor.quant, quantOf(*from.quantization(), tensor.shape));
  }
  if (from.buffer() >= size(model_->buffers())) {
    return corruptData("buffer ", from.buffer(), ", there are ", size(model_->buffers()));
  }
  const tfl::Buffer& buffer = *model_->buffers()->Get(from.buffer());
  if (buffer.offset() > 1) return unsupported("its data is outside of the FlatBuffer");
  if (size(buffer.data()) != 0) {
    tensor.constant = ConstantData::copyOf(
        {reinterpret_cast<const std::byte*>(buffer.data()->data()), buffer.data()->size()});
  }
  QRT_RETURN_IF_ERROR(checkTensor(tensor));
  return tensor;
}

}  // namespace qrt::tflite_import
