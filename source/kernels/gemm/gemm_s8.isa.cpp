// The microkernels of gemm_s8.h for one level: a tile, and how rows come together for it.
#include "kernels/gemm/gemm_s8.h"

#include "kernels/isa_table.h"
#include "simd/level.h"

#if defined(QRT_EMULATE_TILES) || (defined(QRT_VECTOR) && defined(__AMX_INT8__))
#include "kernels/gemm/tile_amx_s8.h"
#elif defined(QRT_VECTOR) && defined(__ARM_FEATURE_MATMUL_INT8)
#include "kernels/gemm/tile_i8mm_s8.h"
#else
#include "kernels/gemm/tile_dot_s8.h"
#endif
#include "simd/copy_s8.h"
#include "simd/sum_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

void gatherRows(const GemmGatherS8& from, void* a, int64_t stride, int m) {
  const GemmGatherS8 local = from;  // no store of a byte can change it
  auto* row = static_cast<ElementA*>(a);
  for (int i = 0; i < m; ++i, row += stride) {
    const int8_t* const* src = local.rows + i;
    ElementA* dst = row;
    for (int64_t t = 0; t < local.taps; ++t, src += local.rowStep, dst += local.k) {
      copyRow(dst, *src, local.k, local.end);
    }
  }
}

void sumRows(const GemmGatherS8& from, int32_t* sums, int m) {
  for (int i = 0; i < m; ++i) {
    ByteSum sum;
    for (int64_t t = 0; t < from.taps; ++t) sum.add(from.rows[t * from.rowStep + i], from.k);
    sums[i] = sum.total();
  }
}

}  // namespace

extern const GemmKernelS8 kGemmS8;
constexpr GemmKernelS8 kGemmS8 = {QRT_THIS_ISA,
                                  kRows,
                                  kColumns,
                                  kGroup,
                                  kStep,
                                  kRowGroup,
                                  sizeof(ElementA),
                                  kOffsetA,
                                  runTile,
                                  gatherRows,
                                  sumRows,
                                  kBegin,
                                  kEnd};

}  // namespace qrt::QRT_ISA_NAMESPACE
