// What each family of layers makes: a primitive of oneDNN and how to call it.
#pragma once

#include <memory>

#include "onednn/layer.h"

/// The handle of the ABI: one compiled layer.
struct QrtProgram {
  virtual ~QrtProgram() = default;
  /// `inputs` in the order of QrtGraph::inputs.
  virtual void run(const QrtBuffer* const* inputs, void* output) = 0;

  const char* name = "";
  uint64_t outputBytes = 0;
  int threads = 1;
};

namespace onednn_plugin {

/// A family of ops: why it refuses a layer ("" if it takes it), and the program of one that it takes.
struct Family {
  std::vector<const char*> ops;
  std::string (*refuse)(const LayerView& layer);
  std::unique_ptr<QrtProgram> (*compile)(const LayerView& layer);
};

extern const Family kFloatSums;    ///< Conv, FullyConnected, MatMul on f32
extern const Family kInt8Sums;     ///< Conv, FullyConnected on s8
extern const Family kPools;        ///< MaxPool, AveragePool
extern const Family kElementwise;  ///< Add, Mul, …, Relu, Sigmoid, … on f32

}  // namespace onednn_plugin
