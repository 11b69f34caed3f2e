// Whatever the file is: .qrt or a format that is imported, told apart by content.
#include "qrt/import.h"

#include <array>
#include <fstream>
#include <string_view>

#include "base/error.h"

namespace qrt {
namespace {

// FlatBuffers keep four letters that name the format behind their first offset.
std::string_view flatBuffersFormat(const std::array<char, 8>& head) {
  return {head.data() + 4, 4};
}

}  // namespace

Result<Model> loadAnyModel(const std::filesystem::path& path, const ImportOptions& options) {
  std::array<char, 8> head{};
  if (std::ifstream file(path, std::ios::binary); file) file.read(head.data(), head.size());
  if (flatBuffersFormat(head) == "QRT1") {
    if (!options.freeze.empty() || !options.inputShapes.empty()) {
      return invalidArgument(path.string(), ": freeze and inputShapes are for models to import");
    }
    return Model::load(path);
  }
  if (flatBuffersFormat(head) == "TFL3") {
    return unsupported(path.string(), ": TensorFlow Lite models are not supported yet");
  }
  return importOnnx(path, options);
}

}  // namespace qrt
