// Profiles from JSON. Users write them by hand, so every mistake is answered with the field and what was wanted.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "npu_sim/kernels.h"
#include "npu_sim/profile.h"
#include "npu_sim/profiles.h"

namespace npu_sim {
namespace {

using Json = nlohmann::json;

constexpr std::pair<const char*, FaultKind> kFaultKinds[] = {
    {"load", FaultKind::load},
    {"hang_load", FaultKind::hangLoad},
    {"hang_supports", FaultKind::hangSupports},
    {"compile", FaultKind::compile},
    {"hang_compile", FaultKind::hangCompile},
    {"error", FaultKind::error},
    {"out_of_memory", FaultKind::outOfMemory},
    {"hang", FaultKind::hang},
    {"wrong_result", FaultKind::wrongResult},
    {"wrong_size", FaultKind::wrongSize},
    {"wrong_time", FaultKind::wrongTime}};

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Failure(QRT_INVALID_ARGUMENT, "profile: " + where + ": " + what);
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 40 ? text.substr(0, 40) + "…" : text;
}

std::string range(double low, double high) {
  char text[80];
  std::snprintf(text, sizeof text, "a number from %g to %g", low, high);
  return text;
}

// The fields of one object, each of which must be known.
class Fields {
 public:
  Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object()) fail(path_, "found " + shown(object) + ", wanted an object");
  }
  // All that was asked for is what there may be.
  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
      std::string known;
      for (const std::string& name : asked_) known += (known.empty() ? "" : ", ") + name;
      fail(at(key), "unknown, wanted one of " + known);
    }
  }

  const Json* find(const char* key) {
    asked_.emplace_back(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  template <class Number>
  void number(const char* key, Number& out, double low, double high) {
    const Json* value = find(key);
    if (value == nullptr) return;
    const double found = value->is_number() ? value->get<double>() : std::nan("");
    const bool whole = std::is_floating_point_v<Number> || found == std::floor(found);
    if (!(found >= low && found <= high) || !whole) {
      fail(at(key), "found " + shown(*value) + ", wanted " + (std::is_floating_point_v<Number> ? "" : "an integer: ") +
                        range(low, high));
    }
    out = static_cast<Number>(found);
  }
  void flag(const char* key, bool& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) fail(at(key), "found " + shown(*value) + ", wanted true or false");
    out = value->get<bool>();
  }
  void text(const char* key, std::string& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) fail(at(key), "found " + shown(*value) + ", wanted a string");
    out = value->get<std::string>();
  }
  std::string at(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

 private:
  const Json& object_;
  std::string path_;
  std::vector<std::string> asked_;
};

void checkOp(const std::string& name, const std::string& path) {
  if (findOp(name) != nullptr) return;
  std::string known;
  for (const std::string& op : opNames()) known += (known.empty() ? "" : ", ") + op;
  fail(path, "found '" + name + "', wanted one of " + known);
}

void readOps(const Json& json, Profile& profile) {
  Fields ops(json, "ops");
  for (const auto& [name, value] : json.items()) {
    checkOp(name, "ops");
    Fields fields(value, "ops." + name);
    OpLimits& limits = profile.ops[name];
    fields.number("max_kernel", limits.maxKernel, 1, 1024);
    fields.number("max_stride", limits.maxStride, 1, 1024);
    fields.number("max_dilation", limits.maxDilation, 1, 1024);
    fields.number("channels_multiple", limits.channelsMultiple, 1, 1024);
    fields.flag("depthwise", limits.depthwise);
    fields.number("slow", limits.slow, 0.01, 1e4);
    fields.finish();
  }
}

PlannedFault readFault(const Json& json, const std::string& path) {
  Fields fields(json, path);
  PlannedFault fault;
  std::string kind;
  fields.text("kind", kind);
  const auto known = std::find_if(std::begin(kFaultKinds), std::end(kFaultKinds),
                                  [&](const auto& k) { return kind == k.first; });
  if (known == std::end(kFaultKinds)) {
    std::string kinds;
    for (const auto& k : kFaultKinds) kinds += (kinds.empty() ? "" : ", ") + std::string(k.first);
    fail(path + ".kind", "found '" + kind + "', wanted one of " + kinds);
  }
  fault.kind = known->second;
  fields.number("run", fault.run, 1, 1e12);
  fields.flag("repeat", fault.repeat);
  fields.text("layer", fault.layer);
  fields.number("hang_seconds", fault.hangSeconds, 0, 1e6);
  fields.number("amount", fault.amount, -255, 255);
  fields.finish();
  return fault;
}

