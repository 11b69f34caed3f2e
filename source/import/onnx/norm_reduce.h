// Translators of normalizations, softmax and reductions.
#pragma once

namespace qrt::onnx_import {

class Node;

void translateBatchNormalization(Node& n);
void translateInstanceNormalization(Node& n);
void translateLayerNormalization(Node& n);
void translateLrn(Node& n);
void translateSoftmax(Node& n);  ///< Softmax, LogSoftmax: the table's op
void translateReduce(Node& n);   ///< ReduceMean, Sum, Max, Min: the table's op
void translateArgMax(Node& n);

}  // namespace qrt::onnx_import
