// How convolutions and products are cut into calls of a GEMM microkernel, for any element type: which
// rows of A each output needs, how the work is cut for caches and threads. ConvF32 and ConvS8 plan
// with this and add their kernels.
//
// A convolution is planned as phases. Conv has one; ConvTranspose has one per remainder of the
// output position by the stride, since outputs of one phase use the same taps of the window and so
// form a convolution of their own. Output q = (qh, qw) of a phase is pixel (oh0 + qh·ohStep, ow0 +
// qw·owStep), and its tap t reads input pixel (qh·ihStep + taps[t].ih, qw·iwStep + taps[t].iw), or
// the padding value outside. A slice is one product: a phase for one group, or one matrix of a batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/row_range.h"

namespace qrt {

/// Sizes of a Conv or ConvTranspose; x [n,h,w,c], y [n,oh,ow,o], weights [o,kh,kw,c/groups].
struct ConvShape {
  int64_t n = 1, h = 1, w = 1, c = 1;
  int64_t oh = 1, ow = 1, o = 1;
  int64_t kh = 1, kw = 1;
  int64_t strideH = 1, strideW = 1;
  int64_t dilationH = 1, dilationW = 1;
  int64_t padTop = 0, padLeft = 0;
  int64_t groups = 1;
  bool transposed = false;
};

/// The input rows that the windows of output rows `rows` of a Conv reach, padding aside.
RowRange windowRows(const ConvShape& shape, RowRange rows);

/// Sizes of batched products: y[i] = a[aIndex[i]] · b[bIndex[i]], a [·,m,k], b [·,k,n].
struct MatMulShape {
  int64_t m = 1, k = 1, n = 1;
  std::vector<int64_t> aIndex, bIndex;
  int64_t bCount = 1;
};

/// What a plan has to know of the microkernel that it is for.
struct ConvTarget {
  int mr, nr;
  int64_t kStep = 1;         ///< taps·k is padded to a multiple
  int64_t elementBytes = 4;  ///< of A as the kernel reads it
  bool gathers = false;      ///< the rows of A are copied together before the kernel sees them
  int64_t fewChannels = 12;  ///< up to so many, a row of the window is one tap, k = kw · c
  int64_t serialMacs = 50'000;  ///< below, waking a thread costs more than it brings
  int64_t taskMacs = 1'000'000;  ///< of a task, where there are more than one per thread
};

class ConvPlan {
 public:
  struct Tap {
    int64_t ih, iw;
    int64_t offset;  ///< of its pixel in x, from the pixel that the output stands on
  };
  struct Phase {
    int64_t rows, columns;  ///< outputs of one image
    int64_t oh0, ow0, ohStep, owStep, ihStep, iwStep;
    std::vector<Tap> taps;
    /// Output positions in the input between which all taps lie inside the image.
    int64_t insideTop, insideLeft, insideBottom, insideRight;
    bool plain;           ///< output i reads row i of x as it stands
    int64_t depth;        ///< taps·k, padded to kStep
    int64_t blocks;       ///< of mr outputs
    int64_t chunkBlocks;  ///< blocks whose A rows share the cache while B panels pass
    int64_t chunks, columnSplits;
  };
  /// Elements of B that one or more slices multiply by.
  struct Pack {
    size_t phase;
    int64_t b, panels;  ///< offsets
    std::vector<int64_t> tapOffsets;
  };
  struct Slice {
    size_t phase, pack;
    int64_t x, channel, y;  ///< offsets
    int64_t firstTask;
  };
  /// How rows of A come about: pointers into x; the same with whole window rows as taps, copied
  /// where they hang over the border, so that few channels still make a long k; or all copied,
  /// where the distance of rows in x would map them to the same cache set.
  enum class RowMode { direct, segments, copied };
  /// One task: the blocks and panels of a slice that it computes.
  struct Work {
    const Slice& slice;
    const Phase& phase;
    int64_t outputs;  ///< of the phase
    int64_t firstBlock, lastBlock, firstPanel, lastPanel;
  };

  ConvPlan(const ConvShape& shape, const ConvTarget& target, int threads);
  ConvPlan(const MatMulShape& shape, const ConvTarget& target, int threads);

  int64_t k() const { return k_; }  ///< per tap
  int64_t n() const { return n_; }  ///< output channels of a slice
  int64_t kStride() const { return kStride_; }
  int64_t nStride() const { return nStride_; }
  int64_t groups() const { return shape_.groups; }
  int64_t panelCount() const { return (n_ + target_.nr - 1) / target_.nr; }
  int64_t pixelStep() const { return shape_.c; }  ///< elements of x between rows of a plain phase
  int64_t outputStep() const { return shape_.o; }  ///< elements of a dense y between pixels
  int64_t inputElements() const { return inputElements_; }
  int64_t packedElements() const { return packedElements_; }
  const std::vector<Phase>& phases() const { return phases_; }
  const std::vector<Pack>& packs() const { return packs_; }
  const std::vector<Slice>& slices() const { return slices_; }
  int threads() const { return threads_; }
  bool serial() const { return serial_; }
  int64_t taskCount() const { return taskCount_; }
  int64_t maxTaps() const { return maxTaps_; }
  int64_t maxDepth() const { return maxDepth_; }
  int64_t maxChunkBlocks() const { return maxChunkBlocks_; }
  int64_t copyStride() const { return copyStride_; }  ///< elements of room per row that fillRows() may copy

  /// What the packing depends on beside b and the element type, for WeightCache.
  std::string packKey() const;
  Work work(int64_t task) const;

  /// Tasks of one image in units of consecutive outputs, `unitTasks()` tasks each; no units if the outputs are
  /// not in order, or too few.
  int64_t units() const;
  int64_t unitTasks() const { return phases_[0].columnSplits; }
  RowRange rowsWritten(int64_t unit) const;  ///< of y; the first and last perhaps in part
  RowRange rowsRead(int64_t unit) const;     ///< of x

  /// For outputs first … first + count − 1 of a phase: row i of tap t to rows[t·mr + i], or to
  /// `padding` (k elements) where it lies outside, and where output i goes to dst[i], pixels of y being
  /// `yStep` apart. A row that must be copied goes to copies + (t·mr + i)·copyStride().
  template <class T>
  void fillRows(const Phase& phase, const T* x, int64_t first, int count, const T* padding,
                const T** rows, int64_t* dst, int64_t yStep, T* copies) const;

 private:
  void planPhase(int64_t phaseH, int64_t phaseW);
  void planWork(int64_t macs);
  void findInside(Phase& phase) const;
  template <class T>
  void fillLine(const Phase& phase, const T* image, int64_t qh, int64_t qw, int count,
                const T* padding, const T** rows, T* copies) const;
  template <class T>
  const T* borderRow(const T* image, int64_t ih, int64_t iw, const T* padding, T* copy) const;

  ConvShape shape_;
  ConvTarget target_;
  int threads_;
  int64_t k_ = 1, n_ = 1;
  int64_t kStride_ = 1, nStride_ = 1;  ///< of b
  RowMode rowMode_ = RowMode::direct;
  int64_t copyStride_ = 0;
  std::vector<Phase> phases_;
  std::vector<Slice> slices_;
  std::vector<Pack> packs_;
  int64_t inputElements_ = 0;
  int64_t packedElements_ = 0;
  int64_t taskCount_ = 0, maxTaps_ = 0, maxDepth_ = 0, maxChunkBlocks_ = 0;
  bool serial_ = false, small_ = false;
};

}  // namespace qrt
