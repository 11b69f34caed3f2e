// Backends that do what the contract allows and no real backend would, so that a plan which only works by
// luck gives wrong results.
#pragma once

#include "backends/backend.h"

namespace qrt::test {

/// Runs every op; fills its outputs and its scratch memory with garbage first.
const Backend& hostileBackend();
/// Elementwise ops only; computes in place where it can, destroying the whole of that input's memory before
/// it looks at the other inputs.
const Backend& inPlaceBackend();
/// Elementwise ops and views; wants partitions.
const Backend& groupingBackend();
/// Accepts every layer; those of op Neg fail when they run.
const Backend& failingBackend();

}  // namespace qrt::test
