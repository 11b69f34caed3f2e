// onednn: convolutions, products, pools and elementwise ops on the CPU with oneDNN, Intel's library. A real vendor
// library behind qrt/backend.h, one layer at a time; which layers it takes is said by the families of program.h.
#include <algorithm>
#include <cstdio>

#include "onednn/program.h"

// Of the OpenMP runtime that oneDNN brings along, if it does.
extern "C" [[gnu::weak]] void omp_set_num_threads(int);

struct QrtBackend {};

namespace {

using namespace onednn_plugin;

template <class Call>
QrtCode guarded(char* text, size_t size, const Call& call) {
  try {
    call();
    return QRT_OK;
  } catch (const Failure& failure) {
    std::snprintf(text, size, "%s", failure.what());
    return failure.code;
  } catch (const std::bad_alloc&) {
    std::snprintf(text, size, "no memory left");
    return QRT_OUT_OF_MEMORY;
  } catch (const std::exception& error) {  // dnnl::error among them
    std::snprintf(text, size, "%s", error.what());
    return QRT_FAILED;
  }
}

// The family that takes the layer, or null and why none does.
const Family* familyOf(const LayerView& layer, std::string& reason) {
  reason = "wanted Conv, FullyConnected, MatMul, a pool, or an elementwise op";
  for (const Family* family : {&kInt8Sums, &kFloatSums, &kPools, &kElementwise}) {
    const bool knows =
        std::any_of(family->ops.begin(), family->ops.end(), [&](const char* op) { return layer.is(op); });
    if (!knows) continue;
    reason = "the first input is constant";
    if (layer.in(0).constant != nullptr) return nullptr;
    reason = family->refuse(layer);
    if (reason.empty()) return family;
    // What is quantized is for the first family that knows the op.
    if (layer.in(0).quantization != nullptr) return nullptr;
  }
  return nullptr;
}

QrtCode openCpu(const char* config, QrtBackend** backend, char* text, size_t size) {
  return guarded(text, size, [&] {
    if (*config != '\0') throw Failure(QRT_INVALID_ARGUMENT, "onednn has nothing to configure");
    *backend = new QrtBackend;
  });
}

void closeCpu(QrtBackend* backend) { delete backend; }

QrtCode supports(QrtBackend*, const QrtGraph* graph, QrtVerdict* verdict, char* text, size_t size) {
  return guarded(text, size, [&] {
    std::string reason;
    verdict->supported = familyOf(LayerView(*graph), reason) != nullptr ? 1 : 0;
    if (verdict->supported == 0) std::snprintf(text, size, "%s", reason.c_str());
  });
}

QrtCode compileLayer(QrtBackend*, const QrtGraph* graph, const QrtCompileOptions* options, QrtProgram** program,
                     char* text, size_t size) {
  return guarded(text, size, [&] {
    const LayerView layer(*graph);
    std::string reason;
    const Family* family = familyOf(layer, reason);
    if (family == nullptr) throw Failure(QRT_UNSUPPORTED, reason);
    std::unique_ptr<QrtProgram> compiled = family->compile(layer);
    compiled->outputBytes = layer.out().bytes;
    compiled->threads = options->threads;
    std::snprintf(text, size, "%s", compiled->name);
    *program = compiled.release();
  });
}

void destroyProgram(QrtProgram* program) { delete program; }

QrtCode runProgram(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t, QrtBuffer* const* outputs, uint64_t,
                   char* text, size_t size) {
  return guarded(text, size, [&] {
    if (omp_set_num_threads != nullptr) omp_set_num_threads(program->threads);  // of this thread's regions
    program->run(inputs, outputs[0]->data);
    outputs[0]->written = program->outputBytes;
  });
}

}  // namespace

QRT_BACKEND_EXPORT const QrtBackendApi* qrtBackendEntry(uint32_t) {
  static const QrtBackendApi api = [] {
    QrtBackendApi table{};
    table.structSize = sizeof table;
    table.magic = QRT_BACKEND_MAGIC;
    table.abi = QRT_BACKEND_ABI;
    table.name = "onednn";
    table.description = "oneDNN on the CPU: convolutions, products, pools, elementwise";
    table.open = openCpu;
    table.close = closeCpu;
    table.supports = supports;
    table.compile = compileLayer;
    table.destroy = destroyProgram;
    table.run = runProgram;
    return table;
  }();
  return &api;
}
