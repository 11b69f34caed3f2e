// Bytes of a statistics file → Statistics::load → the same bytes again, merged, and a quantized model.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/fuzz.h"
#include "quantize_recipe/calibrate.h"

namespace qrt::fuzz {
namespace {

const Model& model() {
  static const Model made = [] {
    test::GraphBuilder net;
    net.output(net.conv(net.input("image", {1, 2, 2, 2}), 2, 2, 1));
    return net.model();
  }();
  return made;
}

const Recipe& recipe() {
  static const Recipe made = *makeRecipe(model());
  return made;
}

// load() takes files.
struct TemporaryFile {
  std::string path = std::filesystem::temp_directory_path() / ("qrt_fuzz_" + std::to_string(::getpid()));
  ~TemporaryFile() { std::remove(path.c_str()); }

  void write(std::string_view bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string read() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

const TemporaryFile& file() {
  static const TemporaryFile made;
  return made;
}

void check(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

const std::vector<Bytes>& seeds() {
  static const std::vector<Bytes> all = [] {
    std::vector<Bytes> files;
    for (const size_t samples : {1, 3}) {
      check(test::calibrate(model(), recipe(), samples)->save(file().path).ok(), "cannot save");
      const std::string text = file().read();
      const auto* first = reinterpret_cast<const std::byte*>(text.data());
      files.emplace_back(first, first + text.size());
    }
    return files;
  }();
  return all;
}

// Everything in such a file is words of 4 or 8 bytes; most begin at multiples of 4.
void mutateStructure(Bytes& bytes, Random& random) {
  const size_t at = 4 * pick(random, bytes.size() / 4 + 1);
  const size_t size = pick(random, 2) == 0 ? 4 : 8;
  if (at + size > bytes.size()) return;
  uint64_t word = 0;
  std::memcpy(&word, &bytes[at], size);
  word = pick(random, 2) == 0 ? static_cast<uint64_t>(nastyInt(random)) : word + pick(random, 5) - 2;
  std::memcpy(&bytes[at], &word, size);
}

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace qrt;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  fuzz::file().write(bytes);
  const Result<Statistics> statistics = Statistics::load(fuzz::file().path);
  if (!statistics.ok()) return 0;
  ++fuzz::counts.loaded;
  fuzz::check(statistics->save(fuzz::file().path).ok() && fuzz::file().read() == bytes,
              "statistics that were loaded are saved as others");
  Statistics merged = *test::calibrate(fuzz::model(), fuzz::recipe(), 1, 1000);
  static_cast<void>(merged.merge(*statistics));
  if (quantize(fuzz::model(), merged, fuzz::recipe()).ok() &&
      quantize(fuzz::model(), *statistics, fuzz::recipe()).ok()) {
    ++fuzz::counts.ran;
  }
  return 0;
}
