// Model::load, fromMemory and save, and what they say of files that are not right.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "base/aligned_buffer.h"
#include "format_test_support.h"
#include "graph/model_data.h"
#include "qrt/model.h"

namespace qrt {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

// A folder that goes with the test.
class ModelFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "qrt-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Bytes fileOf(const Graph& graph) { return encode(graph).value().joined(); }
  static Bytes contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }
  static void write(const fs::path& path, std::span<const std::byte> bytes) {
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  }
  size_t filesInFolder() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

void expectFailure(const Status& status, StatusCode code, const std::string& part) {
  EXPECT_EQ(status.code(), code) << status.message();
  EXPECT_NE(status.message().find(part), std::string::npos)
      << status.message() << "\nwanted: " << part;
}

TEST_F(ModelFile, SavesAndLoads) {
  const fs::path path = folder_ / "small.qrt";
  const Model model = makeModel(test::smallGraph());
  ASSERT_TRUE(model.save(path).ok());
  EXPECT_EQ(filesInFolder(), 1u);
  EXPECT_EQ(contents(path), fileOf(test::smallGraph()));
  const Result<Model> loaded = Model::load(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  test::expectEqual(loaded->data().graph, test::smallGraph());
  EXPECT_EQ(loaded->name(), "small");
  ASSERT_EQ(loaded->inputs().size(), 1u);
  EXPECT_EQ(loaded->inputs()[0].name, "x");
  EXPECT_EQ(loaded->outputs()[1].shape, (Shape{3}));
  EXPECT_EQ(loaded->constantBytes(), 12u);
  EXPECT_TRUE(loaded->tensor("w")->constant);
  EXPECT_FALSE(loaded->tensor("nothing").has_value());
  EXPECT_EQ(loaded->layers()[1].inputs, std::vector<std::string>{"w"});
  EXPECT_EQ(loaded->metadata().at("labels"), "cat\ndog");
}

TEST_F(ModelFile, SavesOverTheFileItIsMappedFrom) {
  const fs::path path = folder_ / "small.qrt";
  ASSERT_TRUE(makeModel(test::smallGraph()).save(path).ok());
  const Model loaded = Model::load(path).value();
  const Model changed = loaded.withMetadata("producer", "").withMetadata("note", "new");
  ASSERT_TRUE(changed.save(path).ok());
  EXPECT_EQ(loaded.metadata().count("producer"), 1u);
  const Model again = Model::load(path).value();
  EXPECT_EQ(again.metadata().count("producer"), 0u);
  EXPECT_EQ(again.metadata().at("note"), "new");
  EXPECT_EQ(loaded.data().graph.constant(2)->constantView().as<float>()->front(), 1.5f);
  EXPECT_EQ(again.data().graph.constant(2)->constantView().as<float>()->front(), 1.5f);
}

TEST_F(ModelFile, SavesThroughLinksAndKeepsTheMode) {
  const Model model = makeModel(test::smallGraph());
  fs::create_directory(folder_ / "real");
  const fs::path real = folder_ / "real" / "small.qrt";
  write(real, {});
  fs::permissions(real, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("real/small.qrt", folder_ / "first");
  fs::create_symlink(folder_ / "first", folder_ / "second");
  ASSERT_TRUE(model.save(folder_ / "second").ok());
  EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "second"));
  EXPECT_EQ(contents(real), fileOf(test::smallGraph()));
  EXPECT_EQ(fs::status(real).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  // A link to nothing yet makes its target; links in a circle are an error.
  fs::create_symlink("real/new.qrt", folder_ / "dangling");
  ASSERT_TRUE(model.save(folder_ / "dangling").ok());
  EXPECT_EQ(contents(folder_ / "real" / "new.qrt"), fileOf(test::smallGraph()));
  fs::create_symlink("circle", folder_ / "circle");
  expectFailure(model.save(folder_ / "circle"), StatusCode::ioError, "circle");
  EXPECT_TRUE(fs::is_symlink(folder_ / "circle"));
}

TEST_F(ModelFile, FailureToSaveLeavesTheFolderAsItWas) {
  const Model model = makeModel(test::smallGraph());
  expectFailure(model.save(folder_ / "no" / "small.qrt"), StatusCode::ioError, "No such file");
  fs::create_directory(folder_ / "taken");
  expectFailure(model.save(folder_ / "taken"), StatusCode::ioError, "it is a folder");
  expectFailure(model.save(""), StatusCode::ioError, "");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expectFailure(model.save(folder_ / "pipe"), StatusCode::ioError, "it is not a file");
  EXPECT_EQ(filesInFolder(), 2u);
}

TEST_F(ModelFile, FullDiskLeavesTheOldFile) {
  // A file size limit stands for the full disk. In a child, since the limit cannot be taken back.
  const fs::path path = folder_ / "small.qrt";
  ASSERT_TRUE(makeModel(test::smallGraph()).save(path).ok());
  Graph big = test::smallGraph();
  const std::vector<float> values(1 << 20);
  big.addConstant<float>("big", {1 << 20}, values);
  const auto saveLimited = [&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 16, 1 << 16};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(makeModel(big).save(path).code() == StatusCode::ioError ? 0 : 1);
  };
  EXPECT_EXIT(saveLimited(), testing::ExitedWithCode(0), "");
  EXPECT_EQ(contents(path), fileOf(test::smallGraph()));
  EXPECT_EQ(filesInFolder(), 1u);
}

