#include "kernels/winograd/conv_winograd_f32.h"

#include <algorithm>
#include <limits>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "kernels/gemm/fetch_ahead.h"

namespace qrt {
namespace {

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

constexpr int64_t kLineFloats = 16;
// V and M of a chunk, which stay in L2 beside some panels of U.
constexpr int64_t kChunkFloats = 128 * 1024;
// A larger U comes from a far cache once per chunk: then chunks have at least so many tiles, even
// if V and M leave L2, which happens but once per position.
constexpr int64_t kLargeUFloats = 256 * 1024;
constexpr int64_t kLargeUTiles = 56;
constexpr int64_t kTasksPerThread = 4;

// Rows of `floats`, not all in the same set of the cache.
int64_t rowStride(int64_t floats) {
  const int64_t lines = ceilDiv(floats, kLineFloats);
  return (lines % 16 == 0 ? lines + 1 : lines) * kLineFloats;
}
// An odd number of lines: planes go through all sets.
int64_t planeStride(int64_t floats) { return (ceilDiv(floats, kLineFloats) | 1) * kLineFloats; }

}  // namespace

ConvWinogradF32::ConvWinogradF32(const ConvShape& shape, int m, const Activation& activation,
                                 const GemmKernelF32& gemm, const WinogradKernelF32& transforms,
                                 int threads)
    : shape_(shape),
      winograd_(qrt::winograd(m, static_cast<int>(shape.kh))),
      gemm_(gemm),
      transforms_(transforms),
      low_(-std::numeric_limits<float>::infinity()),
      high_(std::numeric_limits<float>::infinity()),
      threads_(std::max(threads, 1)),
      positions_(winograd_.alpha() * winograd_.alpha()),
      panels_(ceilDiv(shape.o, gemm.nr)),
      positionFloats_(panels_ * gemm.nr * shape.c),
      tilesH_(ceilDiv(shape.oh, m)),
      tilesW_(ceilDiv(shape.ow, m)),
      tiles_(shape.n * tilesH_ * tilesW_),
      vStride_(rowStride(shape.c)),
      zeros_(static_cast<size_t>(shape.c), 0.0f) {
  if (activation.kind == ActivationKind::relu) {
    low_ = 0;
  } else if (activation.kind == ActivationKind::clip) {
    low_ = activation.a;
    high_ = activation.b;
  } else {
    activation_ = activation;
  }
  planWork();
}

void ConvWinogradF32::planWork() {
  const int64_t wanted = threads_ == 1 ? 1 : threads_ * kTasksPerThread;
  const int64_t tileFloats = positions_ * (rowStride(shape_.c) + rowStride(shape_.o));
  chunkTiles_ = std::max<int64_t>(gemm_.mr, kChunkFloats / tileFloats);
  if (packedFloats() > kLargeUFloats) {
    chunkTiles_ = std::max(chunkTiles_, kLargeUTiles);
  } else {
    chunkTiles_ = std::min(chunkTiles_, std::max<int64_t>(gemm_.mr, ceilDiv(tiles_, wanted)));
  }
  chunks_ = ceilDiv(tiles_, chunkTiles_);
  chunkTiles_ = ceilDiv(tiles_, std::max<int64_t>(1, chunks_));  // of like size
  if (chunks_ < threads_)
    columnSplits_ = std::min<int64_t>(panels_, ceilDiv(threads_, std::max<int64_t>(chunks_, 1)));
  productStride_ = rowStride(ceilDiv(panels_, columnSplits_) * gemm_.nr);
  vPlane_ = planeStride(chunkTiles_ * vStride_);
  productPlane_ = planeStride(chunkTiles_ * productStride_);
  rowsBytes_ =
      alignUp(static_cast<size_t>(std::max<int64_t>(gemm_.mr, positions_)) * sizeof(const float*));
  dstBytes_ =
      alignUp(static_cast<size_t>(std::max<int64_t>(chunkTiles_, winograd_.m * winograd_.m)) *
              sizeof(int64_t));
  vBytes_ = static_cast<size_t>(positions_ * vPlane_) * sizeof(float);
  scratchPerThread_ = rowsBytes_ + dstBytes_ + vBytes_ +
                      static_cast<size_t>(positions_ * productPlane_) * sizeof(float);
}

std::string ConvWinogradF32::packKey() const {
  return concat("winograd_f32_", winograd_.m, 'x', winograd_.r, "_x", gemm_.nr, '_', shape_.o, "_k",
                shape_.c);
}

// U = G g Gᵀ for a panel of output channels side by side.
void ConvWinogradF32::pack(const float* weights, float* panels, int64_t task) const {
  constexpr int kMaxColumns = 64;
  QRT_CHECK(gemm_.nr <= kMaxColumns);
  const int alpha = winograd_.alpha(), r = winograd_.r, nr = gemm_.nr;
  const int64_t columns = std::min<int64_t>(nr, shape_.o - task * nr);
  float* panel = panels + task * nr * shape_.c;
  for (int64_t c = 0; c < shape_.c; ++c) {
    double line[Winograd::kMaxAlpha][Winograd::kMaxAlpha - 1][kMaxColumns] = {};  // G g
    for (int h = 0; h < r; ++h) {
      for (int w = 0; w < r; ++w) {
        double g[kMaxColumns] = {};
        for (int64_t n = 0; n < columns; ++n) {
          g[n] = weights[(((task * nr + n) * r + h) * r + w) * shape_.c + c];
        }
        for (int i = 0; i < alpha; ++i) {
          for (int n = 0; n < nr; ++n) line[i][w][n] += winograd_.g[i][h] * g[n];
        }
      }
    }
    for (int i = 0; i < alpha; ++i) {
      for (int j = 0; j < alpha; ++j) {
        double u[kMaxColumns] = {};
        for (int w = 0; w < r; ++w) {
          for (int n = 0; n < nr; ++n) u[n] += winograd_.g[j][w] * line[i][w][n];
        }
        float* out = panel + (i * alpha + j) * positionFloats_ + c * nr;
        for (int n = 0; n < nr; ++n) out[n] = static_cast<float>(u[n]);
      }
    }
  }
}

ConvWinogradF32::Tile ConvWinogradF32::tileAt(int64_t index) const {
  const int m = winograd_.m;
  return {index / (tilesH_ * tilesW_), index / tilesW_ % tilesH_ * m, index % tilesW_ * m};
}

ConvWinogradF32::Memory ConvWinogradF32::memoryOf(void* scratch, int thread) const {
  auto* at = static_cast<std::byte*>(scratch) + scratchPerThread_ * static_cast<size_t>(thread);
  return {reinterpret_cast<const float**>(at), reinterpret_cast<int64_t*>(at + rowsBytes_),
          reinterpret_cast<float*>(at + rowsBytes_ + dstBytes_),
          reinterpret_cast<float*>(at + rowsBytes_ + dstBytes_ + vBytes_)};
}

void ConvWinogradF32::run(const ConvArgsF32& args, int64_t task, int thread) const {
  const Memory memory = memoryOf(args.scratch, thread);
  const int64_t first = task / columnSplits_ * chunkTiles_, part = task % columnSplits_;
  const int64_t count = std::min(chunkTiles_, tiles_ - first);
  const int64_t firstPanel = panels_ * part / columnSplits_;
  const int64_t lastPanel = panels_ * (part + 1) / columnSplits_;
  const int64_t column = firstPanel * gemm_.nr;
  if (count <= 0) return;
  transformInput(args.x, first, count, memory);
  multiply(args.panels, count, firstPanel, lastPanel, memory);
  transformOutput(args, first, count, column, std::min(shape_.o, lastPanel * gemm_.nr) - column,
                  memory);
}

void ConvWinogradF32::transformInput(const float* x, int64_t first, int64_t count,
                                     const Memory& memory) const {
  const int alpha = winograd_.alpha();
  const auto& s = shape_;
  for (int64_t t = 0; t < count; ++t) {
    const Tile tile = tileAt(first + t);
    const float* image = x + tile.image * s.h * s.w * s.c;
    for (int i = 0; i < alpha; ++i) {
      const int64_t ih = tile.oh - s.padTop + i;
      const float* line = image + ih * s.w * s.c;
      for (int j = 0; j < alpha; ++j) {
        const int64_t iw = tile.ow - s.padLeft + j;
        const bool inside = ih >= 0 && ih < s.h && iw >= 0 && iw < s.w;
        memory.rows[i * alpha + j] = inside ? line + iw * s.c : zeros_.data();
      }
    }
    transforms_.input[winograd_.pairs - 1](
        {&winograd_, memory.rows, s.c, memory.v + t * vStride_, vPlane_});
  }
}

void ConvWinogradF32::multiply(const float* panels, int64_t count, int64_t firstPanel,
                               int64_t lastPanel, const Memory& memory) const {
  // Blocks of like height: 16 tiles are 8 + 8 rather than 14 + 2.
  const int64_t blocks = ceilDiv(count, gemm_.mr);
  for (int64_t t = 0; t < count; ++t) memory.dst[t] = t * productStride_;
  GemmTileF32 tile{};
  tile.taps = 1;
  tile.k = shape_.c;
  tile.low = -std::numeric_limits<float>::infinity();
  tile.high = std::numeric_limits<float>::infinity();
  tile.rows = memory.rows;
  const int64_t panelFloats = gemm_.nr * shape_.c;
  const FetchAhead ahead(blocks, panelFloats * int64_t{sizeof(float)}, gemm_.nr * int64_t{sizeof(float)});
  tile.aheadStep = ahead.step();
  for (int64_t position = 0; position < positions_; ++position) {
    const float* v = memory.v + position * vPlane_;
    for (int64_t p = firstPanel; p < lastPanel; ++p) {
      tile.panel = panels + position * positionFloats_ + p * panelFloats;
      tile.n = static_cast<int>(std::min<int64_t>(gemm_.nr, shape_.o - p * gemm_.nr));
      const float* next = nullptr;
      if (p + 1 < lastPanel) {
        next = tile.panel + panelFloats;
      } else if (position + 1 < positions_) {
        next = panels + (position + 1) * positionFloats_ + firstPanel * panelFloats;
      }
      tile.out = memory.products + position * productPlane_ + (p - firstPanel) * gemm_.nr;
      for (int64_t b = 0; b < blocks; ++b) {
        const int64_t begin = count * b / blocks, end = count * (b + 1) / blocks;
        for (int64_t t = begin; t < end; ++t) memory.rows[t - begin] = v + t * vStride_;
        tile.dst = memory.dst + begin;
        tile.ahead = ahead.from(tile.panel, next, b);
        gemm_(tile, static_cast<int>(end - begin));
      }
    }
  }
}

void ConvWinogradF32::transformOutput(const ConvArgsF32& args, int64_t first, int64_t count,
                                      int64_t column, int64_t columns, const Memory& memory) const {
  const auto& s = shape_;
  const int m = winograd_.m;
  WinogradOutputF32 out{};
  out.winograd = &winograd_;
  out.planeStride = productPlane_;
  out.bias = args.bias != nullptr ? args.bias + column : nullptr;
  const int64_t yStep = args.yStep != 0 ? args.yStep : s.o;
  out.lineStride = s.ow * yStep;
  out.pixelStride = yStep;
  out.n = columns;
  out.low = low_;
  out.high = high_;
  for (int64_t t = 0; t < count; ++t) {
    const Tile tile = tileAt(first + t);
    const int64_t at = ((tile.image * s.oh + tile.oh) * s.ow + tile.ow) * yStep + column;
    out.products = memory.products + t * productStride_;
    out.y = args.y + at;
    out.residual = args.residual != nullptr ? args.residual + at : nullptr;
    out.lines = static_cast<int>(std::min<int64_t>(m, s.oh - tile.oh));
    out.columns = static_cast<int>(std::min<int64_t>(m, s.ow - tile.ow));
    transforms_.output[winograd_.pairs - 1][m](out);
    if (activation_.kind == ActivationKind::none) continue;
    for (int j = 0; j < out.columns; ++j) memory.dst[j] = j * yStep;
    for (int i = 0; i < out.lines; ++i) {
      gemm_.activate(activation_, out.y + i * out.lineStride, memory.dst, out.columns, columns);
    }
  }
}

}  // namespace qrt
