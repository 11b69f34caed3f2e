#include "kernels/winograd/conv_winograd_s8.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace qrt {
namespace {

constexpr int64_t kPositions = WinogradS8::kPositions, kTapCount = WinogradS8::kTaps * WinogradS8::kTaps;

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// V and products of a chunk, which stay in L2 beside a block of U, but no fewer tiles than make up for
// transforming the weights once more.
constexpr int64_t kChunkBytes = 1024 * 1024;
constexpr int64_t kLeastTiles = 56;
// A block of U, and steps of its depth.
constexpr int64_t kBlockBytes = 320 * 1024;
constexpr int64_t kDepthStep = 64;
// What the input transform of a tile costs, in products of a tile and panel; what that of the weights of a
// panel costs, likewise.
constexpr double kInputCost = 0.4, kWeightCost = 8;
// Below, waking a thread costs more than it brings.
constexpr int64_t kSerialMacs = 200'000;

// Elements of a row, not all rows in the same set of L1.
int64_t rowStride(int64_t elements, int64_t size) {
  const int64_t lines = ceilDiv(elements * size, 64);
  return (lines % 16 == 0 ? lines + 1 : lines) * 64 / size;
}
// An odd number of lines: planes go through all sets.
int64_t planeStride(int64_t elements, int64_t size) {
  return (ceilDiv(elements * size, 64) | 1) * 64 / size;
}

}  // namespace

ConvWinogradS8::ConvWinogradS8(const ConvShape& shape, ConvQuantS8 quant,
                               const WinogradKernelS8& kernel, int threads)
    : shape_(shape),
      quant_(std::move(quant)),
      kernel_(kernel),
      threads_(std::max(threads, 1)),
      depth_(ceilDiv(shape.c, kernel.kStep) * kernel.kStep),
      panels_(ceilDiv(shape.o, kernel.nr)),
      panelBytes_(depth_ * kTapCount * kernel.nr),
      tilesH_(ceilDiv(shape.oh, WinogradS8::kOutputs)),
      tilesW_(ceilDiv(shape.ow, WinogradS8::kOutputs)),
      tiles_(shape.n * tilesH_ * tilesW_),
      vStride_(rowStride(ceilDiv(shape.c, kernel.words) * kernel.words, sizeof(int16_t))),
      padding_(static_cast<size_t>(shape.c), static_cast<int8_t>(quant_.zeroX)),
      multipliers_(static_cast<size_t>(panels_ * kernel.nr)) {
  const std::vector<float>& given = quant_.multipliers;
  for (size_t i = 0; i < static_cast<size_t>(shape.o); ++i) {
    multipliers_[i] = given[given.size() == 1 ? 0 : i];
  }
  planWork();
}

void ConvWinogradS8::planWork() {
  const int64_t tileBytes = kPositions * (vStride_ * static_cast<int64_t>(sizeof(int16_t)) +
                                          kernel_.nr * static_cast<int64_t>(sizeof(int32_t)));
  splitWork(std::max<int64_t>(1, ceilDiv(tiles_, std::max(kLeastTiles, kChunkBytes / tileBytes))));
  const int64_t chunkTiles = ceilDiv(tiles_, chunks_);
  const int64_t depthBytes = kPositions * kernel_.nr * static_cast<int64_t>(sizeof(int16_t));
  blockDepth_ = std::min(depth_, kBlockBytes / depthBytes / kDepthStep * kDepthStep);
  vPlane_ = planeStride(chunkTiles * vStride_, sizeof(int16_t));
  uPlane_ = planeStride(blockDepth_ * kernel_.nr, sizeof(int16_t));
  productPlane_ = planeStride(chunkTiles * kernel_.nr, sizeof(int32_t));
  vBytes_ = static_cast<size_t>(kPositions * vPlane_) * sizeof(int16_t);
  uBytes_ = static_cast<size_t>(kPositions * uPlane_) * sizeof(int16_t);
  scratchPerThread_ =
      vBytes_ + uBytes_ + static_cast<size_t>(kPositions * productPlane_) * sizeof(int32_t);
}

