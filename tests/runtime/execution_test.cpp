// The pipeline from a graph to its run, without the passes: sharing and planning of memory on graphs full
// of views, in-place ops and odd outputs, against a run layer by layer in separate memory.
#include "runtime/execution.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "graph/op.h"
#include "runtime/input_output.h"
#include "runtime/place.h"
#include "support/graph_builder.h"
#include "support/interpreter.h"
#include "support/one_op.h"
#include "support/test_backends.h"

namespace qrt {
namespace {

using test::GraphBuilder;

struct Ready {
  std::unique_ptr<Execution> execution;
  InputsOutputs io;
};

// A graph with known shapes made ready to run.
Result<Ready> makeReady(const Graph& graph, const std::vector<const Backend*>& priority) {
  static WeightCache weights;
  auto owned = std::make_unique<Graph>(graph);
  QRT_RETURN_IF_ERROR(validate(*owned));
  QRT_RETURN_IF_ERROR(inferShapes(*owned));
  QRT_ASSIGN_OR_RETURN(const auto placed, place(*owned, {priority, {}}));
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  QRT_ASSIGN_OR_RETURN(auto steps, compile(*owned, partition(*owned, backends), {IsaLevel::scalar, 1, weights}));
  QRT_ASSIGN_OR_RETURN(auto execution, Execution::create(std::move(owned), std::move(steps), {}));
  QRT_ASSIGN_OR_RETURN(InputsOutputs io, InputsOutputs::create(execution->graph(), execution->graph()));
  execution->connect(io.memory());
  return Ready{std::move(execution), std::move(io)};
}

// Fills the inputs, runs twice, and compares every output with the interpreter's, bit for bit.
void expectRunsLikeInterpreter(const Graph& graph, const std::vector<const Backend*>& priority,
                               unsigned seed) {
  auto ready = makeReady(graph, priority);
  ASSERT_TRUE(ready.ok()) << ready.status().message();
  ThreadPool pool(1);
  std::mt19937 random(seed);
  for (int run = 0; run < 2; ++run) {
    std::vector<Tensor> inputs;
    for (size_t i = 0; i < ready->io.inputs().size(); ++i) {
      const TensorView view = ready->io.input(i).value();
      const auto values = view.as<float>().value();
      for (float& value : values) {
        value = static_cast<float>(random() % 2001) / 100 - 10;
      }
      const std::span bytes(static_cast<const std::byte*>(view.data), view.bytes());
      inputs.push_back({.name = ready->io.inputs()[i].name,
                        .shape = view.shape,
                        .constant = ConstantData::copyOf(bytes)});
    }
    const auto wanted = test::interpret(graph, inputs);
    ASSERT_TRUE(wanted.ok()) << wanted.status().message();
    const Status status = ready->execution->run(pool);
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_EQ(wanted->size(), ready->io.outputs().size());
    for (size_t i = 0; i < wanted->size(); ++i) {
      const ConstTensorView found = ready->io.output(i).value();
      ASSERT_EQ(found.shape, (*wanted)[i].shape) << "output " << i;
      EXPECT_EQ(std::memcmp(found.data, (*wanted)[i].constantView().data, found.bytes()), 0)
          << "output " << i << " '" << ready->io.outputs()[i].name << "' in run " << run;
    }
  }
}

const std::vector<std::vector<const Backend*>>& policies() {
  static const std::vector<std::vector<const Backend*>> list = {
      {&test::hostileBackend()},
      {&test::inPlaceBackend(), &test::hostileBackend()},
      {&test::groupingBackend(), &test::hostileBackend()},
      {findBackend("cpu-float"), findBackend("reference")},
  };
  return list;
}

// Layers drawn at random over f32 tensors of a few elements.
class RandomGraph {
 public:
  explicit RandomGraph(unsigned seed) : random_(seed), builder_(seed) {
    const Shape shapes[] = {{2, 3, 4}, {1}, {4, 6}, {1, 5, 1}, {24}};
    for (size_t i = 0, count = 1 + pick(3); i < count; ++i) {
      tensors_.push_back(builder_.input("input", shapes[pick(5)]));
    }
    tensors_.push_back(builder_.weights(shapes[pick(5)], 1));
    for (size_t i = 0, count = pick(25); i < count; ++i) {
      // Rather from what was made last: long chains.
      const size_t back = pick(2) == 0 ? 1 : 1 + pick(tensors_.size());
      addLayer(tensors_[tensors_.size() - back]);
    }
    for (size_t i = 0, count = 1 + pick(4); i < count; ++i) {
      builder_.output(i == 0 ? tensors_.back() : tensors_[pick(tensors_.size())]);
    }
  }

