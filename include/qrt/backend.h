// The C ABI of backend plugins: how a device is added to libqrt from a shared library of its own.
//
// A plugin is a shared library that includes this header, links nothing of libqrt, and exports one function,
// qrtBackendEntry(). The header compiles as C99 and as C++; no C++ type and no exception may cross it.
// docs/backend_plugin.md walks through a whole plugin; `qrt-backend-conformance PLUGIN.so` checks one.
//
// The life cycle, as the host drives it:
//
//   dlopen ─ qrtBackendEntry() ─▶ QrtBackendApi          a table, constant as long as the library is loaded
//                │
//              open ─▶ QrtBackend                        one device, ready for work
//                │        │
//                │        ├─ supports(one layer)?        for every layer of a model: yes + cost, or no + reason
//                │        │
//                │        └─ compile(partition) ─▶ QrtProgram
//                │                                   │
//                │                                   ├─ allocate, upload    only with device memory
//                │                                   ├─ run                 or submit + wait; any number of times
//                │                                   ├─ layerSeconds        only with QRT_REPORTS_LAYERS
//                │                                   ├─ download, release   only with device memory
//                │                                   └─ destroy
//              close                                     before or after its programs are destroyed
//                │
//   dlclose                                              when nothing of the library is left
//
// Rules for both sides:
// - Each struct begins with structSize, the size that its writer knew. A reader takes a field only if it lies
//   within structSize; fields are only ever appended. Lists of structs are lists of pointers, so that sizes may grow.
// - Pointers given to a call are valid until it returns, unless the function says otherwise.
// - Strings are UTF-8 and end with a NUL. `text` is the caller's memory for a reason or an error: up to
//   textSize bytes, NUL included; it is never null, holds "" at first, and is only read where a call says so.
// - Functions that return QrtCode return QRT_OK or what went wrong, with a sentence in `text`.
// - Threads: supports and compile may be called by several threads at once. A program is used by one thread at a
//   time, not always the same; different programs run side by side.
// - A call must end. The host may give up a run that takes too long: it then never touches that program again, and
//   the program's memory stays until the call returns. Likewise open, supports and compile: what they were given stays
//   until they return, and what they give then is closed or destroyed.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The first field of every QrtBackendApi: the bytes "QRTB".
#define QRT_BACKEND_MAGIC 0x42545251u
/// The version of this header. A host takes plugins of its own version only; appended fields do not change it.
#define QRT_BACKEND_ABI 1u

/// What a call says: QRT_OK or one of the failures below. Values are those of qrt::StatusCode.
typedef int32_t QrtCode;
enum {
  QRT_OK = 0,
  QRT_INVALID_ARGUMENT = 1,  ///< the caller passed something that cannot be right
  QRT_NOT_FOUND = 2,         ///< no such device, file or name
  QRT_UNSUPPORTED = 3,       ///< valid, but this backend does not do it
  QRT_CORRUPT_DATA = 4,      ///< data is not what it claims to be
  QRT_IO_ERROR = 5,          ///< the operating system or the driver refused
  QRT_OUT_OF_MEMORY = 6,     ///< not enough memory on the host or the device
  QRT_FAILED = 7,            ///< the device failed
  QRT_INTERNAL = 8           ///< a bug in the plugin
};

/// Element types; values are those of qrt::DType.
enum {
  QRT_F32 = 1,
  QRT_F16 = 2,   ///< IEEE binary16
  QRT_BF16 = 3,  ///< the upper half of an f32
  QRT_F64 = 4,
  QRT_S8 = 5,
  QRT_U8 = 6,
  QRT_S16 = 7,
  QRT_U16 = 8,
  QRT_S32 = 9,
  QRT_U32 = 10,
  QRT_S64 = 11,
  QRT_U64 = 12,
  QRT_BOOL = 13  ///< a byte, 0 or 1
};

/// What a backend is able to do: bits of QrtBackendApi::capabilities.
enum {
  QRT_WANTS_PARTITIONS = 1,  ///< compile() gets runs of neighbouring layers; else one layer at a time
  QRT_REPORTS_LAYERS = 2,    ///< layerSeconds() tells the device's own time of each layer
  QRT_DEVICE_MEMORY = 4      ///< run() takes memory from allocate() instead of the host's
};

