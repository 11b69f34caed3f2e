#include "base/cache_size.h"

#include <unistd.h>

namespace qrt {

namespace {

size_t askSystem() {
#ifdef _SC_LEVEL2_CACHE_SIZE
  if (const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE); bytes > 0) return static_cast<size_t>(bytes);
#endif
  return size_t{1} << 20;
}

}  // namespace

size_t l2CacheBytes() {
  static const size_t bytes = askSystem();
  return bytes;
}

}  // namespace qrt