  const Graph& graph() const { return builder_.graph; }

 private:
  size_t pick(size_t count) { return random_() % count; }

  const Shape& shapeOf(TensorId id) const { return builder_.graph.tensor(id).shape; }

  void append(OpType op, Attributes attributes, std::vector<TensorId> inputs) {
    tensors_.push_back(builder_.add(op, std::move(attributes), std::move(inputs)));
    InferContext ctx(builder_.graph, builder_.graph.layers.back());
    ASSERT_TRUE(opDef(op).infer(ctx).ok());
  }
  void append(OpType op, std::vector<TensorId> inputs) {
    append(op, defaultAttributes(op), std::move(inputs));
  }

  // A tensor of the same shape as `x`: another one, or `x` itself.
  TensorId partner(TensorId x) {
    std::vector<TensorId> equal;
    for (const TensorId id : tensors_) {
      if (shapeOf(id) == shapeOf(x)) equal.push_back(id);
    }
    return equal[pick(equal.size())];
  }

  void addLayer(TensorId x) {
    const Shape shape = shapeOf(x);
    const int64_t elements = shape.elements();
    switch (pick(8)) {
      case 0:
        return append(OpType::Relu, {x});
      case 1:
        return append(OpType::Neg, {x});
      case 2:
        return append(pick(2) == 0 ? OpType::Add : OpType::Mul, {x, partner(x)});
      case 3:
        return append(OpType::Add, {x, builder_.weights({1}, 1)});
      case 4: {
        std::vector<int64_t> dims(shape.dims().rbegin(), shape.dims().rend());
        if (pick(2) == 0) dims = {elements};
        const auto rank = static_cast<int64_t>(dims.size());
        return append(OpType::Reshape, {x, builder_.constant<int64_t>({rank}, dims)});
      }
      case 5:
        return append(OpType::Transpose, TransposeAttrs{}, {x});
      case 6:
        if (shape.rank() == Shape::kMaxRank) return;
        return append(OpType::Unsqueeze, AxesAttrs{{static_cast<int64_t>(pick(2))}}, {x});
      default:
        if (elements > 200) return;
        return append(OpType::Concat, AxisAttrs{0}, {x, partner(x)});
    }
  }

  std::mt19937 random_;
  GraphBuilder builder_;
  std::vector<TensorId> tensors_;
};

TEST(Execution, RandomGraphsRunLikeTheInterpreter) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const RandomGraph random(seed);
    for (size_t policy = 0; policy < policies().size(); ++policy) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", policy " << policy);
      expectRunsLikeInterpreter(random.graph(), policies()[policy], seed);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
  }
}

void expectAllPoliciesWork(const Graph& graph) {
  for (size_t policy = 0; policy < policies().size(); ++policy) {
    SCOPED_TRACE(testing::Message() << "policy " << policy);
    expectRunsLikeInterpreter(graph, policies()[policy], 7);
  }
}

TEST(Execution, GivesOutConstantsInputsAndTheSameTensorTwice) {
  GraphBuilder b;
  const TensorId x = b.input("x", {3});
  const TensorId y = b.add(OpType::Relu, {x});
  for (const TensorId id : {y, x, y, b.constant<float>({2}, {1, 2}), y}) b.output(id);
  expectAllPoliciesWork(b.graph);
}

TEST(Execution, RunsNoLayersAtAll) {
  GraphBuilder b;
  b.output(b.input("x", {2, 2}));
  expectAllPoliciesWork(b.graph);
  GraphBuilder alone;
  alone.output(alone.constant<float>({2}, {3, 4}));
  expectAllPoliciesWork(alone.graph);
}

