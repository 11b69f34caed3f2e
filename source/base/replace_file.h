// Writes a file so that its name always stands for a whole one: the old until the new is complete.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "qrt/status.h"

namespace qrt {

/// Writes `pieces` one after the other to a temporary name in the folder of `path`, syncs, and
/// renames. Links are followed, and the mode of an old file stays. On failure (ioError, naming the path) `path` is as it was and the temporary file is
/// gone.
Status replaceFile(const std::filesystem::path& path,
                   std::span<const std::span<const std::byte>> pieces);

}  // namespace qrt
