// Moving layers prepares what moves, moving them back nothing, and whatever the moves: the outputs are those of a
// session that was made so.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "backends/backend.h"
#include "base/error.h"
#include "qrt/session.h"
#include "support/graph_builder.h"
#include "support/int8_networks.h"
#include "support/networks.h"
#include "support/one_op.h"
#include "support/test_backends.h"

namespace qrt::test {
namespace {

// Wraps a test backend and counts its programs.
class Counting final : public Backend {
 public:
  Counting(std::string_view name, const Backend& inner) : name_(name), inner_(inner) { addBackend(*this); }

  std::string_view name() const override { return name_; }
  std::string description() const override { return "for tests"; }
  bool wantsPartitions() const override { return inner_.wantsPartitions(); }
  Verdict supports(const Graph& graph, const Layer& layer) const override { return inner_.supports(graph, layer); }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    if (layers + ctx.layers.size() > mostLayers) return outOfMemory("the device is full");
    ++compiled;
    QRT_ASSIGN_OR_RETURN(auto inner, inner_.compile(ctx));
    return std::unique_ptr<Program>(std::make_unique<Counted>(std::move(inner), *this, ctx.layers.size()));
  }

  mutable int compiled = 0;
  mutable size_t layers = 0;  // of all programs there are
  size_t mostLayers = 1 << 20;

 private:
  class Counted final : public Program {
   public:
    Counted(std::unique_ptr<Program> inner, const Counting& owner, size_t layers)
        : inner_(std::move(inner)), owner_(owner), layers_(layers) {
      owner_.layers += layers_;
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() override { owner_.layers -= layers_; }
    Status run(const RunArgs& args) override { return inner_->run(args); }
    std::string_view kernel() const override { return inner_->kernel(); }
    size_t scratchBytes() const override { return inner_->scratchBytes(); }
    int inPlaceInput(int output) const override { return inner_->inPlaceInput(output); }

   private:
    std::unique_ptr<Program> inner_;
    const Counting& owner_;
    size_t layers_;
  };