// Chunks, at least `least`, and splits of the panels among tasks: what takes least time. Each task transforms
// its inputs and weights.
void ConvWinogradS8::splitWork(int64_t least) {
  const int64_t macs = shape_.n * shape_.oh * shape_.ow * shape_.o * kTapCount * shape_.c;
  const int64_t threads = macs < kSerialMacs ? 1 : threads_;
  double best = std::numeric_limits<double>::infinity();
  for (int64_t chunks = least; chunks <= std::max(least, std::min(tiles_, least + 2 * threads)); ++chunks) {
    for (int64_t splits = 1; splits <= std::min(panels_, threads); ++splits) {
      const auto rounds = static_cast<double>(ceilDiv(chunks * splits, threads));
      const auto tiles = static_cast<double>(ceilDiv(tiles_, chunks));
      const auto panels = static_cast<double>(ceilDiv(panels_, splits));
      const double cost = rounds * (tiles * (panels + kInputCost) + panels * kWeightCost);
      if (cost < best) {
        best = cost;
        chunks_ = chunks;
        columnSplits_ = splits;
      }
    }
  }
}

std::string ConvWinogradS8::packKey() const {
  return concat("winograd_s8_c", kernel_.kr, "_s", kernel_.kStep, "_x", kernel_.nr, "_n", shape_.o,
                "_k", shape_.c);
}

void ConvWinogradS8::pack(const int8_t* weights, std::byte* packed, int64_t task) const {
  const int64_t nr = kernel_.nr, kr = kernel_.kr, c = shape_.c;
  const int64_t columns = std::min(nr, shape_.o - task * nr);
  auto* panel = reinterpret_cast<int8_t*>(packed) + task * panelBytes_;
  std::memset(panel, 0, static_cast<size_t>(panelBytes_));
  auto* sums = reinterpret_cast<int32_t*>(packed + panels_ * panelBytes_) + task * nr;
  std::fill_n(sums, nr, 0);
  const int8_t* from = weights + task * nr * kTapCount * c;
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t tap = 0; tap < kTapCount; ++tap, from += c) {
      for (int64_t k = 0; k < c; ++k) {
        panel[(k / kr * kTapCount + tap) * nr * kr + j * kr + k % kr] = from[k];
        sums[j] += from[k];
      }
    }
  }
}

// Σ (x − zx)·w = Σ x·w − zx·Σ w, in 32 bits that wrap.
void ConvWinogradS8::prepareBias(const std::byte* packed, const int32_t* bias) {
  bias_.assign(static_cast<size_t>(panels_ * kernel_.nr), 0);
  const auto* sums = reinterpret_cast<const int32_t*>(packed + panels_ * panelBytes_);
  for (int64_t o = 0; o < shape_.o; ++o) {
    const int64_t own = bias != nullptr ? bias[o] : 0;
    bias_[static_cast<size_t>(o)] = static_cast<int32_t>(own - int64_t{quant_.zeroX} * sums[o]);
  }
}

ConvWinogradS8::Tile ConvWinogradS8::tileAt(int64_t index) const {
  return {index / (tilesH_ * tilesW_), index / tilesW_ % tilesH_ * WinogradS8::kOutputs,
          index % tilesW_ * WinogradS8::kOutputs};
}

void ConvWinogradS8::run(const ConvArgsS8& args, int64_t task, int thread) const {
  auto* scratch =
      static_cast<std::byte*>(args.scratch) + scratchPerThread_ * static_cast<size_t>(thread);
  const Memory memory = {reinterpret_cast<int16_t*>(scratch),
                         reinterpret_cast<int16_t*>(scratch + vBytes_),
                         reinterpret_cast<int32_t*>(scratch + vBytes_ + uBytes_)};
  const int64_t chunk = task / columnSplits_, part = task % columnSplits_;
  const int64_t first = tiles_ * chunk / chunks_, count = tiles_ * (chunk + 1) / chunks_ - first;
  transformInput(args.x, first, count, memory);
  const int64_t lastPanel = panels_ * (part + 1) / columnSplits_;
  for (int64_t panel = panels_ * part / columnSplits_; panel < lastPanel; ++panel) {
    multiply(reinterpret_cast<const int8_t*>(args.packed) + panel * panelBytes_, count, memory);
    transformOutput(args, first, count, panel, memory);
  }
}

