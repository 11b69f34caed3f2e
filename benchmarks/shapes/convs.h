// Layers of real nets, batch 1, for bench_kernels and for tests that want real sizes.
#pragma once

#include <cstdint>

namespace qrt::shapes {

/// A Conv with "same" padding, dilation · (k − 1) / 2, and ReLU; groups = c is depthwise.
struct Conv {
  const char* name;
  int64_t size, c, o;  ///< height and width of the input, channels in and out
  int64_t k;
  int32_t stride;
  int32_t groups = 1, dilation = 1;
  int64_t width = 0;  ///< 0: as the height
};

// Products of 784 × K by K × N: what the issues state goals for.
inline constexpr Conv kGemms[] = {
    {"gemm/784x512x512", 28, 512, 512, 1, 1},
    {"gemm/784x2048x64", 28, 2048, 64, 1, 1},
    {"gemm/784x64x2048", 28, 64, 2048, 1, 1},
};

// ResNet-50 (He et al. 2015, table 1; stride in the 3×3), each shape once.
inline constexpr Conv kResNet50[] = {
    {"resnet50/conv1", 224, 3, 64, 7, 2},
    {"resnet50/2_1x1a", 56, 64, 64, 1, 1},
    {"resnet50/2_3x3", 56, 64, 64, 3, 1},
    {"resnet50/2_1x1b", 56, 64, 256, 1, 1},
    {"resnet50/2_1x1c", 56, 256, 64, 1, 1},
    {"resnet50/3_1x1a", 56, 256, 128, 1, 1},
    {"resnet50/3_3x3s2", 56, 128, 128, 3, 2},
    {"resnet50/3_down", 56, 256, 512, 1, 2},
    {"resnet50/3_3x3", 28, 128, 128, 3, 1},
    {"resnet50/3_1x1b", 28, 128, 512, 1, 1},
    {"resnet50/3_1x1c", 28, 512, 128, 1, 1},
    {"resnet50/4_1x1a", 28, 512, 256, 1, 1},
    {"resnet50/4_3x3s2", 28, 256, 256, 3, 2},
    {"resnet50/4_down", 28, 512, 1024, 1, 2},
    {"resnet50/4_3x3", 14, 256, 256, 3, 1},
    {"resnet50/4_1x1b", 14, 256, 1024, 1, 1},
    {"resnet50/4_1x1c", 14, 1024, 256, 1, 1},
    {"resnet50/5_1x1a", 14, 1024, 512, 1, 1},
    {"resnet50/5_3x3s2", 14, 512, 512, 3, 2},
    {"resnet50/5_down", 14, 1024, 2048, 1, 2},
    {"resnet50/5_3x3", 7, 512, 512, 3, 1},
    {"resnet50/5_1x1b", 7, 512, 2048, 1, 1},
    {"resnet50/5_1x1c", 7, 2048, 512, 1, 1},
    {"resnet50/fc", 1, 2048, 1000, 1, 1},
};

// MobileNetV1 1.0-224 (Howard et al. 2017, table 1).
inline constexpr Conv kMobileNetV1[] = {
    {"mobilenet/conv1", 224, 3, 32, 3, 2},
    {"mobilenet/dw2", 112, 32, 32, 3, 1, 32},
    {"mobilenet/pw2", 112, 32, 64, 1, 1},
    {"mobilenet/dw3s2", 112, 64, 64, 3, 2, 64},
    {"mobilenet/pw3", 56, 64, 128, 1, 1},
    {"mobilenet/dw4", 56, 128, 128, 3, 1, 128},
    {"mobilenet/pw4", 56, 128, 128, 1, 1},
    {"mobilenet/dw5s2", 56, 128, 128, 3, 2, 128},
    {"mobilenet/pw5", 28, 128, 256, 1, 1},
    {"mobilenet/dw6", 28, 256, 256, 3, 1, 256},
    {"mobilenet/pw6", 28, 256, 256, 1, 1},
    {"mobilenet/dw7s2", 28, 256, 256, 3, 2, 256},
    {"mobilenet/pw7", 14, 256, 512, 1, 1},
    {"mobilenet/dw8", 14, 512, 512, 3, 1, 512},
    {"mobilenet/pw8", 14, 512, 512, 1, 1},
    {"mobilenet/dw13s2", 14, 512, 512, 3, 2, 512},
    {"mobilenet/pw13", 7, 512, 1024, 1, 1},
    {"mobilenet/dw14", 7, 1024, 1024, 3, 1, 1024},
    {"mobilenet/pw14", 7, 1024, 1024, 1, 1},
};

// Windows of stride 1: ResNet-18 and -50, VGG-16 (Simonyan & Zisserman 2014, table 1, D), SqueezeNet 1.1
// (Iandola et al. 2016), and larger ones as in AlexNet, Inception and enlarged 7×7.
inline constexpr Conv kWindows[] = {
    {"resnet/2_3x3", 56, 64, 64, 3, 1},
    {"resnet/3_3x3", 28, 128, 128, 3, 1},
    {"resnet/4_3x3", 14, 256, 256, 3, 1},
    {"resnet/5_3x3", 7, 512, 512, 3, 1},
    {"vgg16/1_1", 224, 3, 64, 3, 1},
    {"vgg16/1_2", 224, 64, 64, 3, 1},
    {"vgg16/2_1", 112, 64, 128, 3, 1},
    {"vgg16/2_2", 112, 128, 128, 3, 1},
    {"vgg16/3_1", 56, 128, 256, 3, 1},
    {"vgg16/3_2", 56, 256, 256, 3, 1},
    {"vgg16/4_1", 28, 256, 512, 3, 1},
    {"vgg16/4_2", 28, 512, 512, 3, 1},
    {"vgg16/5_1", 14, 512, 512, 3, 1},
    {"squeezenet/2_3x3", 55, 16, 64, 3, 1},
    {"squeezenet/4_3x3", 27, 32, 128, 3, 1},
    {"squeezenet/6_3x3", 13, 48, 192, 3, 1},
    {"squeezenet/8_3x3", 13, 64, 256, 3, 1},
    {"window/2x2", 28, 128, 128, 2, 1},
    {"window/4x4", 28, 128, 128, 4, 1},
    {"window/5x5", 28, 64, 96, 5, 1},
    {"window/6x6", 28, 64, 96, 6, 1},
    {"window/7x7", 28, 64, 96, 7, 1},
};

}  // namespace qrt::shapes
