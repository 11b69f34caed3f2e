// Whatever the file is: .qrt or a format that is imported, told apart by content.
#include "qrt/import.h"

#include <array>
#include <fstream>
#include <string_view>

#include "base/error.h"

namespace qrt {
Result<Model> loadAnyModel(const std::filesystem::path& path, const ImportOptions& options) {
  std::array<char, 8> head{};
  if (std::ifstream file(path, std::ios::binary); file) file.read(head.data(), head.size());
  // A .qrt file begins with its mark; FlatBuffers keep theirs behind their first offset.
  if (std::string_view(head.data(), 4) == "QRT1") {
    if (!options.freeze.empty() || !options.inputShapes.empty()) {
      return invalidArgument(path.string(), ": freeze and inputShapes are for models to import");
    }
    return Model::load(path);
  }
  if (std::string_view(head.data() + 4, 4) == "TFL3") {
    return importTflite(path, options);
  }
  return importOnnx(path, options);
}

}  // namespace qrt