Json parse(const std::string& text, const std::string& source) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw Failure(QRT_INVALID_ARGUMENT, "profile " + source + ": not JSON: " + error.what());
  }
}

std::string builtIn(const std::string& name) {
  for (const NamedProfile& profile : kProfiles) {
    if (profile.name == name) return profile.json;
  }
  return "";
}

void apply(const Json& json, Profile& profile, int depth);

void applyBase(const std::string& base, Profile& profile, int depth) {
  const std::string text = builtIn(base);
  if (text.empty() || depth > 2) {
    std::string known;
    for (const NamedProfile& named : kProfiles) known += (known.empty() ? "" : ", ") + std::string(named.name);
    fail("base", "found '" + base + "', wanted one of " + known);
  }
  apply(parse(text, base), profile, depth + 1);
}

void apply(const Json& json, Profile& profile, int depth) {
  Fields fields(json, "");
  std::string base;
  fields.text("base", base);
  if (!base.empty()) applyBase(base, profile, depth);
  fields.text("name", profile.name);
  fields.number("macs_per_second", profile.macsPerSecond, 1e6, 1e15);
  fields.number("elements_per_second", profile.elementsPerSecond, 1e6, 1e15);
  fields.number("dma_bytes_per_second", profile.dmaBytesPerSecond, 1e6, 1e15);
  fields.number("on_chip_bytes", profile.onChipBytes, 0, 1e12);
  fields.number("launch_seconds", profile.launchSeconds, 0, 10);
  fields.flag("layer_times", profile.layerTimes);
  fields.number("timing_noise", profile.timingNoise, 0, 0.5);
  fields.number("seed", profile.seed, 0, 1e15);
  if (profile.ops.empty()) {
    for (const std::string& op : opNames()) profile.ops[op] = {};
  }
  if (const Json* without = fields.find("without")) {
    if (!without->is_array()) fail("without", "found " + shown(*without) + ", wanted a list of ops");
    for (const Json& op : *without) {
      checkOp(op.is_string() ? op.get<std::string>() : shown(op), "without");
      profile.ops.erase(op.get<std::string>());
    }
  }
  if (const Json* ops = fields.find("ops")) readOps(*ops, profile);
  if (const Json* layers = fields.find("slow_layers")) {
    Fields slow(*layers, "slow_layers");
    for (const auto& [layer, factor] : layers->items())
      slow.number(layer.c_str(), profile.slowLayers[layer], 0.01, 1e4);
  }
  if (const Json* faults = fields.find("faults")) {
    if (!faults->is_array()) fail("faults", "found " + shown(*faults) + ", wanted a list");
    for (size_t i = 0; i < faults->size(); ++i) {
      profile.faults.push_back(readFault((*faults)[i], "faults[" + std::to_string(i) + "]"));
    }
  }
  fields.finish();
}

std::string readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    std::string known;
    for (const NamedProfile& profile : kProfiles) known += (known.empty() ? "" : ", ") + std::string(profile.name);
    throw Failure(QRT_NOT_FOUND,
                  "profile '" + path + "': no such file, and none is built in under this name; there are " + known);
  }
  return text;
}

}  // namespace

Profile readProfile(const std::string& config) {
  std::string text = builtIn(config);
  if (text.empty()) text = config[0] == '{' ? config : readFile(config);
  Profile profile;
  apply(parse(text, config[0] == '{' ? "" : config), profile, 0);
  const std::pair<const char*, double> required[] = {{"macs_per_second", profile.macsPerSecond},
                                                     {"elements_per_second", profile.elementsPerSecond},
                                                     {"dma_bytes_per_second", profile.dmaBytesPerSecond}};
  for (const auto& [name, value] : required) {
    if (value == 0) fail(name, "missing, wanted " + range(1e6, 1e15) + ", or a \"base\"");
  }
  if (profile.name.empty()) profile.name = config[0] == '{' ? "custom" : config;
  return profile;
}

}  // namespace npu_sim
