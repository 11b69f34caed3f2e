// Layers of int8 models that are pinned to float backends: what they compute, where Quantize and Dequantize
// layers stand, and that the int8 model comes back.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <set>

#include "base/error.h"
#include "graph/quantized.h"
#include "passes/matching.h"
#include "qrt/session.h"
#include "support/graph_builder.h"
#include "support/int8_networks.h"
#include "support/networks.h"
#include "support/one_op.h"
#include "support/op_graphs.h"

namespace qrt::test {
namespace {

// The bytes of all outputs.
std::vector<int8_t> run(Session& session) {
  for (size_t i = 0; i < session.inputs().size(); ++i) {
    const TensorView input = session.input(i).value();
    const auto bytes = randomBytes(input.bytes(), static_cast<unsigned>(i) + 3);
    if (dtypeSize(input.dtype) == 1) {
      std::memcpy(input.data, bytes.data(), bytes.size());
    } else if (input.dtype == DType::f32) {
      const auto floats = input.as<float>().value();
      for (size_t k = 0; k < floats.size(); ++k) floats[k] = static_cast<float>(bytes[k]) / 50;
    }
  }
  const Status status = session.run();
  EXPECT_TRUE(status.ok()) << status.message();
  std::vector<int8_t> bytes;
  for (size_t i = 0; i < session.outputs().size(); ++i) {
    const ConstTensorView output = session.output(i).value();
    const auto* first = static_cast<const int8_t*>(output.data);
    bytes.insert(bytes.end(), first, first + output.bytes());
  }
  return bytes;
}

// "Dequantize Conv_0:cpu-float Quantize Conv_1:cpu-int8": conversions by op, all others by name.
std::string layersOf(const Session& session) {
  std::string text;
  for (const LayerPlacement& layer : session.placement().layers) {
    const bool conversion = layer.op == "Quantize" || layer.op == "Dequantize" || layer.op == "Requantize";
    text += text.empty() ? "" : " ";
    text += conversion ? layer.op : layer.layer + ':' + layer.actual;
  }
  return text;
}

const LayerPlacement& placementOf(const Session& session, std::string_view name) {
  for (const LayerPlacement& layer : session.placement().layers) {
    if (layer.layer == name) return layer;
  }
  static const LayerPlacement none;
  ADD_FAILURE() << "no layer " << name;
  return none;
}

Session sessionOf(const Model& model) {
  auto session = Session::create(model, {.threads = 1});
  EXPECT_TRUE(session.ok()) << session.status().message();
  return std::move(session).value();
}

// The f32 graph of one layer with every activation s8, if its op has an int8 form for it.
class Int8Layer {
 public:
  /// With a zero point weights have one scale.
  Int8Layer(Graph graph, int32_t zeroW) : graph_(std::move(graph)), layer_(graph_.layers[0]), zeroW_(zeroW) {}

  std::optional<Model> make() {
    const Int8Form form = int8Form(layer_.op);
    if (form == Int8Form::none || !isFloat(layer_.input(0))) return std::nullopt;
    Activation* activation = activationOf(layer_);
    if (activation && !fusedRange(*activation, DType::s8, kIn)) *activation = {ActivationKind::relu, 0, 0};
    const bool sums = form == Int8Form::accumulate && layer_.op != OpType::MatMul;
    for (size_t slot = 0; slot < layer_.inputs.size(); ++slot) {
      TensorId& id = layer_.inputs[slot];
      if (!isFloat(id) || (layer_.op == OpType::Resize && slot > 0)) continue;
      const bool alike = form == Int8Form::move || slot == 0;
      if (sums && slot == 2) {
        bias(id);
      } else if (sums && slot == 1) {
        weights(id);
      } else if (graph_.tensor(id).isConstant()) {
        id = constant(graph_.tensor(id).shape, alike ? kIn : QuantParams{{0.013f}, {7}, -1});
      } else {
        for (int i = 0; i < graph_.tensor(id).shape.rank(); ++i) {
          int64_t& dim = graph_.tensor(id).shape[i];
          if (dim == Shape::kUnknown) dim = 2;
        }
        quantize(id, alike ? kIn : QuantParams{{0.013f}, {7}, -1});
      }
    }
    QuantParams out = form == Int8Form::move ? kIn : QuantParams{{0.031f}, {5}, -1};
    if (form == Int8Form::softmax) out = {{1.0f / 256}, {-128}, -1};
    for (const TensorId id : layer_.outputs) quantize(id, out);
    graph_.layers[0] = layer_;
    if (!validate(graph_).ok() || !inferShapes(graph_).ok()) return std::nullopt;
    return makeModel(graph_);
  }

