#include "peak/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/isa.h"
#include "isa_levels.h"

namespace qrt {
#define QRT_DECLARE(level)                \
  namespace level {                       \
  long fmaLoop(long rounds, float* sink); \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE
#define QRT_DECLARE(level)                  \
  namespace level {                         \
  long dotLoop(long rounds, int32_t* sink); \
  }
QRT_INT8_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

namespace bench {
namespace {

template <class T>
double best(long (*loop)(long, T*)) {
  double most = 0;
  for (int i = 0; i < 50; ++i) {
    T sink[2] = {static_cast<T>(0.5), static_cast<T>(0.25)};
    const auto start = std::chrono::steady_clock::now();
    const long done = loop(100'000, sink);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    most = std::max(most, static_cast<double>(done) / elapsed.count());
  }
  return most;
}

IsaLevel level() { return activeIsa().ok() ? activeIsa().value() : IsaLevel::scalar; }

}  // namespace

double fmaPeak() {
  long (*loop)(long, float*) = nullptr;
#define QRT_PICK(name) \
  if (IsaLevel::name <= level()) loop = name::fmaLoop;
  QRT_FLOAT_LEVELS(QRT_PICK)
#undef QRT_PICK
  return best(loop);
}

double dotPeak() {
  IsaLevel most = level();
  if (most == IsaLevel::amx && !askForTiles()) most = IsaLevel::avx512vnni;
  long (*loop)(long, int32_t*) = nullptr;
#define QRT_PICK(name) \
  if (IsaLevel::name <= most) loop = name::dotLoop;
  QRT_INT8_LEVELS(QRT_PICK)
#undef QRT_PICK
  return best(loop);
}

}  // namespace bench
}  // namespace qrt
