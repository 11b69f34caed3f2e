// Placement files: {"model": {…}, "layers": {name: backend, …}}.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "backends/backend.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "qrt/diagnose.h"
#include "quantize/json_value.h"

namespace qrt {
namespace {

using Kind = JsonValue::Kind;

// FNV-1a of all that a placement depends on.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0x100);  // no character: texts do not run into each other
  }
  std::string text() const {
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(hash_));
    return buffer;
  }

 private:
  void mix(unsigned value) { hash_ = (hash_ ^ value) * 0x100000001b3; }
  uint64_t hash_ = 0xcbf29ce484222325;
};

std::string fingerprint(const Model& model) {
  Fingerprint print;
  for (const LayerInfo& layer : model.layers()) {
    print.add(layer.name);
    print.add(layer.op);
    print.add(layer.attributes);
    for (const auto* names : {&layer.inputs, &layer.outputs}) {
      for (const std::string& name : *names) {
        print.add(name);
        const auto tensor = model.tensor(name);
        if (tensor) print.add(concat(dtypeName(tensor->dtype), tensor->shape.toString()));
      }
    }
  }
  return print.text();
}

std::string described(std::string_view name, std::string_view layers, std::string_view print) {
  return concat("'", name, "' with ", layers, " layers, fingerprint ", print);
}

const JsonValue* member(const JsonValue& object, const char* key, Kind kind) {
  const auto found = object.members.find(key);
  return found != object.members.end() && found->second.kind == kind ? &found->second : nullptr;
}

Status checkModel(const JsonSource& source, const JsonValue& found, const Model& model) {
  const JsonValue* name = member(found, "name", Kind::string);
  const JsonValue* layers = member(found, "layers", Kind::integer);
  const JsonValue* print = member(found, "fingerprint", Kind::string);
  if (name == nullptr || layers == nullptr || print == nullptr) {
    return source.errorAt(found.offset, "model: wanted \"name\", \"layers\" (how many) and \"fingerprint\"");
  }
  const std::string wanted = fingerprint(model);
  if (print->string == wanted) return {};
  return source.errorAt(found.offset,
                        concat("a placement for another model: found ",
                               described(name->string, numberText(layers->number), print->string), ", wanted ",
                               described(model.name(), std::to_string(model.layers().size()), wanted)));
}

}  // namespace

LayerBackends placementOf(const Session& session) {
  LayerBackends result;
  for (const LayerPlacement& layer : session.placement().layers) {
    if (!layer.actual.empty()) result[layer.layer] = layer.actual;
  }
  for (const Transfer& transfer : session.placement().transfers) result.erase(transfer.layer);
  return result;
}

std::string placementToJson(const Model& model, const LayerBackends& placement) {
  std::string json = concat("{\n  \"model\": {\"name\": ", jsonText(model.name()), ", \"layers\": ", model.layers().size(),
                            ", \"fingerprint\": \"", fingerprint(model), "\"},\n  \"layers\": {");
  const char* separator = "\n    ";
  for (const auto& [layer, backend] : placement) {
    json += concat(separator, jsonText(layer), ": ", jsonText(backend));
    separator = ",\n    ";
  }
  return json + "\n  }\n}\n";
}

Result<LayerBackends> placementFromJson(std::string_view json, const Model& model, std::string_view name) {
  return catchOutOfMemory([&]() -> Result<LayerBackends> {
    const JsonSource source{json, name};
    QRT_ASSIGN_OR_RETURN(const JsonValue document, parseJson(source));
    const JsonValue* about = member(document, "model", Kind::object);
    const JsonValue* layers = member(document, "layers", Kind::object);
    if (about == nullptr || layers == nullptr || document.members.size() != 2) {
      return source.errorAt(document.offset, "wanted an object with \"model\" and \"layers\", both objects");
    }
    QRT_RETURN_IF_ERROR(checkModel(source, *about, model));
    // Names of layers that sessions make of the model are not known here: Session::create() judges them.
    LayerBackends placement;
    for (const auto& [layer, backend] : layers->members) {
      if (backend.kind != Kind::string) {
        return source.errorAt(backend.offset, concat("layers[", jsonText(layer), "]: found ", describe(backend),
                                                     ", wanted the name of a backend"));
      }
      const auto known = backendNamed(backend.string);
      if (!known.ok()) return annotate(known.status(), name, ": layer '", layer, "'");
      placement[layer] = backend.string;
    }
    return placement;
  });
}

Model withPlacement(const Model& model, const LayerBackends& placement) {
  return model.withMetadata("placement", placementToJson(model, placement));
}

Result<LayerBackends> embeddedPlacement(const Model& model) {
  const auto found = model.metadata().find("placement");
  if (found == model.metadata().end()) return LayerBackends{};
  return placementFromJson(found->second, model, "the model's placement");
}

}  // namespace qrt
