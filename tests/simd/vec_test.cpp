// Every level that is built and available here against double-precision <cmath>.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <vector>

#include "base/isa.h"
#include "isa_levels.h"
#include "simd/vec_probe.h"

namespace qrt {
#define QRT_DECLARE(level)                   \
  namespace level {                          \
  extern const test::VecProbe kVecProbe;     \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<const test::VecProbe*> probes() {
  std::vector<const test::VecProbe*> found;
#define QRT_PROBE(level) \
  if (isaAvailable(IsaLevel::level, readCpu())) found.push_back(&level::kVecProbe);
  QRT_FLOAT_LEVELS(QRT_PROBE)
#undef QRT_PROBE
  return found;
}

std::vector<float> interestingFloats() {
  std::vector<float> values = {0.0f, -0.0f, kInf, -kInf, kNan, 1e-45f, 1e-39f, 0.5f, 1.5f, 2.5f,
                               -0.5f, -2.5f, 8388609.0f, 3e9f, -3e9f, 1.0f, 0.99999994f, 1.0000001f,
                               88.72f, 88.73f, -87.4f, -103.0f, -104.5f};
  for (uint32_t bits = 0; bits < 0x7f800000; bits += 9973 * 64 + 1) {
    values.push_back(std::bit_cast<float>(bits));
    values.push_back(-values.back());
  }
  for (float x = -110; x < 110; x += 0.0371f) values.push_back(x);
  return values;
}

// Distance in units of f32's last place at `want`, denormals counted at the smallest normal's.
double ulps(float got, double want) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) == std::isnan(got) ? 0 : 1e9;
  const float rounded = static_cast<float>(want);
  if (got == rounded) return 0;
  if (std::isinf(rounded) || std::isinf(got)) return 1e9;
  const double unit = std::ldexp(1.0, std::max(std::ilogb(want), -126) - 23);
  return std::abs(got - want) / unit;
}

struct Oracle {
  std::function<double(double)> fn;
  double maxUlps;
};

const std::map<std::string, Oracle> kOracles = {
    {"abs", {[](double x) { return std::fabs(x); }, 0}},
    {"sqrt", {[](double x) { return std::sqrt(x); }, 0.5}},
    {"floor", {[](double x) { return std::floor(x); }, 0}},
    {"ceil", {[](double x) { return std::ceil(x); }, 0}},
    {"roundEven", {[](double x) { return std::nearbyint(x); }, 0}},
    {"exp", {[](double x) { return std::exp(x); }, 2}},
    {"expm1", {[](double x) { return std::expm1(x); }, 4}},
    {"log", {[](double x) { return std::log(x); }, 4}},
    {"tanh", {[](double x) { return std::tanh(x); }, 4}},
    // 0 where e⁻ˣ is beyond f32.
    {"sigmoid", {[](double x) { return 1 / (1 + static_cast<float>(std::exp(-x))); }, 4}},
};

TEST(Vec, UnaryFunctionsAreWithinAFewUlps) {
  const std::vector<float> x = interestingFloats();
  for (const test::VecProbe* probe : probes()) {
    ASSERT_EQ(static_cast<size_t>(probe->unaryCount), kOracles.size());
    for (int f = 0; f < probe->unaryCount; ++f) {
      const auto& [name, run] = probe->unary[f];
      const Oracle& oracle = kOracles.at(name);
      std::vector<float> y(x.size() + 1, -77.0f);
      run(x.data(), y.data(), static_cast<int>(x.size()));
      EXPECT_EQ(y.back(), -77.0f) << probe->level << ' ' << name << " wrote behind the end";
      for (size_t i = 0; i < x.size(); ++i) {
        ASSERT_LE(ulps(y[i], oracle.fn(x[i])), oracle.maxUlps)
            << probe->level << ' ' << name << '(' << x[i] << ") = " << y[i] << ", wanted "
            << oracle.fn(x[i]);
      }
    }
  }
}

TEST(Vec, MaxAndMinTakeTheSecondWhereEitherIsNan) {
  const std::vector<float> a = {1, 2, kNan, 1, kNan, -kInf, 0.0f, -0.0f, 5};
  const std::vector<float> b = {2, 1, 1, kNan, kNan, kInf, -0.0f, 0.0f, 5};
  const int n = static_cast<int>(a.size());
  for (const test::VecProbe* probe : probes()) {
    std::vector<float> hi(a.size()), lo(a.size());
    probe->max(a.data(), b.data(), hi.data(), n);
    probe->min(a.data(), b.data(), lo.data(), n);
    for (size_t i = 0; i < a.size(); ++i) {
      const float wantHi = a[i] > b[i] ? a[i] : b[i], wantLo = a[i] < b[i] ? a[i] : b[i];
      EXPECT_EQ(std::bit_cast<uint32_t>(hi[i]), std::bit_cast<uint32_t>(wantHi)) << probe->level << i;
      EXPECT_EQ(std::bit_cast<uint32_t>(lo[i]), std::bit_cast<uint32_t>(wantLo)) << probe->level << i;
    }
  }
}

