// Indices that are data: checked one by one at run time.
#pragma once

#include "graph/ops/dtypes.h"

namespace qrt {

using IndexTypes = TypeList<int32_t, int64_t>;

/// `index` counted from the front, or a message.
inline Result<int64_t> checkedIndex(int64_t index, int64_t dim) {
  if (index >= -dim && index < dim) return index < 0 ? index + dim : index;
  return invalidArgument("index ", index, " into a dimension of ", dim);
}

}  // namespace qrt
