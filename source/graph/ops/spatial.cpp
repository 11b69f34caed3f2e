#include "graph/ops/spatial.h"

#include <limits>

namespace qrt {
namespace {

constexpr int64_t kMostWindow = int64_t{1} << 24;

Status checkInput(int64_t in, int axis) {
  return in == 0 ? invalidArgument("input ", kSpatialNames[axis], " is 0, wanted at least 1")
                 : Status();
}

}  // namespace

std::optional<int32_t> samePadding(const Window& window, int64_t in) {
  // With stride 1 it is the same for every size.
  const int64_t size = in == Shape::kUnknown && window.stride == 1 ? 1 : in;
  if (size < 1 || window.kernel < 1 || window.stride < 1) return std::nullopt;
  const int64_t last = (size - 1) % window.stride + 1;  // positions from the last window's start on
  const int64_t total = std::max<int64_t>(window.extent() - last, 0);
  return static_cast<int32_t>(std::min<int64_t>(total, std::numeric_limits<int32_t>::max()));
}

Status checkWindow(const Window& window, int axis) {
  const auto check = [axis](const char* what, int64_t value, int64_t least) -> Status {
    if (value >= least && value <= kMostWindow) return {};
    return invalidArgument(what, " (", kSpatialNames[axis], ") is ", value, ", wanted ", least,
                           " to ", kMostWindow);
  };
  if (window.kernel != Shape::kUnknown) {
    QRT_RETURN_IF_ERROR(check("kernel size", window.kernel, 1));
  }
  QRT_RETURN_IF_ERROR(check("stride", window.stride, 1));
  QRT_RETURN_IF_ERROR(check("dilation", window.dilation, 1));
  QRT_RETURN_IF_ERROR(check("padding before", window.padBegin, 0));
  return check("padding after", window.padEnd, 0);
}

Result<int64_t> slidingOutput(int64_t in, const Window& window, int axis, bool ceilMode) {
  QRT_RETURN_IF_ERROR(checkInput(in, axis));
  if (in == Shape::kUnknown || window.kernel == Shape::kUnknown) return Shape::kUnknown;
  const int64_t room = in + window.padBegin + window.padEnd - window.extent();
  if (room < 0) {
    return invalidArgument("the kernel covers ", window.extent(), " of ", kSpatialNames[axis],
                           ", more than the padded input's ", room + window.extent(),
                           ": the output would be empty");
  }
  if (!ceilMode) return room / window.stride + 1;
  const int64_t out = (room + window.stride - 1) / window.stride + 1;
  return (out - 1) * window.stride >= in + window.padBegin ? out - 1 : out;
}

Result<int64_t> transposedOutput(int64_t in, const Window& window, int axis, int64_t outputPad) {
  QRT_RETURN_IF_ERROR(checkInput(in, axis));
  const int64_t mostPad = std::max(window.stride, window.dilation) - 1;
  if (outputPad < 0 || outputPad > mostPad) {
    return invalidArgument("output padding (", kSpatialNames[axis], ") is ", outputPad,
                           ", wanted 0 to ", mostPad, ", less than the stride or the dilation");
  }
  if (in == Shape::kUnknown || window.kernel == Shape::kUnknown) return Shape::kUnknown;
  const int64_t whole = (in - 1) * window.stride + window.extent() + outputPad;
  const int64_t out = whole - window.padBegin - window.padEnd;
  if (out >= 1) return out;
  return invalidArgument("padding ", window.padBegin, " and ", window.padEnd, " cuts all ", whole,
                         " of the output's ", kSpatialNames[axis]);
}

}  // namespace qrt