 private:
  inline static const QuantParams kIn{{0.02f}, {-3}, -1};

  bool isFloat(TensorId id) const { return id != kNoTensor && graph_.tensor(id).dtype == DType::f32; }

  void quantize(TensorId id, QuantParams quant) {
    graph_.tensor(id).dtype = DType::s8;
    graph_.tensor(id).quant = std::move(quant);
  }

  TensorId constant(const Shape& shape, QuantParams quant) {
    auto bytes = randomBytes(static_cast<size_t>(shape.elements()), 9);
    for (int8_t& byte : bytes) byte = std::max<int8_t>(byte, zeroW_ == 0 ? -127 : -128);
    const TensorId id = graph_.addConstant<int8_t>("s8", shape, bytes);
    graph_.tensor(id).quant = std::move(quant);
    return id;
  }

  void weights(TensorId& id) {
    const Shape shape = graph_.tensor(id).shape;
    QuantParams quant{{}, std::vector<int32_t>(static_cast<size_t>(shape[0])), 0};
    if (zeroW_ != 0) quant = {{0.002f}, {zeroW_}, -1};
    for (int64_t c = 0; zeroW_ == 0 && c < shape[0]; ++c) quant.scales.push_back(0.001f * static_cast<float>(c + 1));
    id = constant(shape, quant);
  }

  void bias(TensorId& id) {
    std::vector<int32_t> values;
    const Shape shape = graph_.tensor(id).shape;
    for (int64_t c = 0; c < shape[0]; ++c) values.push_back(static_cast<int32_t>(977 * c) - 1500);
    id = graph_.addConstant<int32_t>("s32", shape, values);
  }

