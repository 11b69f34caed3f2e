// Translators of ops that work element by element.
#pragma once

namespace qrt::onnx_import {

class Node;

void translateSame(Node& n);      ///< the same inputs, no attributes: the table's op
void translateBinary(Node& n);    ///< two inputs, numpy broadcasting: the table's op
void translateVariadic(Node& n);  ///< Sum, Min, Max: a chain of the table's op
void translatePow(Node& n);
void translatePRelu(Node& n);
void translateClip(Node& n);
void translateLeakyRelu(Node& n);
void translateElu(Node& n);
void translateHardSigmoid(Node& n);
void translateCast(Node& n);
void translateDropout(Node& n);

}  // namespace qrt::onnx_import
