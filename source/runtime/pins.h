// Which layers a user's pins mean.
//
// A pin names layers by
//   - the name of one ("conv1"), whatever characters it has,
//   - a pattern ("block3/*"): '*' stands for any characters, '?' for one,
//   - a range ("conv1..conv9"): these two and what lies between them in execution order,
//   - an op ("op:Conv").
// A name wins over patterns and ranges, these win over ops.
#pragma once

#include <map>
#include <string>

#include "backends/backend.h"

namespace qrt {

/// By what is pinned, as the user wrote it.
using Pins = std::map<std::string, const Backend*>;

/// The pinned layers: by name. Names are those of `model` and of `prepared`, which was made from it; a name that
/// neither has is kept, for the caller to judge. Errors: notFound (a pattern, range or op that no layer has, with the
/// nearest), invalidArgument (two pins of equal right on one layer).
Result<Pins> resolvePins(const Pins& pins, const Graph& model, const Graph& prepared);

}  // namespace qrt
