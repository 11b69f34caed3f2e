// The AMX microkernel with its tile instructions emulated, since few machines that test have them:
// the same source as the library's, compiled for a level of its own.
#include <gtest/gtest.h>

#include "base/aligned_buffer.h"
#include "kernels_s8/conv_case.h"

#define QRT_EMULATE_TILES 1
#define QRT_LEVEL_IS_amx_emulated 1  // but for the tiles it is scalar
#define QRT_ISA_NAMESPACE amx_emulated
#define QRT_THIS_ISA (::qrt::IsaLevel::amx)
#include "kernels/gemm/gemm_s8.isa.cpp"

namespace qrt::test {
namespace {

void check(const Case& c, Random& random) {
  SCOPED_TRACE(testing::Message() << c.name << " c " << c.shape.c << " o " << c.shape.o << " w "
                                  << c.shape.w << " seed " << kSeed);
  const Data d = makeData(c, random);
  ConvS8 conv(c.shape, d.quant, amx_emulated::kGemmS8, 2);
  EXPECT_EQ(runConv(conv, c, d, 2), naiveConv(c, d));
}

TEST(AmxEmulated, ConvsAreExact) {
  Random random;
  for (const int64_t w : {1, 2, 15, 16, 17, 31, 32, 33, 47, 64, 65}) {
    check({"by pixels", conv(1, 1, w, 65, 37, 1), true, w % 2 == 1}, random);
  }
  for (const int64_t o : {1, 15, 16, 17, 31, 32, 33, 63, 65}) {
    check({"by outputs", conv(1, 5, 7, 130, o, 1), true, true, -128, 4, -90, 80, 1}, random);
  }
  for (const int64_t c : {1, 3, 63, 64, 65, 127, 1029, 2300}) {
    check({"by inputs", conv(1, 5, 7, c, 33, 1), true, false, 127, 0, -128, 127, 2}, random);
  }
  check({"3x3", conv(2, 9, 11, 17, 40, 3, 1, 1), true, true}, random);
  check({"first layer", conv(1, 23, 21, 3, 64, 7, 2, 3)}, random);
  check({"groups", conv(1, 7, 7, 24, 38, 3, 1, 1, 2)}, random);
}

}  // namespace
}  // namespace qrt::test
