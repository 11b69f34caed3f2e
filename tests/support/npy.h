// NumPy's .npy files, as the model zoo has them: version 1.0, little-endian, C order.
#pragma once

#include <filesystem>

#include "graph/graph.h"

namespace qrt::test {

/// The array as a constant tensor whose name is empty.
Result<Tensor> readNpy(const std::filesystem::path& path);

}  // namespace qrt::test
