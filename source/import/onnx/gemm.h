// Translator of Gemm: alpha·A'·B' + beta·C.
#pragma once

namespace qrt::onnx_import {

class Node;

void translateGemm(Node& n);

}  // namespace qrt::onnx_import
