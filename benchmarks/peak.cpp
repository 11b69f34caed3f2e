#include "peak.h"

#include <algorithm>
#include <chrono>

#include "isa_levels.h"

namespace qrt {
#define QRT_DECLARE(level)                     \
  namespace level {                            \
  long fmaLoop(long rounds, float* sink);      \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

namespace bench {

double fmaPeak(IsaLevel level) {
  long (*loop)(long, float*) = nullptr;
#define QRT_PICK(name) \
  if (IsaLevel::name <= level) loop = name::fmaLoop;
  QRT_FLOAT_LEVELS(QRT_PICK)
#undef QRT_PICK
  double best = 0;
  for (int i = 0; i < 50; ++i) {
    float sink[2] = {0.5f, 0.25f};
    const auto start = std::chrono::steady_clock::now();
    const long done = loop(100'000, sink);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(done) / elapsed.count());
  }
  return best;
}

}  // namespace bench
}  // namespace qrt
