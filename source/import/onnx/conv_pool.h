// Translators of ops that slide a window over the picture. ONNX has channels first, we have them
// last: each becomes Transpose → layer → Transpose, which passes/ cancel where they meet.
#pragma once

namespace qrt::onnx_import {

class Node;

void translateConv(Node& n);
void translateConvTranspose(Node& n);
void translatePool(Node& n);        ///< MaxPool, AveragePool: the table's op
void translateGlobalPool(Node& n);  ///< a reduction, the table's op, over all dims but two
void translateDepthToSpace(Node& n);
void translateSpaceToDepth(Node& n);
void translateQLinearConv(Node& n);

}  // namespace qrt::onnx_import
