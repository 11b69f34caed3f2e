/* A whole backend plugin: Relu and Clip of f32 tensors, one layer at a time. Plain C99; the header is all of libqrt
 * that it needs. docs/backend_plugin.md walks through it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qrt/backend.h"

/* Whatever your driver needs: a handle, a queue, a context. */
struct QrtBackend {
  int opened;
};

/* What compile() leaves for run(). The graph is gone by then, so copy what you need. */
struct QrtProgram {
  uint64_t elements;
  float low, high;
};

static QrtCode fail(QrtCode code, const char* why, char* text, size_t textSize) {
  snprintf(text, textSize, "%s", why);
  return code;
}

static QrtCode openDevice(const char* config, QrtBackend** backend, char* text, size_t textSize) {
  if (config[0] != '\0') return fail(QRT_NOT_FOUND, "it has one device only, wanted no configuration", text, textSize);
  *backend = calloc(1, sizeof **backend);
  return *backend != NULL ? QRT_OK : fail(QRT_OUT_OF_MEMORY, "no memory left", text, textSize);
}

static void closeDevice(QrtBackend* backend) { free(backend); }

static const QrtAttribute* attribute(const QrtLayer* layer, const char* name) {
  for (uint64_t i = 0; i < layer->attributeCount; ++i) {
    if (strcmp(layer->attributes[i]->name, name) == 0) return layer->attributes[i];
  }
  return NULL;
}

/* Say no with what was found and what is wanted: users read it where they wonder why a layer is not on your device. */
static QrtCode supports(QrtBackend* backend, const QrtGraph* graph, QrtVerdict* verdict, char* text, size_t textSize) {
  const QrtLayer* layer = graph->layers[0];
  (void)backend;
  verdict->supported = 0;
  if (strcmp(layer->op, "Relu") != 0 && strcmp(layer->op, "Clip") != 0) {
    return fail(QRT_OK, "wanted Relu or Clip", text, textSize);
  }
  const QrtTensor* x = graph->tensors[layer->inputs[0]];
  if (x->dtype != QRT_F32) return fail(QRT_OK, "wanted f32", text, textSize);
  if (x->constant != NULL) return fail(QRT_OK, "the input is constant", text, textSize);
  verdict->supported = 1;
  verdict->seconds = (double)x->bytes / 4e9;
  return QRT_OK;
}

static QrtCode compileGraph(QrtBackend* backend, const QrtGraph* graph, const QrtCompileOptions* options,
                            QrtProgram** program, char* text, size_t textSize) {
  const QrtLayer* layer = graph->layers[0];
  const QrtAttribute* low = attribute(layer, "min");
  const QrtAttribute* high = attribute(layer, "max");
  (void)backend, (void)options;
  *program = calloc(1, sizeof **program);
  if (*program == NULL) return fail(QRT_OUT_OF_MEMORY, "no memory left", text, textSize);
  (*program)->elements = graph->tensors[layer->inputs[0]]->bytes / sizeof(float);
  (*program)->low = low != NULL ? low->floats[0] : 0;
  (*program)->high = high != NULL ? high->floats[0] : 1 / 0.0f;
  snprintf(text, textSize, "example_clip"); /* the kernel's name in profiles */
  return QRT_OK;
}

static void destroyProgram(QrtProgram* program) { free(program); }

static QrtCode run(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount,
                   QrtBuffer* const* outputs, uint64_t outputCount, char* text, size_t textSize) {
  if (inputCount != 1 || outputCount != 1) return fail(QRT_INVALID_ARGUMENT, "wanted 1 and 1", text, textSize);
  const float* x = inputs[0]->data;
  float* y = outputs[0]->data;
  for (uint64_t i = 0; i < program->elements; ++i) {
    const float raised = x[i] < program->low ? program->low : x[i]; /* in this order NaN stays */
    y[i] = raised > program->high ? program->high : raised;
  }
  outputs[0]->written = program->elements * sizeof(float);
  return QRT_OK;
}

QRT_BACKEND_EXPORT const QrtBackendApi* qrtBackendEntry(uint32_t hostAbi) {
  static QrtBackendApi api; /* zero: functions that are optional stay null */
  (void)hostAbi;
  api.structSize = sizeof api;
  api.magic = QRT_BACKEND_MAGIC;
  api.abi = QRT_BACKEND_ABI;
  api.capabilities = 0; /* QRT_WANTS_PARTITIONS would give it runs of neighbouring layers */
  api.name = "example";
  api.description = "Relu and Clip of f32, as an example";
  api.open = openDevice;
  api.close = closeDevice;
  api.supports = supports;
  api.compile = compileGraph;
  api.destroy = destroyProgram;
  api.run = run;
  return &api;
}
