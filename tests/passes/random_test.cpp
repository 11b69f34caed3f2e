// Random graphs compute the same before and after the passes; oracle: the reference kernels.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "graph/op.h"
#include "passes/passes.h"
#include "passes/permutation.h"
#include "support/interpreter.h"
#include "support/random_graph.h"
#include "support/values.h"

namespace qrt {
namespace {

using test::difference;
using test::interpret;
using test::randomGraph;
using test::randomInputs;

// What the layout pass minimizes: bytes that transposes move.
int64_t transposedBytes(const Graph& graph) {
  int64_t bytes = 0;
  for (const Layer& layer : graph.layers) {
    if (layer.op != OpType::Transpose) continue;
    const Tensor& x = graph.tensor(layer.inputs[0]);
    if (movesNothing(layer.attrs<TransposeAttrs>().perm, x.shape)) continue;
    bytes += x.shape.elements() * static_cast<int64_t>(dtypeSize(x.dtype));
  }
  return bytes;
}

std::string describe(const Graph& graph) {
  std::ostringstream text;
  const auto tensor = [&](TensorId id) {
    if (id == kNoTensor) return std::string("-");
    const Tensor& t = graph.tensor(id);
    return concat(t.name, ':', t.shape.toString(), t.isConstant() ? " const" : "");
  };
  for (const Layer& layer : graph.layers) {
    text << layer.name << ' ' << opName(layer.op) << " (";
    for (const TensorId id : layer.inputs) text << tensor(id) << ", ";
    text << ") →";
    for (const TensorId id : layer.outputs) text << ' ' << tensor(id);
    if (layer.op == OpType::Transpose) {
      for (const int64_t dim : layer.attrs<TransposeAttrs>().perm) text << ' ' << dim;
    }
    text << '\n';
  }
  return text.str();
}

void expectSame(const Graph& before, const Graph& after, unsigned seed, double tolerance) {
  ASSERT_TRUE(validate(after).ok()) << "seed " << seed << ": " << validate(after).message();
  const auto inputs = randomInputs(before, seed + 1);
  const auto wanted = interpret(before, inputs);
  ASSERT_TRUE(wanted.ok()) << "seed " << seed << ": " << wanted.status().message();
  const auto found = interpret(after, inputs);
  ASSERT_TRUE(found.ok()) << "seed " << seed << ": " << found.status().message() << "\n"
                          << describe(before) << "\nbecame\n"
                          << describe(after);
  const std::string differs = difference(*found, *wanted, tolerance);
  EXPECT_EQ(differs, "") << "seed " << seed << "\n"
                         << describe(before) << "\nbecame\n"
                         << describe(after);
}

TEST(RandomGraphs, LayoutAloneChangesNothing) {
  std::set<OpType> seen;
  for (unsigned seed = 0; seed < 1500 && !HasFailure(); ++seed) {
    const Graph before = randomGraph(seed, {.layers = 5 + static_cast<int>(seed % 20)});
    Graph after = before;
    ASSERT_TRUE(inferShapes(after).ok());
    const int64_t bytes = transposedBytes(after);
    GraphEditor editor(after);
    optimizeLayout(editor);
    editor.sort();
    removeDeadLayers(editor);
    editor.sort();
    after.compact();
    Graph inferred = after;
    ASSERT_TRUE(inferShapes(inferred).ok())
        << "seed " << seed << ": " << inferShapes(inferred).message() << "\n"
        << describe(before) << "\nbecame\n"
        << describe(after);
    for (size_t i = 0; i < after.tensors.size(); ++i) {
      ASSERT_EQ(inferred.tensors[i].shape, after.tensors[i].shape)
          << "seed " << seed << " " << after.tensors[i].name;
    }
    EXPECT_LE(transposedBytes(after), bytes) << "seed " << seed << "\n"
                                             << describe(before) << "\nbecame\n"
                                             << describe(after);
    expectSame(before, after, seed, 1e-6);
    for (const Layer& layer : after.layers) seen.insert(layer.op);
  }
  EXPECT_GE(seen.size(), 30u);  // the generator reaches most ops
}

TEST(RandomGraphs, OptimizeComputesTheSame) {
  for (unsigned seed = 0; seed < 1500 && !HasFailure(); ++seed) {
    const Graph before =
        randomGraph(seed, {.layers = 5 + static_cast<int>(seed % 30), .smooth = true});
    Graph after = before;
    const Status status = optimize(after);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.message() << "\n"
                             << describe(before);
    expectSame(before, after, seed, 1e-4);
    Graph again = after;
    ASSERT_TRUE(optimize(again).ok());
    EXPECT_EQ(describe(again), describe(after)) << "seed " << seed << "\n" << describe(before);
  }
}

TEST(RandomGraphs, SpecializeFindsEveryShape) {
  for (unsigned seed = 0; seed < 500 && !HasFailure(); ++seed) {
    const test::RandomGraphOptions options{.layers = 5 + static_cast<int>(seed % 20),
                                           .smooth = true};
    Graph sized = randomGraph(seed, options);
    Graph open = sized;
    std::map<std::string, Shape> shapes;
    for (const TensorId id : open.inputs) {
      shapes[open.tensor(id).name] = open.tensor(id).shape;
      open.tensor(id).shape[0] = Shape::kUnknown;
    }
    const Status imported = optimize(open);  // as an importer does
    ASSERT_TRUE(imported.ok()) << "seed " << seed << ": " << imported.message();
    const Status status = specialize(open, shapes);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.message() << "\n"
                             << describe(sized) << describe(open);
    expectSame(sized, open, seed, 1e-4);
  }
}

}  // namespace
}  // namespace qrt
