// docs/ops.md is written from the tables that the importers and backends work by. With QRT_UPDATE_DOCS set the
// test writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "backends/kernel_family.h"
#include "graph/op.h"
#include "graph/quantized.h"
#include "import/onnx/op_table.h"
#include "import/tflite/op_table.h"
#include "support/support.h"

namespace qrt::test {
namespace {

const FamilyBackend& cpu(std::string_view name) {
  return dynamic_cast<const FamilyBackend&>(*findBackend(name));
}

bool inFloat(OpType op) { return cpu("cpu-float").hasKernels(op); }
bool inInt8(OpType op) {
  return cpu("cpu-int8").hasKernels(op) && (int8Form(op) != Int8Form::none || op == OpType::Quantize ||
                                            op == OpType::Dequantize || op == OpType::Requantize);
}
const char* mark(bool yes) { return yes ? "yes" : "–"; }

std::vector<OpType> allOps() {
  std::vector<OpType> ops;
#define QRT_ADD(name, attributes) ops.push_back(OpType::name);
  QRT_OP_LIST(QRT_ADD)
#undef QRT_ADD
  return ops;
}

// What an imported op becomes, and the backends that have kernels for all of it.
void describe(std::ostream& out, std::span<const OpType> ops) {
  for (size_t i = 0; i < ops.size(); ++i) out << (i == 0 ? " " : ", ") << opName(ops[i]);
  if (ops.empty()) out << " a constant";
  out << " | " << mark(std::all_of(ops.begin(), ops.end(), inFloat)) << " | "
      << mark(std::all_of(ops.begin(), ops.end(), inInt8)) << " |\n";
}

std::string document() {
  std::ostringstream out;
  out << R"(# Ops

What is imported, what it becomes, and which backends have kernels for it. `reference` computes every op; a backend may
refuse a layer for its shape or dtypes, and `qrt info MODEL --placement` then says why. Conversions between layouts and
precisions are added where they are needed. This page is written by a test from the tables that the code works by.

## ONNX

Opsets 7 to 18; *from* is the oldest opset whose meaning is known. Several ops: a chain of them, or a choice by attributes.

| ONNX | from | becomes | cpu-float | cpu-int8 |
|---|---|---|---|---|
)";
  for (const onnx_import::OpRow& row : onnx_import::opTable()) {
    out << "| " << row.name << " | " << row.since << " |";
    describe(out, row.makes.ops());
  }
  out << R"(
## TensorFlow Lite

A fused activation becomes a part of its layer, or a layer behind it.

| operator | code | becomes | cpu-float | cpu-int8 |
|---|---|---|---|---|
)";
  for (const tflite_import::OpRow& row : tflite_import::opTable()) {
    out << "| " << row.name << " | " << row.code << " |";
    describe(out, row.makes.ops());
  }
  out << R"(
## Layers

| op | cpu-float | cpu-int8 |
|---|---|---|
)";
  for (const OpType op : allOps()) {
    out << "| " << opName(op) << " | " << mark(inFloat(op)) << " | " << mark(inInt8(op)) << " |\n";
  }
  return out.str();
}

TEST(OpsDoc, IsWhatTheTablesSay) {
  const std::filesystem::path path = sourceFolder() / "docs/ops.md";
  if (std::getenv("QRT_UPDATE_DOCS") != nullptr) std::ofstream(path) << document();
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), document())
      << "run the test with QRT_UPDATE_DOCS=1 to write it anew";
}

}  // namespace
}  // namespace qrt::test
