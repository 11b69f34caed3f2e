#include "runtime/fault_log.h"

#include <algorithm>

#include "base/error.h"

namespace qrt {

void FaultLog::add(const Backend& backend, const std::string& layer, int layers, const std::string& what) {
  const auto same = [&](const Fault& fault) {
    return fault.backend == backend.name() && fault.layer == layer && fault.layers == layers && fault.what == what;
  };
  const auto known = std::find_if(faults_.begin(), faults_.end(), same);
  if (known != faults_.end()) {
    ++known->count;
  } else {
    faults_.push_back({std::string(backend.name()), layer, layers, what, 1});
  }
  const std::string more = layers > 1 ? concat(" and ", layers - 1, " more") : "";
  tell(concat(backend.name(), " failed at layer '", layer, "'", more, ": ", what, "; done on the CPU"));
  const int failures = ++failures_[&backend];
  if (failures != options_.mostFailures) return;
  setAside(backend, concat("set aside after ", failures, failures == 1 ? " failure" : " failures",
                           ", the last one: ", what));
}

void FaultLog::giveUp(const Backend& backend, const std::string& why) { setAside(backend, concat("set aside: ", why)); }

void FaultLog::setAside(const Backend& backend, const std::string& text) {
  if (setAside_.emplace(&backend, text).second) tell(concat(backend.name(), " is ", text));
}

void FaultLog::tellFallbacks(const Placement& placement) {
  if (!log_) return;
  for (const LayerPlacement& layer : placement.layers) {
    if (layer.actual.empty() || layer.actual == layer.requested) continue;
    tell(concat("layer '", layer.layer, "' (", layer.op, ") runs on ", layer.actual, " instead of ", layer.requested,
                ": ", layer.reason));
  }
}

void FaultLog::tell(const std::string& line) {
  if (log_ && told_.insert(line).second) log_(line);
}

}  // namespace qrt
