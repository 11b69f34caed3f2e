// What reader and writer share of the file's layout; the words are those of schema/model.fbs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"

namespace qrt {

static_assert(std::endian::native == std::endian::little, "constants are used in place");

inline constexpr uint32_t kMagic = 'Q' | 'R' << 8 | 'T' << 16 | '1' << 24;
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kPreludeBytes = 64;
/// FlatBuffers' own limit is 2 GiB.
inline constexpr size_t kMaxHeaderBytes = size_t{1} << 30;

}  // namespace qrt
