#include "kernels/convert/convert_s8.h"

#include "kernels/isa_table.h"
#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// An unsigned byte is the signed byte with the same bits: 128 … 255 are −128 … −1.
template <bool Unsigned>
void quantize(const float* x, int8_t* y, int64_t n, const ConvertQuantS8& quant) {
  const int lowest = Unsigned ? 0 : -128;
  const RequantizeS8 requantize(static_cast<float>(lowest - quant.zeroPoint),
                                static_cast<float>(lowest + 255 - quant.zeroPoint),
                                quant.zeroPoint);
  const VecF scale = broadcast(quant.scale);
  const auto convert = [&](VecF v) {
    const Ints q = requantize(v / scale);
    return Unsigned ? Ints((q << 24) >> 24) : q;
  };
  int64_t i = 0;
  if constexpr (!Unsigned) {
    const auto at = [&](int64_t from) { return load(x + from) / scale; };
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
      store(y + i, requantize(at(i), at(i + kLanes), at(i + 2 * kLanes), at(i + 3 * kLanes)));
    }
  }
  for (; i + kLanes <= n; i += kLanes) storeS8(y + i, convert(load(x + i)));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) storeS8Partial(y + i, convert(loadPartial(x + i, rest)), rest);
}

template <bool Unsigned>
void dequantize(const int8_t* x, float* y, int64_t n, const ConvertQuantS8& quant) {
  const Ints zeroPoint = broadcastInts(quant.zeroPoint);
  const VecF scale = broadcast(quant.scale);
  const auto convert = [&](Ints q) {
    return toFloats((Unsigned ? Ints(q & broadcastInts(255)) : q) - zeroPoint) * scale;
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, convert(loadS8(x + i)));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) storePartial(y + i, convert(loadS8Partial(x + i, rest)), rest);
}

void quantizeAny(const float* x, int8_t* y, int64_t n, const ConvertQuantS8& quant) {
  quant.isUnsigned ? quantize<true>(x, y, n, quant) : quantize<false>(x, y, n, quant);
}
void dequantizeAny(const int8_t* x, float* y, int64_t n, const ConvertQuantS8& quant) {
  quant.isUnsigned ? dequantize<true>(x, y, n, quant) : dequantize<false>(x, y, n, quant);
}

}  // namespace

extern const ConvertKernelsS8 kConvertKernelsS8;
const ConvertKernelsS8 kConvertKernelsS8 = {QRT_THIS_ISA, quantizeAny, dequantizeAny};

}  // namespace qrt::QRT_ISA_NAMESPACE
