// Memory aligned for vectors and cache lines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace qrt {

inline constexpr size_t kAlignment = 64;

/// `size` rounded up to a multiple of kAlignment.
constexpr size_t alignUp(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

/// Owned memory at a 64-byte boundary, its size rounded up to 64. Not initialized.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  /// Null data() if the memory cannot be had. Large ones are in huge pages where the system has them: fewer
  /// misses of the TLB.
  explicit AlignedBuffer(size_t bytes);
  /// As a container does it: std::bad_alloc if the memory cannot be had. Not null for 0 bytes either.
  static std::shared_ptr<AlignedBuffer> shared(size_t bytes) {
    const auto buffer = std::make_shared<AlignedBuffer>(std::max<size_t>(bytes, 1));
    if (buffer->data() == nullptr) throw std::bad_alloc();
    buffer->size_ = bytes;
    return buffer;
  }

  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }
  template <class T>
  T* as() const { return reinterpret_cast<T*>(data_.get()); }

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(std::byte* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace qrt