TEST_F(ModelFile, LoadNamesWhatIsThere) {
  expectFailure(Model::load(folder_ / "none.qrt").status(), StatusCode::notFound, "none.qrt");
  expectFailure(Model::load(folder_).status(), StatusCode::ioError, "it is a folder");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expectFailure(Model::load(folder_ / "pipe").status(), StatusCode::ioError, "it is not a file");
  write(folder_ / "empty.qrt", {});
  expectFailure(Model::load(folder_ / "empty.qrt").status(), StatusCode::corruptData,
                "empty.qrt: not a .qrt file: it begins with ''");
  write(folder_ / "photo.qrt", std::as_bytes(std::span("\x89PNG\r\n\x1a\n")));
  expectFailure(Model::load(folder_ / "photo.qrt").status(), StatusCode::corruptData,
                "it begins with '?PNG', wanted 'QRT1'");
}

TEST_F(ModelFile, TruncatedAtEveryByteIsRefused) {
  const Bytes whole = fileOf(test::smallGraph());
  ASSERT_TRUE(Model::fromMemory(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    const Result<Model> model = Model::fromMemory(std::span(whole).first(size));
    ASSERT_FALSE(model.ok()) << size;
    ASSERT_EQ(model.status().code(), StatusCode::corruptData) << size;
    const std::string wanted = size < 4 ? "not a .qrt file" : "cut off";
    ASSERT_NE(model.status().message().find(wanted), std::string::npos)
        << size << ": " << model.status().message();
  }
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  expectFailure(Model::fromMemory(longer).status(), StatusCode::corruptData,
                "something was appended");
}

TEST_F(ModelFile, PreludeIsChecked) {
  const auto with = [&](size_t offset, uint64_t value, size_t size) {
    Bytes bytes = fileOf(test::smallGraph());
    std::memcpy(bytes.data() + offset, &value, size);
    return Model::fromMemory(bytes).status();
  };
  expectFailure(with(4, 2, 4), StatusCode::unsupported, "file format version 2, wanted 1");
  expectFailure(with(8, 0, 8), StatusCode::corruptData, "header of 0 bytes");
  expectFailure(with(8, ~uint64_t{0}, 8), StatusCode::corruptData,
                "header of 18446744073709551615");
  expectFailure(with(8, 100, 8), StatusCode::corruptData, "wanted 192 after a header of 100");
  expectFailure(with(16, ~uint64_t{63}, 8), StatusCode::corruptData, "data section at byte");
  expectFailure(with(24, ~uint64_t{0}, 8), StatusCode::corruptData, "cut off");
  expectFailure(with(24, 11, 8), StatusCode::corruptData, "something was appended");
  expectFailure(with(32, 1, 8), StatusCode::corruptData, "reserved bytes");
  expectFailure(with(56, 1, 8), StatusCode::corruptData, "reserved bytes");
  expectFailure(with(68, 'X', 1), StatusCode::corruptData, "not a valid FlatBuffers 'QRT1'");
}

TEST_F(ModelFile, UnalignedAndUnownedBytesAreCopied) {
  const Bytes whole = fileOf(test::smallGraph());
  auto shifted = std::make_shared<AlignedBuffer>(whole.size() + 1);
  std::memcpy(shifted->data() + 1, whole.data(), whole.size());
  const Result<Model> model =
      Model::fromMemory(std::span(shifted->data() + 1, whole.size()), shifted);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const ConstantData& constant = *model->data().graph.constant(2)->constant;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(constant.bytes.data()) % 64, 0u);
  EXPECT_NE(constant.owner, shifted);

  auto aligned = std::make_shared<AlignedBuffer>(whole.size());
  std::memcpy(aligned->data(), whole.data(), whole.size());
  const std::span<const std::byte> bytes(aligned->data(), whole.size());
  EXPECT_EQ(Model::fromMemory(bytes, aligned)->data().graph.constant(2)->constant->owner, aligned);
  EXPECT_NE(Model::fromMemory(bytes)->data().graph.constant(2)->constant->bytes.data(),
            Model::fromMemory(bytes, aligned)->data().graph.constant(2)->constant->bytes.data());
}

