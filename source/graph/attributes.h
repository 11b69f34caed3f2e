// The attributes of the ops: one small struct each, with a list of its fields. The list is all that
// the file format, `qrt info` and the checks know of them, so adding a field is one line.
//
// `fields(self, visit)` calls visit("name", self.member) for each member. Member types are int32_t,
// bool, float, an enum with kEnumNames, std::array<int32_t, N>, std::vector<int64_t>, Activation.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/activation.h"
#include "graph/op_type.h"
#include "qrt/tensor.h"

namespace qrt {

/// Names of an enum's values in order; files hold the name, so values may be reordered.
template <class E>
inline constexpr std::span<const std::string_view> kEnumNames{};

inline constexpr std::string_view kActivationNames[] = {
    "none", "relu", "clip", "leaky_relu", "elu", "sigmoid", "tanh", "hard_sigmoid", "hard_swish"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<ActivationKind> = kActivationNames;

struct NoAttrs {
  static void fields(auto&, auto&&) {}
};

/// Padding that follows from the input's size, so that there is one output for each stride begun;
/// an odd rest goes below and right, or above and left. Shape rules turn it into pads as soon as
/// height, width and kernel are known: kernels and backends never see it.
enum class AutoPad { none, sameUpper, sameLower };
inline constexpr std::string_view kAutoPadNames[] = {"none", "same_upper", "same_lower"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<AutoPad> = kAutoPadNames;

/// x [N,H,W,I], weights [O,KH,KW,I/groups], bias [O]?, residual [N,OH,OW,O]? → [N,OH,OW,O].
/// out = activation(conv + bias + residual). Depthwise is groups == I.
struct ConvAttrs {
  std::array<int32_t, 2> strides{1, 1};    ///< h, w
  std::array<int32_t, 2> dilations{1, 1};  ///< h, w
  std::array<int32_t, 4> pads{};           ///< top, left, bottom, right; ≥ 0
  int32_t groups = 1;
  Activation activation;
  AutoPad autoPad = AutoPad::none;
  static void fields(auto& self, auto&& visit) {
    visit("strides", self.strides);
    visit("dilations", self.dilations);
    visit("pads", self.pads);
    visit("groups", self.groups);
    visit("activation", self.activation);
    visit("auto_pad", self.autoPad);
  }
};

/// x [N,H,W,I], weights [O,KH,KW,I/groups], bias [O]? → [N,OH,OW,O],
/// OH = (H − 1)·stride + (KH − 1)·dilation + 1 + outputPad − top − bottom.
struct ConvTransposeAttrs {
  std::array<int32_t, 2> strides{1, 1};
  std::array<int32_t, 2> dilations{1, 1};
  std::array<int32_t, 4> pads{};  ///< top, left, bottom, right: rows and columns cut off the result
  std::array<int32_t, 2> outputPads{};  ///< added at the bottom and right, < stride or dilation
  int32_t groups = 1;
  Activation activation;
  static void fields(auto& self, auto&& visit) {
    visit("strides", self.strides);
    visit("dilations", self.dilations);
    visit("pads", self.pads);
    visit("output_pads", self.outputPads);
    visit("groups", self.groups);
    visit("activation", self.activation);
  }
};

/// x [M,I], weights [O,I], bias [O]? → [M,O].
struct FullyConnectedAttrs {
  Activation activation;
  static void fields(auto& self, auto&& visit) { visit("activation", self.activation); }
};

/// Add, Sub, Mul, Div with numpy broadcasting, then the activation.
struct BinaryAttrs {
  Activation activation;
  static void fields(auto& self, auto&& visit) { visit("activation", self.activation); }
};

/// Where an AveragePool of integers rounds a tie: by the rule of all int8 layers, or the integers' mean away from zero
/// or up, as TensorFlow Lite does of s8 and u8.
enum class PoolTies { even, away, up };
inline constexpr std::string_view kPoolTiesNames[] = {"even", "away", "up"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<PoolTies> = kPoolTiesNames;

/// x [N,H,W,C] → [N,OH,OW,C].
struct PoolAttrs {
  std::array<int32_t, 2> kernel{1, 1};
  std::array<int32_t, 2> strides{1, 1};
  std::array<int32_t, 2> dilations{1, 1};  ///< MaxPool only
  std::array<int32_t, 4> pads{};           ///< top, left, bottom, right
  bool ceilMode = false;  ///< round the output size up; windows start inside the input or left padding
  bool countIncludePad = false;  ///< AveragePool: padding counts in the divisor
  PoolTies ties = PoolTies::even;  ///< AveragePool of s8 with one scale
  AutoPad autoPad = AutoPad::none;
  static void fields(auto& self, auto&& visit) {
    visit("kernel", self.kernel);
    visit("strides", self.strides);
    visit("dilations", self.dilations);
    visit("pads", self.pads);
    visit("ceil_mode", self.ceilMode);
    visit("count_include_pad", self.countIncludePad);
    visit("ties", self.ties);
    visit("auto_pad", self.autoPad);
  }
};

/// Clip: min(max(x, min), max); unbounded by default.
struct ClipAttrs {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
  static void fields(auto& self, auto&& visit) {
    visit("min", self.min);
    visit("max", self.max);
  }
};

/// LeakyRelu, Elu.
struct AlphaAttrs {
  float alpha = 0;
  static void fields(auto& self, auto&& visit) { visit("alpha", self.alpha); }
};

/// min(max(alpha·x + beta, 0), 1)
struct HardSigmoidAttrs {
  float alpha = 0.2f;
  float beta = 0.5f;
  static void fields(auto& self, auto&& visit) {
    visit("alpha", self.alpha);
    visit("beta", self.beta);
  }
};

/// Softmax, LogSoftmax, Concat, Gather, GatherElements: 0 ≤ axis < rank. Flatten: [0, rank].
/// Importers may leave an axis negative where the rank is unknown; it counts from the end.
struct AxisAttrs {
  int32_t axis = 0;
  static void fields(auto& self, auto&& visit) { visit("axis", self.axis); }
};

/// Squeeze: the dims to drop (empty: all of size 1). Unsqueeze: where in the output the new dims are.
struct AxesAttrs {
  std::vector<int64_t> axes;
  static void fields(auto& self, auto&& visit) { visit("axes", self.axes); }
};

/// x → pieces along an axis. Empty sizes: as many equal pieces as outputs, the last may be smaller.
struct SplitAttrs {
  int32_t axis = 0;
  std::vector<int64_t> sizes;
  static void fields(auto& self, auto&& visit) {
    visit("axis", self.axis);
    visit("sizes", self.sizes);
  }
};

/// Output dim i is input dim perm[i]. Empty: reverse the dims.
struct TransposeAttrs {
  std::vector<int64_t> perm;
  static void fields(auto& self, auto&& visit) { visit("perm", self.perm); }
};

enum class PadMode { constant, reflect, edge };
inline constexpr std::string_view kPadModeNames[] = {"constant", "reflect", "edge"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<PadMode> = kPadModeNames;

/// x, pads s64 [2·rank] (all begins, then all ends; negative crops), value (one element)? → padded.
struct PadAttrs {
  PadMode mode = PadMode::constant;
  static void fields(auto& self, auto&& visit) { visit("mode", self.mode); }
};

enum class ResizeMode { nearest, linear, cubic };
inline constexpr std::string_view kResizeModeNames[] = {"nearest", "linear", "cubic"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<ResizeMode> = kResizeModeNames;

enum class ResizeCoordinates { halfPixel, pytorchHalfPixel, alignCorners, asymmetric, tfHalfPixelForNearest };
inline constexpr std::string_view kResizeCoordinatesNames[] = {
    "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<ResizeCoordinates> =
    kResizeCoordinatesNames;

enum class ResizeRounding { preferFloor, preferCeil, floor, ceil };
inline constexpr std::string_view kResizeRoundingNames[] = {"round_prefer_floor",
                                                            "round_prefer_ceil", "floor", "ceil"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<ResizeRounding> =
    kResizeRoundingNames;

/// x, scales f32 [rank]?, sizes s64 [rank]? (exactly one of the two) → resized, any rank.
/// Formulas: the ONNX operator reference, Resize-13.
struct ResizeAttrs {
  ResizeMode mode = ResizeMode::nearest;
  ResizeCoordinates coordinates = ResizeCoordinates::halfPixel;
  ResizeRounding rounding = ResizeRounding::preferFloor;  ///< nearest only
  float cubicCoefficient = -0.75f;
  bool excludeOutside = false;  ///< cubic only: weights of samples outside become 0
  static void fields(auto& self, auto&& visit) {
    visit("mode", self.mode);
    visit("coordinates", self.coordinates);
    visit("rounding", self.rounding);
    visit("cubic_coefficient", self.cubicCoefficient);
    visit("exclude_outside", self.excludeOutside);
  }
};

/// How the C input channels of DepthToSpace are laid out: depth-column-row or column-row-depth.
enum class DepthToSpaceMode { dcr, crd };
inline constexpr std::string_view kDepthToSpaceModeNames[] = {"dcr", "crd"};
template <>
inline constexpr std::span<const std::string_view> kEnumNames<DepthToSpaceMode> =
    kDepthToSpaceModeNames;

/// [N,H,W,C·b²] → [N,H·b,W·b,C]. dcr: input channel = (by·b + bx)·C + c; crd: (c·b + by)·b + bx.
struct DepthToSpaceAttrs {
  int32_t blockSize = 1;
  DepthToSpaceMode mode = DepthToSpaceMode::dcr;
  static void fields(auto& self, auto&& visit) {
    visit("block_size", self.blockSize);
    visit("mode", self.mode);
  }
};

/// [N,H·b,W·b,C] → [N,H,W,C·b²], output channel = (by·b + bx)·C + c.
struct SpaceToDepthAttrs {
  int32_t blockSize = 1;
  static void fields(auto& self, auto&& visit) { visit("block_size", self.blockSize); }
};

/// BatchNormalization (x, scale, bias, mean, variance): axis is the channel dim.
/// InstanceNormalization (x, scale, bias): axis is the channel dim, statistics over all dims but it
/// and dim 0. LayerNormalization (x, scale, bias?) → y, mean?, 1/deviation?: statistics over dims
/// axis … rank − 1.
struct NormAttrs {
  float epsilon = 1e-5f;
  int32_t axis = 1;  ///< may be negative: counts from the end
  static void fields(auto& self, auto&& visit) {
    visit("epsilon", self.epsilon);
    visit("axis", self.axis);
  }
};

/// y = x / (bias + alpha/size · Σ x²)^beta over `size` channels around each; axis is the channel dim.
struct LrnAttrs {
  int32_t size = 1;
  float alpha = 1e-4f;
  float beta = 0.75f;
  float bias = 1.0f;
  int32_t axis = 1;
  static void fields(auto& self, auto&& visit) {
    visit("size", self.size);
    visit("alpha", self.alpha);
    visit("beta", self.beta);
    visit("bias", self.bias);
    visit("axis", self.axis);
  }
};

/// Empty axes: all dims.
struct ReduceAttrs {
  std::vector<int64_t> axes;
  bool keepDims = true;
  static void fields(auto& self, auto&& visit) {
    visit("axes", self.axes);
    visit("keep_dims", self.keepDims);
  }
};

/// Output is s64.
struct ArgMaxAttrs {
  int32_t axis = 0;
  bool keepDims = true;
  bool selectLast = false;  ///< of equal values the last index instead of the first
  static void fields(auto& self, auto&& visit) {
    visit("axis", self.axis);
    visit("keep_dims", self.keepDims);
    visit("select_last", self.selectLast);
  }
};

struct CastAttrs {
  DType to = DType::f32;
  static void fields(auto& self, auto&& visit) { visit("to", self.to); }
};

/// The dims [start, end) of the input's shape as s64; negative counts from the end, clamped.
struct ShapeAttrs {
  int32_t start = 0;
  int32_t end = std::numeric_limits<int32_t>::max();
  static void fields(auto& self, auto&& visit) {
    visit("start", self.start);
    visit("end", self.end);
  }
};

using Attributes =
    std::variant<NoAttrs, ConvAttrs, ConvTransposeAttrs, FullyConnectedAttrs, BinaryAttrs, PoolAttrs,
                 ClipAttrs, AlphaAttrs, HardSigmoidAttrs, AxisAttrs, AxesAttrs, SplitAttrs,
                 TransposeAttrs, PadAttrs, ResizeAttrs, DepthToSpaceAttrs, SpaceToDepthAttrs,
                 NormAttrs, LrnAttrs, ReduceAttrs, ArgMaxAttrs, CastAttrs, ShapeAttrs>;

/// The attributes of `op` with their defaults; the alternative is the one of QRT_OP_LIST.
Attributes defaultAttributes(OpType op);

/// What an Activation fused behind a layer computes, as the layer it came from would.
float applyActivation(const Activation& activation, float x);
/// The same in double, for reference kernels.
double applyActivation(const Activation& activation, double x);

}  // namespace qrt