/// Affine quantization: real = scale · (q − zeroPoint).
typedef struct QrtQuantization {
  uint32_t structSize;        ///< sizeof(QrtQuantization)
  int32_t axis;               ///< −1: one scale for the tensor; else one for each index of that dimension
  uint64_t count;             ///< how many scales and zero points there are
  const float* scales;        ///< finite, positive
  const int32_t* zeroPoints;  ///< within the dtype's range
} QrtQuantization;

/// A tensor of a graph: dense, row-major; images are [N,H,W,C]. All dimensions are known.
typedef struct QrtTensor {
  uint32_t structSize;                 ///< sizeof(QrtTensor)
  uint32_t dtype;                      ///< QRT_F32, …
  const char* name;                    ///< for messages
  uint64_t rank;                       ///< 0 (one element) to 8
  const int64_t* dims;                 ///< outermost first
  const QrtQuantization* quantization; ///< null if it is not quantized
  uint64_t bytes;                      ///< elements times the dtype's size
  const void* constant;                ///< the values of a constant, until the program is destroyed; else null
} QrtTensor;

/// One attribute of a layer. schema/model.fbs says which of the lists a type fills; source/graph/attributes.h
/// which attributes an op has. All of an op's attributes are there, in that order.
typedef struct QrtAttribute {
  uint32_t structSize;   ///< sizeof(QrtAttribute)
  const char* name;      ///< "strides", "pads", "activation", …
  uint64_t intCount;     ///< how many `ints`
  const int64_t* ints;   ///< integers, lists, booleans as 0 or 1
  uint64_t floatCount;   ///< how many `floats`
  const float* floats;   ///< floats; the two parameters of an activation
  const char* text;      ///< the name of an enum value, a dtype or an activation; "" if it is none
} QrtAttribute;

/// A layer: an op of the list in source/graph/op_type.h, on tensors of the graph it is in.
typedef struct QrtLayer {
  uint32_t structSize;                    ///< sizeof(QrtLayer)
  const char* name;                       ///< as in placements, profiles and reports
  const char* op;                         ///< "Conv", "Add", …
  uint64_t attributeCount;                ///< how many attributes
  const QrtAttribute* const* attributes;  ///< each once
  uint64_t inputCount;                    ///< how many inputs
  const int32_t* inputs;                  ///< indices into QrtGraph::tensors; −1: an optional one is absent
  uint64_t outputCount;                   ///< how many outputs
  const int32_t* outputs;                 ///< likewise
} QrtLayer;

/// Layers in execution order, and the tensors they touch.
typedef struct QrtGraph {
  uint32_t structSize;              ///< sizeof(QrtGraph)
  uint64_t tensorCount;             ///< how many tensors
  const QrtTensor* const* tensors;  ///< what indices refer to
  uint64_t layerCount;              ///< how many layers
  const QrtLayer* const* layers;    ///< each layer's inputs are constants, inputs of the graph, or made before
  uint64_t inputCount;              ///< how many inputs
  const int32_t* inputs;            ///< tensors that are given to each run; none is constant, none there twice
  uint64_t outputCount;             ///< how many outputs
  const int32_t* outputs;           ///< tensors that each run writes, each made by a layer of the graph
} QrtGraph;

/// The answer to "can you run this layer?"
typedef struct QrtVerdict {
  uint32_t structSize;  ///< sizeof(QrtVerdict) of the host
  int32_t supported;    ///< 1 or 0
  double seconds;       ///< the estimated time of one run; 0: no estimate
} QrtVerdict;

/// What a program is compiled for.
typedef struct QrtCompileOptions {
  uint32_t structSize;  ///< sizeof(QrtCompileOptions)
  int32_t threads;      ///< how many threads a backend on the host's own cores may use; at least 1
} QrtCompileOptions;

/// The memory of one input or output in one run.
typedef struct QrtBuffer {
  uint32_t structSize;  ///< sizeof(QrtBuffer)
  void* data;           ///< host memory, 64-byte aligned if the host can; with QRT_DEVICE_MEMORY what allocate() gave
  uint64_t bytes;       ///< the tensor's bytes
  uint64_t written;     ///< of an output, 0 at first: the bytes that the run wrote, which must be all
} QrtBuffer;

/// A device that is open. Defined by the plugin.
typedef struct QrtBackend QrtBackend;
/// A compiled partition. Defined by the plugin.
typedef struct QrtProgram QrtProgram;

