// auto_pad of convolutions and pools whose input size is not known at import: a session gives the
// same bytes as the model with pads written out, which were computed by hand.
#include <gtest/gtest.h>

#include "import/run_model.h"
#include "qrt/session.h"

namespace qrt::test {
namespace {

constexpr int64_t kAny = -1;

// What SAME_UPPER is for the convolution, SAME_LOWER for the pool, of an input of h·w.
struct Size {
  int64_t h, w;
  Dims convPads, poolPads;
  Shape y;
};
const Size kSizes[] = {{7, 8, {1, 0, 1, 1}, {1, 1, 0, 0}, {1, 2, 2, 2}},
                       {6, 5, {0, 1, 1, 1}, {1, 0, 1, 0}, {1, 2, 2, 1}},
                       {1, 1, {1, 1, 1, 1}, {1, 1, 1, 0}, {1, 2, 1, 1}}};

// Conv 3x3 with stride 2, then a pool 3x2 with strides 2 and 3. Without a size: open dims, auto_pad.
OnnxModel convAndPool(const std::string& pool, const Size* size) {
  OnnxModel model;
  model.input("x", {1, 3, size ? size->h : kAny, size ? size->w : kAny}).output("y");
  model.initializer("w", {2, 3, 3, 3}, randomFloats(54, 1));
  auto& conv = model.node("Conv", {"x", "w"}, {"c"});
  setInts(conv, "strides", {2, 2});
  size ? setInts(conv, "pads", size->convPads) : setString(conv, "auto_pad", "SAME_UPPER");
  auto& second = model.node(pool, {"c"}, {"y"});
  setInts(second, "kernel_shape", {3, 2});
  setInts(second, "strides", {2, 3});
  size ? setInts(second, "pads", size->poolPads) : setString(second, "auto_pad", "SAME_LOWER");
  return model;
}

Floats run(Session& session) {
  const auto x = session.input(0)->as<float>().value();
  const Floats values = randomFloats(x.size(), 2);
  std::copy(values.begin(), values.end(), x.begin());
  EXPECT_TRUE(session.run().ok());
  const auto y = session.output(0)->as<float>().value();
  return {y.begin(), y.end()};
}

TEST(OnnxAutoPad, FollowsTheSizesOfASession) {
  for (const char* pool : {"MaxPool", "AveragePool"}) {
    const auto open = convAndPool(pool, nullptr).import(ImportOptions());
    ASSERT_TRUE(open.ok()) << open.status().message();
    EXPECT_EQ(open->outputs()[0].shape, (Shape{1, 2, kAny, kAny}));
    auto session = Session::create(*open, {.threads = 1, .inputShapes = {{"x", {1, 3, 4, 4}}}});
    ASSERT_TRUE(session.ok()) << session.status().message();
    for (const Size& size : kSizes) {
      SCOPED_TRACE(testing::Message() << pool << " of " << size.h << "x" << size.w);
      ASSERT_TRUE(session->resizeInput("x", {1, 3, size.h, size.w}).ok());
      EXPECT_EQ(session->outputs()[0].shape, size.y);
      const auto padded = convAndPool(pool, &size).import(ImportOptions());
      ASSERT_TRUE(padded.ok()) << padded.status().message();
      auto wanted = Session::create(*padded, {.threads = 1});
      ASSERT_TRUE(wanted.ok()) << wanted.status().message();
      EXPECT_EQ(run(*session), run(*wanted));
    }
  }
}

}  // namespace
}  // namespace qrt::test
