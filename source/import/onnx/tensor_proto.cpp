#include "import/onnx/tensor_proto.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "import/onnx/external_data.h"

namespace qrt::onnx_import {
namespace {

using ::onnx::TensorProto;

Result<ConstantData> allocate(size_t bytes) {
  auto buffer = std::make_shared<AlignedBuffer>(bytes);
  if (bytes != 0 && buffer->data() == nullptr) return outOfMemory(bytes, " bytes");
  const std::span<const std::byte> span(buffer->data(), bytes);
  return ConstantData{std::move(buffer), span};
}

// The bytes that allocate() made, while nobody else has them.
std::byte* writable(const ConstantData& data) { return const_cast<std::byte*>(data.bytes.data()); }

Result<Shape> shapeOf(const TensorProto& proto) {
  if (proto.dims_size() > Shape::kMaxRank) {
    return unsupported(proto.dims_size(), " dimensions, supported are up to ", Shape::kMaxRank);
  }
  Shape shape;
  for (const int64_t dim : proto.dims()) {
    if (dim < 0) return corruptData("dimension ", dim);
    shape.append(dim);
  }
  const Status status = checkShape(shape);
  if (!status.ok()) return corruptData(status.message());
  return shape;
}

// Elements stored one by one in a repeated field, each narrowed to T.
template <class T, class Field>
Result<ConstantData> fromField(const Field& field, size_t count) {
  if (static_cast<size_t>(field.size()) != count) {
    return corruptData(field.size(), " elements, wanted ", count);
  }
  QRT_ASSIGN_OR_RETURN(ConstantData data, allocate(count * sizeof(T)));
  T* out = reinterpret_cast<T*>(writable(data));
  std::transform(field.begin(), field.end(), out, [](auto x) { return static_cast<T>(x); });
  return data;
}

Result<ConstantData> fromTypedField(const TensorProto& proto, DType dtype, size_t count) {
  switch (dtype) {
    case DType::f32:
      return fromField<float>(proto.float_data(), count);
    case DType::f64:
      return fromField<double>(proto.double_data(), count);
    case DType::s64:
      return fromField<int64_t>(proto.int64_data(), count);
    case DType::u64:
      return fromField<uint64_t>(proto.uint64_data(), count);
    case DType::u32:
      return fromField<uint32_t>(proto.uint64_data(), count);
    case DType::s32:
      return fromField<int32_t>(proto.int32_data(), count);
    case DType::s16:
      return fromField<int16_t>(proto.int32_data(), count);
    case DType::s8:
      return fromField<int8_t>(proto.int32_data(), count);
    case DType::u8:
      return fromField<uint8_t>(proto.int32_data(), count);
    case DType::boolean:
      return fromField<bool>(proto.int32_data(), count);
    case DType::f16:
    case DType::bf16:  // ONNX stores their bits as 16-bit integers
    case DType::u16:
      return fromField<uint16_t>(proto.int32_data(), count);
  }
  return internalError("dtype ", dtypeName(dtype));
}

Result<ConstantData> fromRaw(TensorProto& proto, size_t wanted) {
  if (proto.raw_data().size() != wanted) {
    return corruptData(proto.raw_data().size(), " bytes, wanted ", wanted);
  }
  const std::unique_ptr<std::string> raw(proto.release_raw_data());
  QRT_ASSIGN_OR_RETURN(ConstantData data, allocate(wanted));
  if (wanted != 0) std::memcpy(writable(data), raw->data(), wanted);
  return data;
}

Result<ConstantData> fromFile(const TensorProto& proto, const std::filesystem::path& folder,
                              size_t wanted) {
  QRT_ASSIGN_OR_RETURN(const ExternalRange range, locateExternalData(proto, folder, wanted));
  QRT_ASSIGN_OR_RETURN(ConstantData data, allocate(wanted));
  QRT_RETURN_IF_ERROR(readExternalData(range, {writable(data), wanted}));
  return data;
}

Result<Tensor> read(TensorProto& proto, const std::filesystem::path& folder) {
  const auto dtype = dtypeFromOnnx(proto.data_type());
  if (!dtype) return unsupported("element type ", onnxTypeName(proto.data_type()));
  if (proto.has_segment()) return unsupported("stored in segments");
  QRT_ASSIGN_OR_RETURN(const Shape shape, shapeOf(proto));
  const auto count = static_cast<size_t>(shape.elements());
  const size_t bytes = count * dtypeSize(*dtype);

  Result<ConstantData> data = proto.data_location() == TensorProto::EXTERNAL
                                  ? fromFile(proto, folder, bytes)
                              : proto.has_raw_data() ? fromRaw(proto, bytes)
                                                     : fromTypedField(proto, *dtype, count);
  if (!data.ok()) {
    return annotate(data.status(), dtypeName(*dtype), " tensor of shape ", shape.toString());
  }
  if (*dtype == DType::boolean && bytes != 0) {
    std::byte* values = writable(*data);
    std::transform(values, values + bytes, values,
                   [](std::byte x) { return std::byte{x != std::byte{0}}; });
  }
  return Tensor{proto.name(), *dtype, shape, {}, std::move(data).value()};
}

}  // namespace

std::optional<DType> dtypeFromOnnx(int64_t elementType) {
  switch (elementType) {
    case TensorProto::FLOAT:
      return DType::f32;
    case TensorProto::FLOAT16:
      return DType::f16;
    case TensorProto::BFLOAT16:
      return DType::bf16;
    case TensorProto::DOUBLE:
      return DType::f64;
    case TensorProto::INT8:
      return DType::s8;
    case TensorProto::UINT8:
      return DType::u8;
    case TensorProto::INT16:
      return DType::s16;
    case TensorProto::UINT16:
      return DType::u16;
    case TensorProto::INT32:
      return DType::s32;
    case TensorProto::UINT32:
      return DType::u32;
    case TensorProto::INT64:
      return DType::s64;
    case TensorProto::UINT64:
      return DType::u64;
    case TensorProto::BOOL:
      return DType::boolean;
    default:
      return std::nullopt;
  }
}

std::string onnxTypeName(int64_t elementType) {
  if (elementType < 0 || !::onnx::TensorProto_DataType_IsValid(static_cast<int>(elementType))) {
    return concat("number ", elementType);
  }
  return ::onnx::TensorProto_DataType_Name(static_cast<int>(elementType));
}

Result<Tensor> tensorFromProto(TensorProto& proto, const std::filesystem::path& folder) {
  Result<Tensor> tensor = read(proto, folder);
  if (!tensor.ok()) return annotate(tensor.status(), "tensor '", proto.name(), "'");
  return tensor;
}

}  // namespace qrt::onnx_import
