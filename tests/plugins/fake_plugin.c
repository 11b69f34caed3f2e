/* A backend that runs Relu on s8 and f32, and breaks the rules: as FAKE_TABLE says in its table, as its configuration
 * says elsewhere. C99, as plugins may be. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qrt/backend.h"

struct QrtBackend {
  char config[64];
};

struct QrtProgram {
  uint64_t bytes, reported;
  int isFloat, zeroPoint;
  char config[64];
  int device; /* allocations that are not released */
  const QrtBuffer* const* inputs;
  QrtBuffer* const* outputs;
};

static int is(const char* config, const char* wanted) { return strcmp(config, wanted) == 0; }

static QrtCode openFake(const char* config, QrtBackend** backend, char* text, size_t size) {
  if (is(config, "no-device")) {
    snprintf(text, size, "no device\nfound");
    return QRT_NOT_FOUND;
  }
  if (is(config, "null-device")) return QRT_OK;
  *backend = calloc(1, sizeof **backend);
  snprintf((*backend)->config, sizeof (*backend)->config, "%s", config);
  return QRT_OK;
}

static void closeFake(QrtBackend* backend) { free(backend); }

static QrtCode supports(QrtBackend* backend, const QrtGraph* graph, QrtVerdict* verdict, char* text, size_t size) {
  const QrtLayer* layer = graph->layers[0];
  if (is(backend->config, "no-answer")) {
    memset(text, 'x', size); /* without an end */
    return 77;
  }
  if (strcmp(layer->op, "Relu") == 0) {
    const QrtQuantization* x = graph->tensors[layer->inputs[0]]->quantization;
    const QrtQuantization* y = graph->tensors[layer->outputs[0]]->quantization;
    const uint32_t dtype = graph->tensors[layer->inputs[0]]->dtype;
    const int same = x != NULL && y != NULL && x->scales[0] == y->scales[0] && x->zeroPoints[0] == y->zeroPoints[0];
    verdict->supported = dtype == QRT_F32 || (dtype == QRT_S8 && same);
  }
  if (!verdict->supported && !is(backend->config, "no-reason")) snprintf(text, size, "wanted Relu of s8 or f32");
  if (is(backend->config, "maybe")) verdict->supported = 7;
  if (is(backend->config, "forever")) verdict->seconds = NAN;
  return QRT_OK;
}

static QrtCode compileFake(QrtBackend* backend, const QrtGraph* graph, const QrtCompileOptions* options,
                           QrtProgram** program, char* text, size_t size) {
  const QrtTensor* x = graph->tensors[graph->layers[0]->inputs[0]];
  (void)options;
  if (is(backend->config, "no-memory")) {
    snprintf(text, size, "the program does not fit");
    return QRT_OUT_OF_MEMORY;
  }
  if (is(backend->config, "null-program")) return QRT_OK;
  *program = calloc(1, sizeof **program);
  (*program)->bytes = x->bytes;
  (*program)->isFloat = x->dtype == QRT_F32;
  (*program)->zeroPoint = x->quantization != NULL ? x->quantization->zeroPoints[0] : 0;
  memcpy((*program)->config, backend->config, sizeof backend->config);
  return QRT_OK;
}

static void destroyFake(QrtProgram* program) {
  if (program->device != 0) abort();
  free(program);
}

static QrtCode compute(QrtProgram* program, const QrtBuffer* const* inputs, QrtBuffer* const* outputs) {
  const int wrong = is(program->config, "wrong");
  if (program->isFloat) {
    const float* x = inputs[0]->data;
    float* y = outputs[0]->data;
    for (uint64_t i = 0; i < program->bytes / sizeof(float); ++i) y[i] = x[i] < 0 ? 0 : x[i] + (float)wrong;
  } else {
    const int8_t* x = inputs[0]->data;
    int8_t* y = outputs[0]->data;
    for (uint64_t i = 0; i < program->bytes; ++i) {
      const int low = program->zeroPoint + wrong;
      y[i] = (int8_t)(x[i] < low ? low : x[i]);
    }
  }
  outputs[0]->written = program->bytes;
  if (is(program->config, "wrong-size")) outputs[0]->written = program->bytes * 2 + 1;
  if (is(program->config, "forgets")) outputs[0]->written = 0;
  return QRT_OK;
}

static QrtCode runFake(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount,
                       QrtBuffer* const* outputs, uint64_t outputCount, char* text, size_t size) {
  if (inputCount != 1 || outputCount != 1) return QRT_INVALID_ARGUMENT;
  if (is(program->config, "fails")) {
    snprintf(text, size, "the device is on fire");
    return QRT_FAILED;
  }
  return compute(program, inputs, outputs);
}

#ifdef FAKE_ASYNC
static QrtCode submitFake(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount,
                          QrtBuffer* const* outputs, uint64_t outputCount, char* text, size_t size) {
  (void)inputCount, (void)outputCount, (void)text, (void)size;
  program->inputs = inputs;
  program->outputs = outputs;
  return QRT_OK;
}

static QrtCode waitFake(QrtProgram* program, char* text, size_t size) {
  return runFake(program, program->inputs, 1, program->outputs, 1, text, size);
}

/* Device memory is host memory that is marked, so that a mix-up is seen. */
static QrtCode allocateFake(QrtProgram* program, uint64_t bytes, void** memory, char* text, size_t size) {
  (void)text, (void)size;
  *memory = malloc(bytes + 1);
  ++program->device;
  return QRT_OK;
}
static void releaseFake(QrtProgram* program, void* memory) {
  free(memory);
  --program->device;
}
static QrtCode uploadFake(QrtProgram* program, void* memory, const void* host, uint64_t bytes, char* text,
                          size_t size) {
  (void)program, (void)text, (void)size;
  memcpy(memory, host, bytes);
  return QRT_OK;
}
static QrtCode downloadFake(QrtProgram* program, void* host, const void* memory, uint64_t bytes, char* text,
                            size_t size) {
  (void)program, (void)text, (void)size;
  memcpy(host, memory, bytes);
  return QRT_OK;
}
static QrtCode secondsFake(QrtProgram* program, double* seconds, uint64_t count, char* text, size_t size) {
  (void)text, (void)size;
  for (uint64_t i = 0; i < count; ++i) seconds[i] = is(program->config, "wrong-time") ? -1 : 1e-3;
  return QRT_OK;
}
#endif

QRT_BACKEND_EXPORT const QrtBackendApi* qrtBackendEntry(uint32_t hostAbi) {
  static QrtBackendApi api;
  (void)hostAbi;
  api.structSize = sizeof api;
  api.magic = QRT_BACKEND_MAGIC;
  api.abi = QRT_BACKEND_ABI;
  api.name = "fake";
  api.description = "for tests";
  api.open = openFake;
  api.close = closeFake;
  api.supports = supports;
  api.compile = compileFake;
  api.destroy = destroyFake;
#ifdef FAKE_ASYNC
  api.capabilities = QRT_DEVICE_MEMORY | QRT_REPORTS_LAYERS;
  api.submit = submitFake;
  api.wait = waitFake;
  api.allocate = allocateFake;
  api.release = releaseFake;
  api.upload = uploadFake;
  api.download = downloadFake;
  api.layerSeconds = secondsFake;
#else
  api.run = runFake;
#endif
#ifdef FAKE_TABLE
  FAKE_TABLE;
#endif
  return &api;
}