TEST(Vec, DivisionIsExactlyThatOfFloat) {
  const std::vector<float> a = interestingFloats();
  const std::vector<float> b(a.rbegin(), a.rend());
  for (const test::VecProbe* probe : probes()) {
    std::vector<float> y(a.size());
    probe->divide(a.data(), b.data(), y.data(), static_cast<int>(a.size()));
    for (size_t i = 0; i < a.size(); ++i) {
      const float want = a[i] / b[i];
      ASSERT_TRUE(y[i] == want || (std::isnan(want) && std::isnan(y[i])))
          << probe->level << ' ' << a[i] << " / " << b[i] << " = " << y[i];
    }
  }
}

TEST(Vec, FmaRoundsOnceWhereTheLevelHasIt) {
  // (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴: two roundings lose the last term.
  const std::vector<float> a(17, 1.000244140625f), c(17, -1.00048828125f);
  for (const test::VecProbe* probe : probes()) {
    std::vector<float> y(a.size());
    probe->fma(a.data(), a.data(), c.data(), y.data(), 17);
    const std::string level = probe->level;
    const bool fused = level != "scalar" && level != "sse41";
    for (const float value : y) EXPECT_EQ(value, fused ? 0x1p-24f : 0.0f) << level;
  }
}

TEST(Vec, ReductionsFoldAllLanes) {
  for (const test::VecProbe* probe : probes()) {
    std::vector<float> x(static_cast<size_t>(probe->lanes));
    for (int i = 0; i < probe->lanes; ++i) x[static_cast<size_t>(i)] = static_cast<float>(1 << i);
    float y[3];
    probe->reduce(x.data(), y);
    EXPECT_EQ(y[0], static_cast<float>((1 << probe->lanes) - 1)) << probe->level;
    EXPECT_EQ(y[1], x.back());
    EXPECT_EQ(y[2], x.front());
  }
}

double activated(const Activation& act, double x) {
  const double a = act.a, b = act.b;
  switch (act.kind) {
    case ActivationKind::none: return x;
    case ActivationKind::relu: return x < 0 ? 0 : x;
    case ActivationKind::clip: return x < a ? a : x > b ? b : x;
    case ActivationKind::leakyRelu: return x < 0 ? a * x : x;
    case ActivationKind::elu: return x < 0 ? a * std::expm1(x) : x;
    case ActivationKind::sigmoid: return 1 / (1 + std::exp(-x));
    case ActivationKind::tanh: return std::tanh(x);
    case ActivationKind::hardSigmoid: return std::isnan(x) ? x : std::clamp(a * x + b, 0.0, 1.0);
    case ActivationKind::hardSwish:
      return std::isnan(x) ? x : x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  }
  return 0;
}

TEST(Vec, ActivationsFollowTheirFormulas) {
  std::vector<float> x = {kNan, 0, -0.0f, 1e-3f, -1e-3f};
  for (float v = -9; v < 9; v += 0.173f) x.push_back(v);
  const std::vector<Activation> all = {
      {},
      {ActivationKind::relu},
      {ActivationKind::clip, 0, 6},
      {ActivationKind::leakyRelu, 0.1f},
      {ActivationKind::elu, 1.5f},
      {ActivationKind::sigmoid},
      {ActivationKind::tanh},
      {ActivationKind::hardSigmoid, 0.2f, 0.5f},
      {ActivationKind::hardSwish}};
  for (const test::VecProbe* probe : probes()) {
    for (const Activation& act : all) {
      std::vector<float> y(x.size());
      probe->activate(act, x.data(), y.data(), static_cast<int>(x.size()));
      for (size_t i = 0; i < x.size(); ++i) {
        const double want = activated(act, x[i]);
        if (std::isnan(want)) {
          EXPECT_TRUE(std::isnan(y[i])) << probe->level << " kind " << static_cast<int>(act.kind);
        } else {
          EXPECT_NEAR(y[i], want, 4e-7 * (1 + std::abs(want)))
              << probe->level << " kind " << static_cast<int>(act.kind) << " of " << x[i];
        }
      }
    }
  }
}

}  // namespace
}  // namespace qrt