TEST(Execution, CopiesAViewOnlyWhereItMust) {
  GraphBuilder b;
  const TensorId x = b.input("x", {2, 3});
  const TensorId flat = b.constant<int64_t>({1}, {6});
  const TensorId early = b.add(OpType::Reshape, {x, flat});        // views the input
  const TensorId relu = b.add(OpType::Relu, {early});
  const TensorId wide = b.constant<int64_t>({2}, {3, 2});
  b.output(b.add(OpType::Reshape, {relu, wide}));  // relu writes into this output's memory
  b.output(b.add(OpType::Reshape, {relu, wide}));  // the second output needs its own
  b.output(b.add(OpType::Reshape, {x, wide}));     // as does one that would be the input's
  auto ready = makeReady(b.graph, {findBackend("reference")});
  ASSERT_TRUE(ready.ok()) << ready.status().message();
  EXPECT_EQ(ready->execution->kernel(0), "view");
  EXPECT_EQ(ready->execution->kernel(1), "reference_Relu");
  EXPECT_EQ(ready->execution->kernel(2), "view");
  EXPECT_EQ(ready->execution->kernel(3), "copy");
  EXPECT_EQ(ready->execution->kernel(4), "copy");
  EXPECT_EQ(ready->execution->memory().activations, 0u);
  expectAllPoliciesWork(b.graph);
}

TEST(Execution, ComputesInPlaceOnlyWhatDiesThere) {
  GraphBuilder b;
  const TensorId x = b.input("x", {16});
  const TensorId a = b.add(OpType::Neg, {x});    // must not overwrite the input
  const TensorId r = b.add(OpType::Relu, {a});   // a lives on: needs memory of its own
  const TensorId s = b.add(OpType::Add, {a, r}); // overwrites either
  b.output(b.add(OpType::Transpose, {s}));       // not in place: copies out of the arena
  auto ready = makeReady(b.graph, {&test::inPlaceBackend(), &test::hostileBackend()});
  ASSERT_TRUE(ready.ok()) << ready.status().message();
  EXPECT_EQ(ready->execution->memory().activations, 128u);
  EXPECT_EQ(ready->execution->memory().lowerBound, 128u);
  expectAllPoliciesWork(b.graph);
}

TEST(Execution, FailureNamesTheLayer) {
  GraphBuilder b;
  b.output(b.add(OpType::Neg, {b.add(OpType::Relu, {b.input("x", {2})})}));
  auto ready = makeReady(b.graph, {&test::failingBackend()});
  ASSERT_TRUE(ready.ok()) << ready.status().message();
  ThreadPool pool(1);
  const Status status = ready->execution->run(pool);
  EXPECT_EQ(status.code(), StatusCode::failed);
  EXPECT_EQ(status.message(), "layer 'Neg_1' (Neg) on failing: the device is on fire");
  EXPECT_EQ(ready->execution->recorder().runs(), 0);
}

TEST(Partition, TakesMaximalRunsForThoseWhoWantThem) {
  GraphBuilder b;
  TensorId x = b.input("x", {2, 2});
  const TensorId first = b.add(OpType::Relu, {x});
  x = b.add(OpType::Neg, {first});
  x = b.add(OpType::Transpose, {x});
  x = b.add(OpType::Relu, {x});
  x = b.add(OpType::Add, {x, first});
  b.output(x);
  ASSERT_TRUE(inferShapes(b.graph).ok());
  const Backend* group = &test::groupingBackend();
  const Backend* one = &test::hostileBackend();
  const auto partitions =
      partition(b.graph, std::vector<const Backend*>{group, group, one, group, group});
  ASSERT_EQ(partitions.size(), 3u);
  EXPECT_EQ(partitions[0].layers, (std::vector<int>{0, 1}));
  EXPECT_EQ(partitions[1].layers, (std::vector<int>{2}));
  EXPECT_EQ(partitions[2].layers, (std::vector<int>{3, 4}));
  const auto outputOf = [&](size_t layer) { return b.graph.layers[layer].outputs[0]; };
  EXPECT_EQ(partitions[0].inputs, b.graph.inputs);
  EXPECT_EQ(partitions[0].outputs, (std::vector<TensorId>{outputOf(0), outputOf(1)}));
  EXPECT_EQ(partitions[2].inputs, (std::vector<TensorId>{outputOf(2), first}));
  EXPECT_EQ(partitions[2].outputs, b.graph.outputs);
}

}  // namespace
}  // namespace qrt
