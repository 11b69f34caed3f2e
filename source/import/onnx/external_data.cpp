#include "import/onnx/external_data.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

#include "base/error.h"

namespace qrt::onnx_import {
namespace {

namespace fs = std::filesystem;

Result<uint64_t> parseNumber(const std::string& key, const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return corruptData("external data: ", key, " is '", text, "', wanted a number");
  }
  return value;
}

// A model must not make us read outside its own folder, neither by "..", nor by a symbolic link.
Result<fs::path> resolveInside(const fs::path& folder, const std::string& location) {
  const fs::path relative = fs::path(location).lexically_normal();
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder, error);
  if (error) return ioError("external data: ", folder.string(), ": ", error.message());
  const fs::path file = fs::weakly_canonical(root / relative, error);
  if (error) return ioError("external data '", location, "': ", error.message());
  const auto [rootEnd, fileEnd] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (location.empty() || relative.is_absolute() || rootEnd != root.end() ||
      fileEnd == file.end()) {
    return corruptData("external data '", location, "' is outside the model's folder");
  }
  if (!fs::exists(file, error)) return notFound("external data: no file '", location, "'");
  if (!fs::is_regular_file(file, error)) {
    return corruptData("external data '", location, "' is not a regular file");
  }
  return file;
}

}  // namespace

Result<ExternalRange> locateExternalData(const ::onnx::TensorProto& proto, const fs::path& folder,
                                         size_t wanted) {
  if (folder.empty()) {
    return unsupported("external data cannot be found for a model that was not read from a file");
  }
  std::string location;
  uint64_t offset = 0;
  uint64_t length = wanted;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") {
      location = entry.value();
    } else if (entry.key() == "offset") {
      QRT_ASSIGN_OR_RETURN(offset, parseNumber(entry.key(), entry.value()));
    } else if (entry.key() == "length") {
      QRT_ASSIGN_OR_RETURN(length, parseNumber(entry.key(), entry.value()));
    }
  }
  if (length != wanted) return corruptData("external data of ", length, " bytes, wanted ", wanted);
  QRT_ASSIGN_OR_RETURN(const fs::path file, resolveInside(folder, location));
  std::error_code error;
  const uint64_t size = fs::file_size(file, error);
  if (error) return ioError("external data '", location, "': ", error.message());
  if (offset > size || wanted > size - offset) {
    return corruptData("external data '", location, "' has ", size, " bytes, wanted ", wanted,
                       " from offset ", offset);
  }
  return ExternalRange{file, offset};
}

Status readExternalData(const ExternalRange& range, std::span<std::byte> bytes) {
  std::ifstream file(range.file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(range.offset));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) return ioError("cannot read ", range.file.string());
  return {};
}

}  // namespace qrt::onnx_import
