#include "support/support.h"

#include <cstdlib>
#include <filesystem>

namespace qrt::test {

std::filesystem::path sourceFolder() { return QRT_SOURCE_DIR; }

std::optional<std::filesystem::path> zooPath() {
  const char* forced = std::getenv("QRT_ZOO");
  const std::filesystem::path path =
      forced != nullptr ? forced : sourceFolder() / "../shared/zoo";
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return std::filesystem::canonical(path);
}

}  // namespace qrt::test
