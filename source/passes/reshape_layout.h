// How an order of dims passes through a Reshape.
#pragma once

#include <optional>

#include "passes/permutation.h"

namespace qrt {

/// If `from` is stored in the order `perm`, the order in which a plain reshape then gives `to`;
/// nullopt if dims that the reshape joins would be torn apart, or too little is known.
std::optional<Perm> permThroughReshape(const Shape& from, const Shape& to, const Perm& perm);

}  // namespace qrt
