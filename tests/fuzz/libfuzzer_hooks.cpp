// libFuzzer begins from nothing: now and then an input is replaced by a seed or changed by
// structure.
#include <algorithm>
#include <cstring>

#include "fuzz/fuzz.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t maxSize);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t maxSize,
                                          unsigned int seed) {
  using namespace qrt::fuzz;
  Random random(seed);
  const size_t kind = pick(random, 16);
  if (kind >= 8) return LLVMFuzzerMutate(data, size, maxSize);
  const auto* first = reinterpret_cast<const std::byte*>(data);
  Bytes bytes(first, first + size);
  if (kind == 0 || size < 64) bytes = seeds()[pick(random, seeds().size())];
  mutateStructure(bytes, random);
  const size_t result = std::min(bytes.size(), maxSize);
  std::memcpy(data, bytes.data(), result);
  return result;
}