// Graphs that the writer takes and a reader must refuse.
TEST_F(ModelFile, SemanticChecksNameWhatIsWrong) {
  const auto with = [&](const std::function<void(Graph&)>& spoil) {
    Graph graph = test::smallGraph();
    spoil(graph);
    return Model::fromMemory(fileOf(graph)).status();
  };
  const auto corrupt = StatusCode::corruptData;
  expectFailure(with([](Graph& g) { g.tensors[1].name = "x"; }), corrupt,
                "two tensors are named 'x'");
  expectFailure(with([](Graph& g) { g.layers[1].name = "copy"; }), corrupt,
                "two layers are named 'copy'");
  expectFailure(with([](Graph& g) { g.layers[0].inputs = {99}; }), corrupt,
                "tensor 99 does not exist");
  expectFailure(with([](Graph& g) { g.layers[0].inputs = {-2}; }), corrupt,
                "tensor -2 does not exist");
  expectFailure(with([](Graph& g) { g.layers[0].inputs = {1}; }), corrupt,
                "before anything makes it");
  expectFailure(with([](Graph& g) { g.outputs = {-1}; }), corrupt, "graph output -1");
  expectFailure(with([](Graph& g) { g.outputs = {}; }), corrupt, "no outputs");
  expectFailure(with([](Graph& g) { g.inputs = {1 << 30}; }), corrupt, "graph input 1073741824");
  expectFailure(with([](Graph& g) { g.tensors[0].dtype = DType{77}; }), corrupt, "dtype number 77");
  expectFailure(with([](Graph& g) { g.tensors[0].shape = {-5}; }), corrupt, "dimension -5");
  expectFailure(with([](Graph& g) {
                  g.tensors[0].shape = {1LL << 40, 1LL << 40};
                }),
                corrupt, "has too many elements");
  expectFailure(with([](Graph& g) { g.tensors[2].shape = {4}; }), corrupt,
                "tensor 'w': constant of 12 bytes, wanted 16 for f32 4");
  expectFailure(with([](Graph& g) {
                  g.tensors[2].shape = {1LL << 20, 1LL << 20};
                }),
                corrupt, "constant of 12 bytes, wanted 4398046511104 for f32 1048576x1048576");
  expectFailure(with([](Graph& g) {
                  g.tensors[1].shape = {1, 3};
                }),
                corrupt, "tensor 'y' is said to be f32 1x3, but its layer makes f32 1x2");
  expectFailure(with([](Graph& g) { g.tensors[1].dtype = DType::s8; }), corrupt,
                "said to be s8 1x2");
  const auto withQuant = [&](DType dtype, const QuantParams& quant) {
    return with([&](Graph& g) {
      g.tensors[0].dtype = g.tensors[1].dtype = dtype;
      g.tensors[0].quant = quant;
    });
  };
  EXPECT_TRUE(withQuant(DType::s8, {{1.0f, 2.0f}, {-128, 127}, 1}).ok());
  expectFailure(withQuant(DType::s8, {{-1.0f}, {0}, -1}), corrupt, "scale -1");
  expectFailure(withQuant(DType::s8, {{1.0f}, {0}, 2}), corrupt, "quantization axis 2");
  expectFailure(withQuant(DType::s8, {{1.0f, 1.0f}, {0}, -1}), corrupt,
                "2 scales and 1 zero points");
  expectFailure(withQuant(DType::s8, {{1.0f}, {0}, 1}), corrupt, "wanted 2 of each");
  expectFailure(withQuant(DType::s8, {{1.0f}, {128}, -1}), corrupt,
                "zero point 128, wanted -128 to 127");
  expectFailure(withQuant(DType::u8, {{1.0f}, {-1}, -1}), corrupt,
                "zero point -1, wanted 0 to 255");
  expectFailure(withQuant(DType::f32, {{1.0f}, {0}, -1}), corrupt,
                "quantized f32, wanted integers");
}

TEST_F(ModelFile, NanWeightsAreFine) {
  Graph graph = test::smallGraph();
  const float nan[] = {std::numeric_limits<float>::quiet_NaN()};
  graph.addConstant<float>("nan", {1}, nan);
  EXPECT_TRUE(Model::fromMemory(fileOf(graph)).ok());
}

}  // namespace
}  // namespace qrt