  Graph graph_;
  Layer layer_;
  int32_t zeroW_;
};

// Both compute the same real number but for errors of about 1e-6, and round it once.
TEST(MixedPrecision, EveryOpInFloatIsWithinAStepOfInt8) {
  std::set<std::string_view> wanted, raised;
  for (int op = 0; op < kOpCount; ++op) {
    if (int8Form(static_cast<OpType>(op)) != Int8Form::none) wanted.insert(opName(static_cast<OpType>(op)));
  }
  std::vector<Graph> graphs = opGraphs();
  const size_t count = graphs.size();
  graphs.insert(graphs.end(), graphs.begin(), graphs.end());
  for (size_t g = 0; g < graphs.size(); ++g) {
    const OpType op = graphs[g].layers[0].op;
    const auto model = Int8Layer(graphs[g], g < count ? 0 : -90).make();
    if (!model) continue;
    SCOPED_TRACE(opName(op));
    auto created = Session::create(*model, {.threads = 1});
    if (created.status().code() == StatusCode::unsupported) continue;  // a shape that depends on data
    ASSERT_TRUE(created.ok()) << created.status().message();
    Session& session = *created;
    const std::vector<int8_t> int8 = run(session);
    ASSERT_TRUE(session.setLayerBackend("op", "cpu-float").ok());
    const LayerPlacement& placed = placementOf(session, "op");
    if (placed.actual != "cpu-float") {
      // Then cpu-float has no kernel for this shape of the op in a float model either.
      EXPECT_EQ(placed.requested, "cpu-float");
      EXPECT_EQ(placed.reason.find("quantized"), std::string::npos) << placed.reason;
      EXPECT_EQ(run(session), int8);
      continue;
    }
    raised.insert(opName(op));
    EXPECT_FALSE(session.placement().transfers.empty());
    const std::vector<int8_t> real = run(session);
    ASSERT_EQ(real.size(), int8.size());
    const bool moves = int8Form(op) == Int8Form::move && op != OpType::Resize;
    for (size_t i = 0; i < real.size(); ++i) {
      EXPECT_LE(std::abs(real[i] - int8[i]), moves ? 0 : 1) << "element " << i;
    }
    ASSERT_TRUE(session.setLayerBackend("op", "").ok());
    EXPECT_TRUE(session.placement().transfers.empty());
    EXPECT_EQ(run(session), int8);
  }
  EXPECT_EQ(raised, wanted);
}

// A chain with a fused residual and a concatenation of two results, one of them with other parameters.
Model network() {
  GraphBuilder net;
  const TensorId x = net.input("x", {1, 8, 8, 3});
  const TensorId a = net.conv(x, 3, 8, 3, 1, 1, ActivationKind::relu);
  const TensorId b = net.conv(a, 8, 8, 3, 1, 0);
  const TensorId sum = net.add(OpType::Add, {net.conv(b, 8, 8, 1), a});
  net.output(net.add(OpType::Concat, AxisAttrs{3}, {sum, net.add(OpType::Sigmoid, {b})}));
  return asInt8(net.model());
}

TEST(MixedPrecision, ConversionsStandAtBordersOnly) {
  Session session = sessionOf(network());
  const std::vector<int8_t> before = run(session);
  const auto pin = [&](const char* layer, const char* backend = "cpu-float") {
    const Status status = session.setLayerBackend(layer, backend);
    EXPECT_TRUE(status.ok()) << status.message();
    return layersOf(session);
  };
  const std::string int8 =
      "Conv_0:cpu-int8 Conv_1:cpu-int8 Conv_2:cpu-int8 Sigmoid_4:cpu-int8 Requantize Concat_5:cpu-int8";
  EXPECT_EQ(layersOf(session), int8);
  EXPECT_TRUE(session.placement().transfers.empty());

  EXPECT_EQ(pin("Conv_1"),
            "Conv_0:cpu-int8 Dequantize Conv_1:cpu-float Quantize Conv_2:cpu-int8 Sigmoid_4:cpu-int8 "
            "Requantize Concat_5:cpu-int8");
  // f32 goes from one to the next, s8 to Sigmoid; the residual is dequantized once for both.
  EXPECT_EQ(pin("Conv_2"),
            "Conv_0:cpu-int8 Dequantize Conv_1:cpu-float Quantize Conv_2:cpu-float Quantize "
            "Sigmoid_4:cpu-int8 Requantize Concat_5:cpu-int8");
  EXPECT_EQ(session.placement().transfers.size(), 3u);
  // The Requantize was for int8's sake.
  EXPECT_EQ(pin("Concat_5"),
            "Conv_0:cpu-int8 Dequantize Conv_1:cpu-float Quantize Conv_2:cpu-float Sigmoid_4:cpu-int8 "
            "Dequantize Concat_5:cpu-float Quantize");
  pin("Conv_0");
  EXPECT_EQ(pin("Sigmoid_4"),
            "Dequantize Conv_0:cpu-float Conv_1:cpu-float Conv_2:cpu-float Sigmoid_4:cpu-float "
            "Concat_5:cpu-float Quantize");
  EXPECT_TRUE(session.run().ok());

  for (const char* layer : {"Conv_0", "Conv_1", "Conv_2", "Sigmoid_4"}) pin(layer, "");
  EXPECT_EQ(pin("Concat_5", "cpu-int8"), int8);
  EXPECT_TRUE(session.placement().transfers.empty());
  EXPECT_EQ(run(session), before);
  // The reference kernels are those of int8.
  pin("Conv_1", "reference");
  EXPECT_TRUE(session.placement().transfers.empty());
  EXPECT_EQ(placementOf(session, "Conv_1").actual, "reference");
  EXPECT_EQ(run(session), before);
}

TEST(MixedPrecision, TransfersSayWhatCrosses) {
  auto session = Session::create(
      network(), {.threads = 1, .layerBackends = {{"Conv_1", "cpu-float"}}, .profiling = true});
  ASSERT_TRUE(session.ok()) << session.status().message();
  const LayerPlacement& conv = placementOf(*session, "Conv_1");
  EXPECT_EQ(conv.requested, "cpu-float");
  EXPECT_EQ(conv.actual, "cpu-float");
  EXPECT_EQ(conv.reason, "");
  EXPECT_TRUE(conv.pinned);
  const std::vector<Transfer>& transfers = session->placement().transfers;
  ASSERT_EQ(transfers.size(), 2u);
  EXPECT_EQ(transfers[0].tensor, "Conv_0:0");
  EXPECT_EQ(transfers[0].from, "cpu-int8");
  EXPECT_EQ(transfers[0].bytes, 8u * 8 * 8 * 5);
  EXPECT_EQ(transfers[1].to, "cpu-int8");
  EXPECT_EQ(transfers[0].ms, 0);
  run(*session);
  const Profile profile = session->profile();
  for (const Transfer& transfer : session->placement().transfers) {
    EXPECT_GT(transfer.ms, 0);
    EXPECT_TRUE(std::any_of(profile.layers.begin(), profile.layers.end(), [&](const LayerProfile& layer) {
      return layer.layer == transfer.layer && layer.medianMs == transfer.ms;
    })) << transfer.layer;
  }
  session->resetProfile();
  EXPECT_EQ(session->placement().transfers[0].ms, 0);
}

TEST(MixedPrecision, AnswersWhatCannotBe) {
  Session session = sessionOf(network());
  EXPECT_EQ(session.setLayerBackend("Conv_9", "cpu-float").code(), StatusCode::notFound);
  ASSERT_TRUE(session.setLayerBackend(session.placement().layers[4].layer, "cpu-float").ok());
  EXPECT_EQ(session.placement().layers[4].actual, "cpu-int8");
  EXPECT_EQ(session.placement().layers[4].reason, "a Requantize layer of quantized tensors has no float form");
  EXPECT_TRUE(session.placement().transfers.empty());

  GraphBuilder net;
  net.output(net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 3));
  Session real = sessionOf(net.model());
  ASSERT_TRUE(real.setLayerBackend("Conv_0", "cpu-int8").ok());
  EXPECT_EQ(placementOf(real, "Conv_0").actual, "cpu-float");
  EXPECT_EQ(placementOf(real, "Conv_0").reason,
            "the layer's tensors are not quantized, wanted a model that qrt quantize made with this layer "
            "enabled");
}

// What is left of a graph: f32 → Quantize → two convolutions and a view → Dequantize, twice an output, and
// an s8 output of the first.
TEST(MixedPrecision, MeetsTheModelsOwnConversions) {
  const QuantParams in{{0.02f}, {-3}, -1}, out{{0.03f}, {5}, -1};
  GraphBuilder net;
  const auto s8 = [&](TensorId id, const QuantParams& quant) {
    net.graph.tensor(id).dtype = DType::s8;
    net.graph.tensor(id).quant = quant;
    return id;
  };
  const auto conv = [&](TensorId x, const QuantParams& quant) {
    const std::vector<int8_t> weights = {90, -80, 70, -60, 50, 40, 30, -20, 10};
    const TensorId w = s8(net.constant<int8_t>({3, 1, 1, 3}, weights), {{0.01f}, {0}, -1});
    return s8(net.add(OpType::Conv, ConvAttrs{}, {x, w}), quant);
  };
  const TensorId x = net.input("x", {1, 4, 4, 3});
  const TensorId first = conv(s8(net.add(OpType::Quantize, {x}), in), out);
  const TensorId second = conv(first, out);
  const TensorId flat = s8(net.add(OpType::Reshape, {second, net.constant<int64_t>({2}, {1, 48})}), out);
  net.output(net.add(OpType::Dequantize, {flat}));
  net.output(net.add(OpType::Dequantize, {flat}));
  net.output(first);
  Session session = sessionOf(net.model());
  const std::string int8 = layersOf(session);
  const std::vector<int8_t> before = run(session);
  ASSERT_TRUE(session.setLayerBackend("Conv_1", "cpu-float").ok());
  EXPECT_EQ(layersOf(session),
            "Conv_1:cpu-float Quantize Conv_2:cpu-int8 Reshape_3:cpu-int8 Dequantize Dequantize");
  ASSERT_TRUE(session.setLayerBackend("Conv_2", "cpu-float").ok());
  EXPECT_EQ(layersOf(session),
            "Conv_1:cpu-float Quantize Conv_2:cpu-float Reshape_3:cpu-float Dequantize_5:cpu-float");
  run(session);
  const auto a = session.output(0)->as<float>().value(), b = session.output(1)->as<float>().value();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  // A view that is pinned stays where it is.
  ASSERT_TRUE(session.setLayerBackend("Reshape_3", "cpu-int8").ok());
  EXPECT_EQ(layersOf(session),
            "Conv_1:cpu-float Quantize Conv_2:cpu-float Quantize Reshape_3:cpu-int8 Dequantize Dequantize");
  for (const char* layer : {"Conv_1", "Conv_2", "Reshape_3"}) {
    ASSERT_TRUE(session.setLayerBackend(layer, "").ok());
  }
  EXPECT_EQ(layersOf(session), int8);
  EXPECT_EQ(run(session), before);
}

TEST(MixedPrecision, AnswersPinsOnConversionsThatVanish) {
  Session session = sessionOf(network());
  ASSERT_TRUE(session.setLayerBackend("Conv_1", "cpu-float").ok());
  const std::string conversion = session.placement().layers[1].layer;
  ASSERT_TRUE(session.setLayerBackend(conversion, "reference").ok());
  EXPECT_EQ(placementOf(session, conversion).actual, "reference");
  ASSERT_TRUE(session.setLayerBackend("Conv_0", "cpu-float").ok());
  EXPECT_EQ(placementOf(session, conversion).actual, "");
  EXPECT_EQ(placementOf(session, conversion).reason, "not made with the pins that other layers have now");
  ASSERT_TRUE(session.setLayerBackend(conversion, "").ok());
  EXPECT_EQ(session.setLayerBackend(conversion, "").code(), StatusCode::notFound);
}

// Every conversion has float on one side only, and no tensor is converted twice.
void expectBordersOnly(const Session& session) {
  const std::vector<LayerInfo> layers = session.layers();
  std::map<std::string, const LayerInfo*> makers;
  std::map<std::string, std::vector<const LayerInfo*>> readers;
  for (const LayerInfo& layer : layers) {
    for (const std::string& tensor : layer.inputs) readers[tensor].push_back(&layer);
    for (const std::string& tensor : layer.outputs) makers[tensor] = &layer;
  }
  const auto makerOf = [&](const std::string& tensor) {
    const auto found = makers.find(tensor);
    return found == makers.end() ? std::string() : found->second->op;
  };
  for (const LayerInfo& layer : layers) {
    const std::string maker = layer.inputs.empty() ? "" : makerOf(layer.inputs[0]);
    if (layer.op == "Dequantize") {
      EXPECT_TRUE(maker != "Quantize" && maker != "Requantize") << layer.name << " after " << maker;
      int dequantized = 0;
      for (const LayerInfo* reader : readers[layer.inputs[0]]) dequantized += reader->op == "Dequantize";
      EXPECT_EQ(dequantized, 1) << layer.name;
    } else if (layer.op == "Quantize" || layer.op == "Requantize") {
      EXPECT_TRUE(maker != "Dequantize" && (layer.op == "Quantize" || maker != "Quantize"))
          << layer.name << " after " << maker;
    }
  }
}

TEST(MixedPrecision, AnyMixtureConvertsAtBordersOnly) {
  std::mt19937 random(1);
  for (const NamedNetwork& network : kNetworks) {
    SCOPED_TRACE(network.name);
    const Model model = asInt8(network.make(32));
    Session session = sessionOf(model);
    const std::vector<int8_t> int8 = run(session);
    const std::vector<LayerInfo> layers = session.layers();
    for (int mixture = 0; mixture < 20; ++mixture) {
      SessionOptions options{.threads = 1};
      for (const LayerInfo& layer : layers) {
        if (layer.op != "Requantize" && random() % 2 == 0) options.layerBackends[layer.name] = "cpu-float";
      }
      auto mixed = Session::create(model, options);
      ASSERT_TRUE(mixed.ok()) << mixed.status().message();
      for (const LayerPlacement& layer : mixed->placement().layers) {
        if (!layer.pinned) continue;
        EXPECT_EQ(layer.actual, "cpu-float") << layer.layer << ": " << layer.reason;
      }
      expectBordersOnly(*mixed);
      EXPECT_TRUE(mixed->run().ok());
    }
    // Exact reference kernels anywhere change nothing.
    SessionOptions options{.threads = 1};
    for (const LayerInfo& layer : layers) {
      if (random() % 2 == 0) options.layerBackends[layer.name] = "reference";
    }
    Session exact = Session::create(model, options).value();
    EXPECT_EQ(run(exact), int8);
  }
}

// A whole network in float: conversions at its ends only.
TEST(MixedPrecision, WholeNetworksBecomeFloat) {
  for (const NamedNetwork& network : kNetworks) {
    SCOPED_TRACE(network.name);
    const Model model = asInt8(network.make(32));
    Session session = sessionOf(model);
    SessionOptions options{.threads = 1};
    for (const LayerPlacement& layer : session.placement().layers) {
      if (layer.op != "Requantize") options.layerBackends[layer.layer] = "cpu-float";
    }
    auto real = Session::create(model, options);
    ASSERT_TRUE(real.ok()) << real.status().message();
    EXPECT_EQ(real->placement().transfers.size(), 2u);
    for (const LayerPlacement& layer : real->placement().layers) {
      const bool conversion = layer.op == "Quantize" || layer.op == "Dequantize";
      EXPECT_EQ(layer.actual, conversion ? "cpu-int8" : "cpu-float") << layer.layer << ": " << layer.reason;
    }
    EXPECT_TRUE(real->run().ok());
  }
}

}  // namespace
}  // namespace qrt::test
