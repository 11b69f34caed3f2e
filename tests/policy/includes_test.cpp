// Who may include whom: the #include lines of the tree against the rules of the house.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Include {
  std::string file;  // relative to the root of the tree
  std::string path;  // what is included
  bool quoted = false;
};

// The part of a path before the first slash, "" if there is none.
std::string firstFolder(const std::string& path) {
  const size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool startsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// The include of a line, if it is one.
std::optional<Include> parseInclude(const std::string& file, const std::string& line) {
  size_t at = line.find_first_not_of(" \t");
  if (at == std::string::npos || line[at] != '#') return std::nullopt;
  at = line.find_first_not_of(" \t", at + 1);
  if (at == std::string::npos || line.compare(at, 7, "include") != 0) return std::nullopt;
  const size_t open = line.find_first_of("<\"", at);
  if (open == std::string::npos) return std::nullopt;
  const size_t close = line.find_first_of(">\"", open + 1);
  return Include{file, line.substr(open + 1, close - open - 1), line[open] == '"'};
}

std::vector<Include> includesBelow(const std::string& folder) {
  const fs::path root = QRT_SOURCE_DIR;
  std::vector<Include> includes;
  if (!fs::is_directory(root / folder)) return includes;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      const std::string file = fs::relative(entry.path(), root).generic_string();
      if (auto include = parseInclude(file, line)) includes.push_back(*include);
    }
  }
  return includes;
}

// Folder of source/ → the folders it may include, besides itself.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"graph", {"base"}},
    {"passes", {"graph", "base"}},
    {"format", {"graph", "base"}},
    {"import", {"passes", "graph", "base"}},
    {"simd", {"base"}},
    {"kernels", {"simd", "base"}},
    {"backends", {"graph", "kernels", "simd", "base"}},
    {"plugins", {}},
    {"runtime", {"backends", "passes", "graph", "base"}},
    {"quantize", {"runtime", "backends", "passes", "graph", "kernels", "simd", "base"}},
    {"diagnose", {"quantize", "runtime", "backends", "passes", "graph", "kernels", "simd", "base"}},
};

// Prefix of an include → the only folders that may have it.
const std::map<std::string, std::vector<std::string>> kThirdParties = {
    {"flatbuffers/", {"source/format/", "source/import/tflite/"}},
    {"model_generated.h", {"source/format/"}},
    {"tflite_generated.h", {"source/import/tflite/"}},
    {"google/protobuf", {"source/import/onnx/"}},
    {"onnx/", {"source/import/onnx/"}},
    {"oneapi/dnnl/", {"source/plugins/onednn/"}},
    {"oneapi/tbb/", {"source/base/"}},
    {"tbb/", {}},
    {"xsimd/", {"source/simd/"}},
    {"CLI/", {"tools/"}},
    {"nlohmann/", {"tools/", "source/diagnose/", "source/plugins/npu_sim/", "source/quantize/"}},
    {"stb", {"tools/"}},
    {"benchmark/", {"benchmarks/"}},
    {"gtest/", {"tests/"}},
};

// The second folder of "source/a/b/c.cpp", relative to source/.
std::string houseFolder(const std::string& file) { return firstFolder(file.substr(7)); }

TEST(Includes, AreFound) {
  const auto include = parseInclude("f", "  # include <a/b.h> // why");
  ASSERT_TRUE(include);
  EXPECT_EQ(include->path, "a/b.h");
  EXPECT_FALSE(include->quoted);
  EXPECT_FALSE(parseInclude("f", "// #include <a.h>"));
  EXPECT_GT(includesBelow("source").size(), 100u);
}

TEST(Includes, OfSourceGoDownward) {
  for (const Include& include : includesBelow("source")) {
    const std::string from = houseFolder(include.file);
    const auto rule = kMayInclude.find(from);
    ASSERT_NE(rule, kMayInclude.end()) << include.file << ": a folder without a rule";
    const std::string to = firstFolder(include.path);
    if (!include.quoted || to.empty() || to == "qrt" || to == from) continue;
    // What is no folder of the house is judged as a third party.
    if (!kMayInclude.contains(to)) continue;
    EXPECT_TRUE(rule->second.contains(to)) << include.file << " includes " << include.path;
  }
}

TEST(Includes, OfOwnHeadersNameTheirFolder) {
  for (const Include& include : includesBelow("source")) {
    if (!include.quoted || !firstFolder(include.path).empty()) continue;
    EXPECT_TRUE(include.path == "isa_levels.h" || include.path.ends_with("_generated.h"))
        << include.file << " includes " << include.path << ", wanted the path from source/";
  }
}

TEST(Includes, OfABackendLeaveOtherBackendsAlone) {
  for (const Include& include : includesBelow("source/backends")) {
    const std::string from = firstFolder(include.file.substr(std::string("source/backends/").size()));
    if (from.empty() || !startsWith(include.path, "backends/")) continue;
    const std::string to = firstFolder(include.path.substr(9));
    EXPECT_TRUE(to.empty() || to == from || to == "common") << include.file << " includes " << include.path;
  }
}

TEST(Includes, OfAPluginKnowOneHeaderOfTheLibrary) {
  for (const Include& include : includesBelow("source/plugins")) {
    if (!include.quoted || include.path == "qrt/backend.h") continue;
    const std::string own = firstFolder(include.file.substr(std::string("source/plugins/").size()));
    EXPECT_EQ(firstFolder(include.path), own) << include.file << " includes " << include.path;
  }
}

TEST(Includes, OfTheRuntimeKnowOneBackendInterface) {
  for (const Include& include : includesBelow("source/runtime")) {
    if (!startsWith(include.path, "backends/")) continue;
    EXPECT_EQ(include.path, "backends/backend.h") << include.file;
  }
}

TEST(Includes, OfThirdPartiesStayWhereTheyBelong) {
  for (const char* folder : {"source", "include", "tools", "benchmarks"}) {
    for (const Include& include : includesBelow(folder)) {
      for (const auto& [prefix, folders] : kThirdParties) {
        if (!startsWith(include.path, prefix)) continue;
        EXPECT_TRUE(std::any_of(folders.begin(), folders.end(),
                                [&](const std::string& f) { return startsWith(include.file, f); }))
            << include.file << " includes " << include.path;
      }
    }
  }
}

TEST(Includes, OfPublicHeadersArePublicOrStandard) {
  for (const Include& include : includesBelow("include")) {
    // Plugins are written in C, too.
    const bool standard = !include.quoted && (include.path.find_first_of("/.") == std::string::npos ||
                                              include.path == "stddef.h" || include.path == "stdint.h");
    EXPECT_TRUE(standard || startsWith(include.path, "qrt/"))
        << include.file << " includes " << include.path;
  }
}

TEST(Includes, OfToolsUseThePublicApi) {
  for (const Include& include : includesBelow("tools")) {
    EXPECT_FALSE(include.quoted && kMayInclude.contains(firstFolder(include.path)))
        << include.file << " includes " << include.path;
  }
}

}  // namespace
