// Packed weights shared by all sessions over one model.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

#include "base/aligned_buffer.h"
#include "qrt/status.h"

namespace qrt {

/// Thread-safe. An entry lives as long as a session holds it.
class WeightCache {
 public:
  using Packed = std::shared_ptr<const AlignedBuffer>;

  /// The packing of the constant `weights`, which `owner` keeps alive, under `key` (what the kernel's
  /// packing depends on, e.g. "gemm_f32_x32"); made by `pack` the first time.
  Result<Packed> get(const std::shared_ptr<const void>& owner, std::span<const std::byte> weights,
                     const std::string& key,
                     const std::function<Result<AlignedBuffer>()>& pack);

  /// How many packings sessions hold now.
  size_t size();

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<const AlignedBuffer>> entries_;
};

}  // namespace qrt
