// npu-sim: an int8 NPU that exists only as a profile. It knows nothing of libqrt but qrt/backend.h, computes to the
// byte what the format prescribes, and takes as long as its profile says: for developing and testing all that deals
// with NPUs on machines that have none. Start reading in profile.h (what is simulated) and device.h (how).
//
// Its configuration is the name of a profile (profiles.h), the path of a JSON file, or JSON itself; without one, the
// environment variable QRT_NPU_SIM_PROFILE, without that "good".
#include <cstdio>
#include <cstdlib>
#include <new>

#include "npu_sim/device.h"

namespace {

using namespace npu_sim;

// No exception leaves the plugin.
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
  } catch (const std::exception& error) {
    std::snprintf(text, size, "%s", error.what());
    return QRT_INTERNAL;
  }
}

QrtCode openDevice(const char* config, QrtBackend** backend, char* text, size_t size) {
  return guarded(text, size, [&] {
    const char* environment = std::getenv("QRT_NPU_SIM_PROFILE");
    std::string wanted = config;
    if (wanted.empty()) wanted = environment != nullptr && *environment != '\0' ? environment : "good";
    Profile profile = readProfile(wanted);
    for (const PlannedFault& fault : profile.faults) {
      if (fault.kind == FaultKind::load) throw Failure(QRT_NOT_FOUND, "no device found (injected)");
      if (fault.kind == FaultKind::hangLoad) hang(fault);
    }
    *backend = new QrtBackend{std::make_shared<Device>(std::move(profile))};
  });
}

void closeDevice(QrtBackend* backend) { delete backend; }

QrtCode supports(QrtBackend* backend, const QrtGraph* graph, QrtVerdict* verdict, char* text, size_t size) {
  return guarded(text, size, [&] {
    const Network network = copyOf(*graph);
    const Layer& layer = network.layers.at(0);
    for (const PlannedFault& fault : backend->device->due(network, Call::supports)) hang(fault);
    const std::string reason = refusal(backend->device->profile, network, layer);
    verdict->supported = reason.empty() ? 1 : 0;
    if (reason.empty()) {
      verdict->seconds = layerSeconds(backend->device->profile, network, layer, weightBytes(network));
    } else {
      std::snprintf(text, size, "%s", reason.c_str());
    }
  });
}

QrtCode compileGraph(QrtBackend* backend, const QrtGraph* graph, const QrtCompileOptions*, QrtProgram** program,
                     char* text, size_t size) {
  return guarded(text, size, [&] {
    *program = new QrtProgram(backend->device, copyOf(*graph));
    std::snprintf(text, size, "npu_sim_%s", backend->device->profile.name.c_str());
  });
}

void destroyProgram(QrtProgram* program) { delete program; }

QrtCode runProgram(QrtProgram* program, const QrtBuffer* const* inputs, uint64_t inputCount, QrtBuffer* const* outputs,
                   uint64_t outputCount, char* text, size_t size) {
  return guarded(text, size, [&] { program->run(inputs, inputCount, outputs, outputCount); });
}

QrtCode readSeconds(QrtProgram* program, double* seconds, uint64_t count, char* text, size_t size) {
  return guarded(text, size, [&] {
    if (program->seconds().empty()) throw Failure(QRT_UNSUPPORTED, "the profile has no layer times");
    if (count != program->seconds().size()) throw Failure(QRT_INVALID_ARGUMENT, "another number of layers");
    std::copy(program->seconds().begin(), program->seconds().end(), seconds);
  });
}

}  // namespace

QRT_BACKEND_EXPORT const QrtBackendApi* qrtBackendEntry(uint32_t) {
  static const QrtBackendApi api = {
      .structSize = sizeof(QrtBackendApi),
      .magic = QRT_BACKEND_MAGIC,
      .abi = QRT_BACKEND_ABI,
      .capabilities = QRT_WANTS_PARTITIONS | QRT_REPORTS_LAYERS,
      .name = "npu-sim",
      .description = "simulated int8 NPU; takes the time that its profile models",
      .open = openDevice,
      .close = closeDevice,
      .supports = supports,
      .compile = compileGraph,
      .destroy = destroyProgram,
      .run = runProgram,
      .submit = nullptr,
      .wait = nullptr,
      .layerSeconds = readSeconds,
      .allocate = nullptr,
      .release = nullptr,
      .upload = nullptr,
      .download = nullptr,
  };
  return &api;
}
