#include "base/aligned_buffer.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace qrt {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

// Whole pages only, so that no more memory is used than was asked for.
void askForHugePages([[maybe_unused]] std::byte* data, [[maybe_unused]] size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  ::madvise(data, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);  // no matter if the system refuses
#endif
}

}  // namespace

AlignedBuffer::AlignedBuffer(size_t bytes) {
  if (bytes == 0) return;
  const std::align_val_t alignment{bytes < kHugePage ? kAlignment : kHugePage};
  data_ = {static_cast<std::byte*>(::operator new(alignUp(bytes), alignment, std::nothrow)), Free{alignment}};
  if (!data_) return;
  size_ = bytes;
  if (bytes >= kHugePage) askForHugePages(data_.get(), bytes);
}

}  // namespace qrt
