// Translators of ops that move, select, resize or describe elements.
#pragma once

namespace qrt::onnx_import {

class Node;

void translateConstant(Node& n);
void translateConstantOfShape(Node& n);
void translateShape(Node& n);
void translateConcat(Node& n);
void translateSplit(Node& n);
void translateSlice(Node& n);
void translatePad(Node& n);
void translateReshape(Node& n);
void translateFlatten(Node& n);
void translateAxes(Node& n);    ///< Squeeze, Unsqueeze: the table's op
void translateGather(Node& n);  ///< Gather, GatherElements: the table's op
void translateTranspose(Node& n);
void translateResize(Node& n);
void translateUpsample(Node& n);

}  // namespace qrt::onnx_import