/// What a plugin offers. Functions marked optional may be null.
typedef struct QrtBackendApi {
  uint32_t structSize;      ///< sizeof(QrtBackendApi) of the plugin
  uint32_t magic;           ///< QRT_BACKEND_MAGIC
  uint32_t abi;             ///< QRT_BACKEND_ABI
  uint32_t capabilities;    ///< QRT_WANTS_PARTITIONS | …
  const char* name;         ///< "npu-sim": lower case letters, digits and '-'; what users type
  const char* description;  ///< one line for lists

  /// Opens the device. `config` is free text from the user ("" mostly): a device number, a file. On success
  /// *backend is not null. It may be called several times for several devices.
  QrtCode (*open)(const char* config, QrtBackend** backend, char* text, size_t textSize);
  /// Ends what open() began; its programs live on until they are destroyed.
  void (*close)(QrtBackend* backend);

  /// Whether the backend can run the one layer of `graph`. Cheap. QRT_OK means that *verdict is filled, and, if it
  /// says no, that `text` holds the reason: what was found and what is wanted ("kernel 7x7, wanted at most 5x5").
  QrtCode (*supports)(QrtBackend* backend, const QrtGraph* graph, QrtVerdict* verdict, char* text,
                      size_t textSize);
  /// Prepares layers that were all supported. The graph ends with the call, but for the constants' bytes. On success
  /// *program is not null and `text` may hold a name for it, for profiles ("conv_3x3_stream").
  QrtCode (*compile)(QrtBackend* backend, const QrtGraph* graph, const QrtCompileOptions* options,
                     QrtProgram** program, char* text, size_t textSize);
  /// Ends a program, at any time after its last run, also after close().
  void (*destroy)(QrtProgram* program);

  /// Computes the outputs from the inputs, in the order of QrtGraph::inputs and outputs; `written` of every
  /// output must say its bytes. Null if submit and wait are there.
  QrtCode (*run)(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount,
                 QrtBuffer* const* outputs, uint64_t outputCount, char* text, size_t textSize);
  /// Optional, with `wait`: begins a run. The buffers stay until wait() has returned.
  QrtCode (*submit)(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount,
                    QrtBuffer* const* outputs, uint64_t outputCount, char* text, size_t textSize);
  /// Optional: waits until the run that was submitted last is over, and says how it ended.
  QrtCode (*wait)(QrtProgram* program, char* text, size_t textSize);

  /// With QRT_REPORTS_LAYERS: the device's time of each layer in the last run, in the order of QrtGraph::layers. It is
  /// asked once before the first run: QRT_UNSUPPORTED then means that this program gives none.
  QrtCode (*layerSeconds)(QrtProgram* program, double* seconds, uint64_t count, char* text, size_t textSize);

  /// With QRT_DEVICE_MEMORY: memory for one input or output of a program. On success *memory is not null.
  QrtCode (*allocate)(QrtProgram* program, uint64_t bytes, void** memory, char* text, size_t textSize);
  /// With QRT_DEVICE_MEMORY: gives memory back, before its program is destroyed.
  void (*release)(QrtProgram* program, void* memory);
  /// With QRT_DEVICE_MEMORY: copies from host to device.
  QrtCode (*upload)(QrtProgram* program, void* memory, const void* host, uint64_t bytes, char* text,
                    size_t textSize);
  /// With QRT_DEVICE_MEMORY: copies from device to host.
  QrtCode (*download)(QrtProgram* program, void* host, const void* memory, uint64_t bytes, char* text,
                      size_t textSize);
} QrtBackendApi;

/// Put before the definition of qrtBackendEntry() so that it is visible in a library of hidden symbols.
#define QRT_BACKEND_EXPORT __attribute__((visibility("default")))

/// The one function that a plugin exports. `hostAbi` is the host's QRT_BACKEND_ABI, for plugins that speak several;
/// the table may be returned in any case, since the host checks it. Null: this host cannot be served.
QRT_BACKEND_EXPORT const QrtBackendApi* qrtBackendEntry(uint32_t hostAbi);

/// The type of qrtBackendEntry().
typedef const QrtBackendApi* (*QrtBackendEntry)(uint32_t hostAbi);
/// The name to look it up by.
#define QRT_BACKEND_ENTRY "qrtBackendEntry"

#ifdef __cplusplus
}
#endif
