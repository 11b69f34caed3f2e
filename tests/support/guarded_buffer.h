// Memory whose end is the end of a page, with an inaccessible page behind it: a kernel that reads or
// writes one byte too far dies. In front of it are bytes that must not change.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace qrt::test {

class GuardedBuffer {
 public:
  /// `size` bytes, all 0xA5 (as floats: a small negative number), aligned as size is.
  explicit GuardedBuffer(size_t size) : size_(size) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    body_ = (size + kFront + page - 1) / page * page;
    mapped_ = body_ + page;
    base_ = static_cast<std::byte*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_ + body_, page, PROT_NONE);
    std::memset(base_, kPoison, body_);
  }
  GuardedBuffer(GuardedBuffer&& other) noexcept
      : base_(other.base_), size_(other.size_), body_(other.body_), mapped_(other.mapped_) {
    other.base_ = nullptr;
  }
  GuardedBuffer& operator=(GuardedBuffer&&) = delete;
  ~GuardedBuffer() {
    if (base_ != nullptr) munmap(base_, mapped_);
  }

  std::byte* data() const { return base_ + body_ - size_; }
  size_t size() const { return size_; }
  template <class T>
  T* as() const { return reinterpret_cast<T*>(data()); }
  template <class T>
  std::span<T> span() const { return {as<T>(), size_ / sizeof(T)}; }
  std::span<const std::byte> bytes() const { return {data(), size_}; }
  /// False if something wrote in front of the buffer.
  bool frontIntact() const {
    for (const std::byte* p = base_; p != data(); ++p) {
      if (*p != std::byte{kPoison}) return false;
    }
    return true;
  }

 private:
  static constexpr int kPoison = 0xA5;
  static constexpr size_t kFront = 64;

  std::byte* base_ = nullptr;
  size_t size_;
  size_t body_ = 0;
  size_t mapped_ = 0;
};

}  // namespace qrt::test
