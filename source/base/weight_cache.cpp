#include "base/weight_cache.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace qrt {
namespace {

// Keeps the source alive with its packing, so that no other constant can get the same address while the
// entry is valid.
struct Entry {
  std::shared_ptr<const void> owner;
  AlignedBuffer packed;
};

}  // namespace

Result<WeightCache::Packed> WeightCache::get(const std::shared_ptr<const void>& owner,
                                             const void* weights, const std::string& key,
                                             const std::function<Result<AlignedBuffer>()>& pack) {
  char address[32];
  std::snprintf(address, sizeof address, "@%p", weights);
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const AlignedBuffer>& slot = entries_[key + address];
  if (Packed packed = slot.lock()) return packed;
  Result<AlignedBuffer> packed = pack();
  if (!packed.ok()) return packed.status();
  auto entry = std::make_shared<Entry>(Entry{owner, std::move(packed).value()});
  Packed shared(entry, &entry->packed);
  slot = shared;
  return shared;
}

size_t WeightCache::size() {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
    return !entry.second.expired();
  }));
}

}  // namespace qrt
