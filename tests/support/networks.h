// Networks of the shapes that people use, with few channels and random weights.
#pragma once

#include <vector>

#include "graph/model_data.h"

namespace qrt::test {

/// Depthwise separable chain, 1000/16 classes; input "x" [?,size,size,3].
Model mobileNet(int64_t size);
/// Bottleneck blocks with residual additions.
Model resNet(int64_t size);
/// Fire modules: squeeze, two expansions, concatenation.
Model squeezeNet(int64_t size);
/// Dense blocks: each layer reads the concatenation of all before it.
Model denseNet(int64_t size);
/// Encoder and decoder with long skips, resized by ConvTranspose.
Model uNet(int64_t size);

struct NamedNetwork {
  const char* name;
  Model (*make)(int64_t size);
};
inline constexpr NamedNetwork kNetworks[] = {{"mobilenet", mobileNet},
                                             {"resnet", resNet},
                                             {"squeezenet", squeezeNet},
                                             {"densenet", denseNet},
                                             {"unet", uNet}};

}  // namespace qrt::test
