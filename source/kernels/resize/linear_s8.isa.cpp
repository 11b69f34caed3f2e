#include "kernels/resize/linear_s8.h"

#include "kernels/isa_table.h"
#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using Block = BlockS8;

struct Corners {
  Block::Bytes x[4];
  Block::Ints weights[4];

  template <int Quarter>
  Block::Floats quarter() const {
    Block::Ints sum = Block::mul(Block::widen<Quarter>(x[0]), weights[0]);
    for (int i = 1; i < 4; ++i) {
      sum = Block::add(sum, Block::mul(Block::widen<Quarter>(x[i]), weights[i]));
    }
    return Block::toFloats(sum) * Block::floats(0x1p-22f);
  }
};

void linearRow(const LinearRowS8& row) {
  const RequantizeBlock<Block> requantize(0, -128, 127);
  for (int64_t i = 0; i < row.pixels; ++i) {
    const LinearTapS8& tap = row.columns[i];
    const int8_t* const sources[4] = {row.top + tap.first, row.top + tap.second,
                                      row.bottom + tap.first, row.bottom + tap.second};
    Corners corners;
    corners.weights[0] = Block::ints(row.topWeight * tap.firstWeight);
    corners.weights[1] = Block::ints(row.topWeight * tap.secondWeight);
    corners.weights[2] = Block::ints(row.bottomWeight * tap.firstWeight);
    corners.weights[3] = Block::ints(row.bottomWeight * tap.secondWeight);
    const auto blend = [&] {
      const Block::Floats v[4] = {corners.quarter<0>(), corners.quarter<1>(), corners.quarter<2>(),
                                  corners.quarter<3>()};
      return requantize(v);
    };
    int8_t* const y = row.y + i * row.channels;
    int64_t c = 0;
    for (; c + Block::kBytes <= row.channels; c += Block::kBytes) {
      for (int k = 0; k < 4; ++k) corners.x[k] = Block::load(sources[k] + c);
      Block::store(y + c, blend());
    }
    const int rest = static_cast<int>(row.channels - c);
    if (rest > 0) {
      for (int k = 0; k < 4; ++k) corners.x[k] = Block::loadPartial(sources[k] + c, rest);
      Block::storePartial(y + c, blend(), rest);
    }
  }
}

}  // namespace

extern const LinearKernelsS8 kLinearKernelsS8;
const LinearKernelsS8 kLinearKernelsS8 = {QRT_THIS_ISA, linearRow};

}  // namespace qrt::QRT_ISA_NAMESPACE
