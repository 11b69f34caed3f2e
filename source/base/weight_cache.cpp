#include "base/weight_cache.h"

#include <utility>

#include "base/error.h"

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
                                             std::span<const std::byte> weights,
                                             const std::string& key,
                                             const std::function<Result<AlignedBuffer>()>& pack) {
  const std::string name =
      concat(key, '@', static_cast<const void*>(weights.data()), '+', weights.size());
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(name); found != entries_.end()) {
    if (Packed packed = found->second.lock()) return packed;
  }
  // Constants that one session folded for itself come at ever new addresses.
  std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
  Result<AlignedBuffer> packed = pack();
  if (!packed.ok()) return packed.status();
  auto entry = std::make_shared<Entry>(Entry{owner, std::move(packed).value()});
  Packed shared(entry, &entry->packed);
  entries_[name] = shared;
  return shared;
}

size_t WeightCache::size() {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
  return entries_.size();
}

}  // namespace qrt