void ConvWinogradS8::transformInput(const int8_t* x, int64_t first, int64_t count,
                                    const Memory& memory) const {
  const ConvShape& s = shape_;
  const int8_t* pixels[kPositions];
  for (int64_t t = 0; t < count; ++t) {
    const Tile tile = tileAt(first + t);
    const int8_t* image = x + tile.image * s.h * s.w * s.c;
    const int8_t** pixel = pixels;
    for (int64_t ih = tile.oh - s.padTop; ih < tile.oh - s.padTop + WinogradS8::kInputs; ++ih) {
      const int64_t left = tile.ow - s.padLeft;
      for (int64_t iw = left; iw < left + WinogradS8::kInputs; ++iw) {
        const bool inside = ih >= 0 && ih < s.h && iw >= 0 && iw < s.w;
        *pixel++ = inside ? image + (ih * s.w + iw) * s.c : padding_.data();
      }
    }
    kernel_.input({pixels, s.c, memory.v + t * vStride_, vPlane_});
  }
}

void ConvWinogradS8::multiply(const int8_t* weights, int64_t count, const Memory& memory) const {
  // Blocks of like height: 16 tiles are 8 + 8 rather than 14 + 2.
  const int64_t blocks = ceilDiv(count, kernel_.mr);
  for (int64_t k = 0; k < depth_; k += blockDepth_) {
    const int64_t depth = std::min(blockDepth_, depth_ - k);
    kernel_.weights({weights + k * kTapCount * kernel_.nr, depth, memory.u, uPlane_});
    WinogradProductS8 product{};
    product.vStride = vStride_;
    product.depth = depth;
    product.add = k > 0;
    for (int64_t position = 0; position < kPositions; ++position) {
      product.u = memory.u + position * uPlane_;
      for (int64_t block = 0; block < blocks; ++block) {
        const int64_t begin = count * block / blocks, end = count * (block + 1) / blocks;
        product.v = memory.v + position * vPlane_ + begin * vStride_ + k;
        product.products = memory.products + position * productPlane_ + begin * kernel_.nr;
        product.m = static_cast<int>(end - begin);
        kernel_.product(product);
      }
    }
  }
}

void ConvWinogradS8::transformOutput(const ConvArgsS8& args, int64_t first, int64_t count,
                                     int64_t panel, const Memory& memory) const {
  const ConvShape& s = shape_;
  const int64_t column = panel * kernel_.nr, yStep = args.yStep != 0 ? args.yStep : s.o;
  int64_t dst[WinogradS8::kOutputs * WinogradS8::kOutputs];
  WinogradOutputS8 out{};
  out.planeStride = productPlane_;
  out.end.bias = bias_.data() + column;
  out.end.multipliers = multipliers_.data() + column;
  out.end.residualZero = quant_.zeroResidual;
  out.end.residualMultiplier = quant_.residualMultiplier;
  out.end.low = static_cast<float>(quant_.low - quant_.zeroY);
  out.end.high = static_cast<float>(quant_.high - quant_.zeroY);
  out.end.zeroPoint = quant_.zeroY;
  out.end.dst = dst;
  out.end.n = static_cast<int>(std::min<int64_t>(kernel_.nr, s.o - column));
  for (int64_t t = 0; t < count; ++t) {
    const Tile tile = tileAt(first + t);
    const int64_t at = ((tile.image * s.oh + tile.oh) * s.ow + tile.ow) * yStep + column;
    out.products = memory.products + t * kernel_.nr;
    out.lines = static_cast<int>(std::min<int64_t>(WinogradS8::kOutputs, s.oh - tile.oh));
    out.columns = static_cast<int>(std::min<int64_t>(WinogradS8::kOutputs, s.ow - tile.ow));
    out.end.m = out.lines * out.columns;
    out.end.out = args.y + at;
    out.end.residual = args.residual != nullptr ? args.residual + at : nullptr;
    int64_t* to = dst;
    for (int64_t i = 0; i < out.lines; ++i) {
      for (int64_t j = 0; j < out.columns; ++j) *to++ = (i * s.ow + j) * yStep;
    }
    kernel_.output(out);
  }
}

}  // namespace qrt
