#include "common/npy.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "common/cli.h"
#include "common/inflate.h"

namespace qrt::tools {
namespace {

struct NpyType {
  const char* descr;
  DType dtype;
};
constexpr NpyType kTypes[] = {
    {"<f4", DType::f32}, {"<f8", DType::f64}, {"<f2", DType::f16}, {"|i1", DType::s8},
    {"|u1", DType::u8},  {"<i2", DType::s16}, {"<u2", DType::u16}, {"<i4", DType::s32},
    {"<u4", DType::u32}, {"<i8", DType::s64}, {"<u8", DType::u64}, {"|b1", DType::boolean}};

uint32_t littleEndian(std::span<const std::byte> bytes, size_t at, int size) {
  uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | std::to_integer<uint32_t>(bytes[at + i]);
  return value;
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What follows "'key':" in a .npy header.
std::string_view headerValue(std::string_view header, std::string_view key, const std::string& name) {
  const size_t at = header.find("'" + std::string(key) + "'");
  const size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) throw Failure{name + ": .npy header without " + std::string(key)};
  const size_t value = header.find_first_not_of(' ', colon + 1);
  if (value == std::string_view::npos) throw Failure{name + ": .npy header without a value for " + std::string(key)};
  return header.substr(value);
}

Shape headerShape(std::string_view value, const std::string& name) {
  Shape shape;
  size_t at = 1;
  while (at < value.size() && value[at] != ')') {
    if (value[at] == ' ' || value[at] == ',') {
      ++at;
      continue;
    }
    if (value[at] < '0' || value[at] > '9') throw Failure{name + ": .npy shape " + std::string(value.substr(0, value.find(')') + 1))};
    size_t digits = 0;
    int64_t dim = 0;
    for (; at < value.size() && value[at] >= '0' && value[at] <= '9'; ++at, ++digits) {
      dim = dim * 10 + (value[at] - '0');
      if (digits > 15) throw Failure{name + ": dimension too large"};
    }
    if (shape.rank() == Shape::kMaxRank) throw Failure{name + ": more than 8 dimensions"};
    shape.append(dim);
  }
  return shape;
}

}  // namespace

std::vector<std::byte> readFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw Failure{path.string() + ": is a folder, wanted a file"};
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{path.string() + ": cannot be opened: " + std::strerror(errno)};
  std::vector<char> chars((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::byte> bytes(chars.size());
  if (!chars.empty()) std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

void writeFile(const std::filesystem::path& path, std::initializer_list<std::span<const std::byte>> parts) {
  const std::string temporary = path.string() + "." + std::to_string(getpid()) + ".tmp";
  std::ofstream file(temporary, std::ios::binary);
  for (const auto part : parts) {
    file.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size()));
  }
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    std::filesystem::remove(temporary, error);
    throw Failure{path.string() + ": cannot be written"};
  }
}

Array parseNpy(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < 12 || text(bytes).substr(0, 6) != "\x93NUMPY") throw Failure{name + ": not a .npy file"};
  const int lengthSize = std::to_integer<int>(bytes[6]) == 1 ? 2 : 4;
  const size_t headerSize = littleEndian(bytes, 8, lengthSize);
  const size_t dataAt = 8 + lengthSize + headerSize;
  if (dataAt > bytes.size()) throw Failure{name + ": truncated .npy header"};
  const std::string_view header = text(bytes).substr(8 + lengthSize, headerSize);

  Array array;
  const std::string_view descr = headerValue(header, "descr", name);
  bool found = false;
  for (const NpyType& type : kTypes) {
    if (descr.substr(1, 3) == type.descr) {
      array.dtype = type.dtype;
      found = true;
    }
  }
  if (!found) throw Failure{name + ": dtype " + std::string(descr.substr(0, descr.find(','))) + " is not supported"};
  if (headerValue(header, "fortran_order", name).substr(0, 5) != "False") {
    throw Failure{name + ": Fortran order, wanted C order"};
  }
  array.shape = headerShape(headerValue(header, "shape", name), name);
  const auto elements = array.shape.elementCount();
  const size_t available = bytes.size() - dataAt;
  if (!elements || static_cast<size_t>(*elements) > available / dtypeSize(array.dtype)) {
    throw Failure{name + ": " + std::to_string(available) + " bytes of data, too few for " + array.shape.toString()};
  }
  const auto data = bytes.subspan(dataAt, array.view().bytes());
  array.bytes.assign(data.begin(), data.end());
  return array;
}

Array readNpy(const std::filesystem::path& path) { return parseNpy(readFile(path), path.string()); }

std::map<std::string, Array> parseNpz(std::span<const std::byte> zip, const std::string& name) {
  const auto truncated = [&] { return Failure{name + ": truncated or broken .npz file"}; };
  // The central directory at the end lists the members; its own end record is 22 bytes without comment.
  if (zip.size() < 22 || littleEndian(zip, zip.size() - 22, 4) != 0x06054b50) throw truncated();
  const uint32_t members = littleEndian(zip, zip.size() - 12, 2);
  size_t at = littleEndian(zip, zip.size() - 6, 4);
  std::map<std::string, Array> arrays;
  for (uint32_t i = 0; i < members; ++i) {
    if (at + 46 > zip.size() || littleEndian(zip, at, 4) != 0x02014b50) throw truncated();
    const uint32_t method = littleEndian(zip, at + 10, 2);
    const size_t packedSize = littleEndian(zip, at + 20, 4), size = littleEndian(zip, at + 24, 4);
    const size_t nameSize = littleEndian(zip, at + 28, 2), local = littleEndian(zip, at + 42, 4);
    if (at + 46 + nameSize > zip.size() || local + 30 > zip.size()) throw truncated();
    std::string member(text(zip.subspan(at + 46, nameSize)));
    at += 46 + nameSize + littleEndian(zip, at + 30, 2) + littleEndian(zip, at + 32, 2);
    const size_t data = local + 30 + littleEndian(zip, local + 26, 2) + littleEndian(zip, local + 28, 2);
    if (data > zip.size() || packedSize > zip.size() - data) throw truncated();
    if (!member.ends_with(".npy")) continue;
    member.resize(member.size() - 4);
    const auto packed = zip.subspan(data, packedSize);
    const std::string label = name + " (" + member + ")";
    if (method == 0) {
      arrays[member] = parseNpy(packed, label);
    } else if (method == 8) {
      arrays[member] = parseNpy(inflate(packed, size, label), label);
    } else {
      throw Failure{label + ": compression method " + std::to_string(method) + " is not supported"};
    }
  }
  return arrays;
}

void writeNpy(const std::filesystem::path& path, const ConstTensorView& view) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const NpyType& t) { return t.dtype == view.dtype; });
  if (type == std::end(kTypes)) {
    throw Failure{path.string() + ": .npy has no type " + std::string(dtypeName(view.dtype))};
  }
  std::string header = "{'descr': '" + std::string(type->descr) + "', 'fortran_order': False, 'shape': (";
  for (const int64_t dim : view.shape.dims()) header += std::to_string(dim) + ",";
  header += "), }";
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';

  const char prelude[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<char>(header.size() & 255),
                          static_cast<char>(header.size() >> 8)};
  writeFile(path, {std::as_bytes(std::span(prelude)), std::as_bytes(std::span(header)),
                   {static_cast<const std::byte*>(view.data), view.bytes()}});
}

}  // namespace qrt::tools