  std::string_view name_;
  const Backend& inner_;
};

Counting& single() {
  static Counting backend("counting", hostileBackend());
  return backend;
}

Counting& grouping() {
  static Counting backend("counting-groups", groupingBackend());
  return backend;
}

std::vector<int8_t> run(Session& session) {
  const TensorView input = session.input(0).value();
  const auto bytes = randomBytes(input.bytes(), 3);
  if (input.dtype == DType::f32) {
    const auto floats = input.as<float>().value();
    for (size_t i = 0; i < floats.size(); ++i) floats[i] = static_cast<float>(bytes[i]) / 50;
  } else {
    std::memcpy(input.data, bytes.data(), bytes.size());
  }
  const Status status = session.run();
  EXPECT_TRUE(status.ok()) << status.message();
  const ConstTensorView output = session.output(0).value();
  const auto* first = static_cast<const int8_t*>(output.data);
  return {first, first + output.bytes()};
}

TEST(Reuse, MovingALayerAwayPreparesItAndMovingItBackNothing) {
  Counting& backend = single();
  Session session = Session::create(asInt8(squeezeNet(32)), {.threads = 1, .backends = {"counting"}}).value();
  const auto wanted = run(session);
  for (const LayerInfo& layer : session.layers()) {
    const int before = backend.compiled;
    ASSERT_TRUE(session.setLayerBackend(layer.name, "reference").ok());
    EXPECT_EQ(run(session), wanted) << layer.name;
    ASSERT_TRUE(session.setLayerBackend(layer.name, "").ok());
    EXPECT_EQ(run(session), wanted) << layer.name;
    EXPECT_EQ(backend.compiled, before) << layer.name;
  }
}

// Eight layers that "counting-groups" runs in one go.
Model chain() {
  GraphBuilder b;
  TensorId x = b.input("x", {4, 5});
  for (int i = 0; i < 4; ++i) {
    x = b.add(OpType::Neg, {x});
    x = b.add(i % 2 == 0 ? OpType::Mul : OpType::Add, {x, x});
  }
  b.output(x);
  return b.model();
}

TEST(Reuse, APartitionThatIsTornAndJoinedIsTheOldOne) {
  Counting& backend = grouping();
  Session session = Session::create(chain(), {.threads = 1, .layerBackends = {{"*", "counting-groups"}}}).value();
  const auto wanted = run(session);
  for (const LayerInfo& layer : session.layers()) {
    ASSERT_EQ(backend.layers, 8u);
    ASSERT_TRUE(session.setLayerBackend(layer.name, "reference").ok());
    ASSERT_EQ(backend.layers, 15u);
    const int torn = backend.compiled;
    EXPECT_EQ(run(session), wanted) << layer.name;
    ASSERT_TRUE(session.setLayerBackend(layer.name, "").ok());
    EXPECT_EQ(backend.compiled, torn) << layer.name;
    EXPECT_EQ(run(session), wanted) << layer.name;
    ASSERT_TRUE(session.resizeInput("x", {4, 5}).ok());
  }
}

TEST(Reuse, KeepsAsManyLayersAsTheModelHasUntilTheSessionEnds) {
  Counting& backend = single();
  {
    Session session = Session::create(squeezeNet(32), {.threads = 1, .backends = {"counting"}}).value();
    const size_t all = backend.layers;
    ASSERT_TRUE(session.setLayerBackend("*", "cpu-float").ok());
    EXPECT_EQ(backend.layers, all);
    // Newer ones take the place of those.
    ASSERT_TRUE(session.setLayerBackend("*", "reference").ok());
    EXPECT_EQ(backend.layers, 0u);
    const int before = backend.compiled;
    ASSERT_TRUE(session.setLayerBackend("*", "").ok());
    EXPECT_EQ(backend.compiled, before + static_cast<int>(all));
    for (int i = 0; i < 3; ++i) {
      for (const LayerInfo& layer : session.layers()) {
        ASSERT_TRUE(session.setLayerBackend(layer.name, i % 2 == 0 ? "reference" : "").ok());
        EXPECT_LE(backend.layers, 2 * session.layers().size());
      }
    }
    ASSERT_TRUE(session.resizeInput("x", {2, 32, 32, 3}).ok());
    EXPECT_LE(backend.layers, session.layers().size());
  }
  EXPECT_EQ(backend.layers, 0u);
}

TEST(Reuse, GivesWayWhereMemoryIsShort) {
  Counting& backend = grouping();
  Session session = Session::create(chain(), {.threads = 1, .layerBackends = {{"*", "counting-groups"}}}).value();
  const auto wanted = run(session);
  ASSERT_TRUE(session.setLayerBackend("Neg_0", "reference").ok());
  EXPECT_EQ(backend.layers, 15u);  // those of before and the seven that stay
  backend.mostLayers = 15;
  ASSERT_TRUE(session.setLayerBackend("Mul_1", "reference").ok());
  EXPECT_EQ(backend.layers, 13u);  // the seven, which were in use, and the six
  EXPECT_EQ(run(session), wanted);
  backend.mostLayers = 13;
  QRT_EXPECT_ERROR(session.setLayerBackends({{"Neg_0", ""}, {"Mul_1", ""}}), "the device is full");
  EXPECT_EQ(backend.layers, 6u);
  EXPECT_EQ(run(session), wanted);
  backend.mostLayers = 1 << 20;
}

// Stale programs would show: shapes of borders, precisions and neighbours change all the time.
TEST(Reuse, AfterAnyMovesASessionIsAsNew) {
  (void)single(), (void)grouping();
  const std::string backends[] = {"cpu-int8", "cpu-float", "reference", "counting", "counting-groups", ""};
  for (const auto& [name, make] : kNetworks) {
    std::mt19937 random(7);
    const Model model = asInt8(make(32));
    Session session = Session::create(model, {.threads = 1}).value();
    const std::vector<LayerInfo> layers = Session::create(model, {.threads = 1})->layers();
    SessionOptions same{.threads = 1};
    for (int step = 0; step < 40; ++step) {
      std::map<std::string, std::string> moves;
      for (auto count = 1 + random() % 4; count-- > 0;) {
        const std::string& backend = backends[random() % std::size(backends)];
        moves[layers[random() % layers.size()].name] = backend;
      }
      ASSERT_TRUE(session.setLayerBackends(moves).ok());
      for (const auto& [layer, backend] : moves) same.layerBackends[layer] = backend;
      std::erase_if(same.layerBackends, [](const auto& pin) { return pin.second.empty(); });
      Session fresh = Session::create(model, same).value();
      ASSERT_EQ(run(session), run(fresh)) << name << ", step " << step;
      ASSERT_EQ(session.placement().layers.size(), fresh.placement().layers.size());
    }
  }
}

}  // namespace
}  // namespace qrt::test
