#include "support/npy.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

#include "base/error.h"

namespace qrt::test {
namespace {

const std::map<std::string, DType> kDescriptions = {
    {"<f4", DType::f32}, {"<f8", DType::f64}, {"|i1", DType::s8},     {"|u1", DType::u8},
    {"<i2", DType::s16}, {"<u2", DType::u16}, {"<i4", DType::s32},    {"<u4", DType::u32},
    {"<i8", DType::s64}, {"<u8", DType::u64}, {"|b1", DType::boolean}};

}  // namespace

Result<Tensor> readNpy(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return notFound("no file ", path.string());
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (content.size() < 10 || content.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0) {
    return corruptData(path.string(), " is not an .npy file of version 1.0");
  }
  const size_t headerSize =
      static_cast<unsigned char>(content[8]) + 256u * static_cast<unsigned char>(content[9]);
  const std::string header = content.substr(10, headerSize);
  static const std::regex pattern(
      R"(\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \}\s*)");
  std::smatch match;
  if (!std::regex_match(header, match, pattern) || !kDescriptions.contains(match[1])) {
    return corruptData(path.string(), " has the header ", header);
  }
  Tensor tensor{{}, kDescriptions.at(match[1]), Shape(), {}, {}};
  const std::string dims = match[2];
  static const std::regex number("[0-9]+");
  for (std::sregex_iterator it(dims.begin(), dims.end(), number), end; it != end; ++it) {
    tensor.shape.append(std::stoll(it->str()));
  }
  const auto data = std::as_bytes(std::span(content)).subspan(10 + header.size());
  if (data.size() != static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype)) {
    return corruptData(path.string(), " has ", data.size(), " bytes for shape ",
                       tensor.shape.toString());
  }
  tensor.constant = ConstantData::copyOf(data);
  return tensor;
}

}  // namespace qrt::test
