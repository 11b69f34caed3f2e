// What went wrong in a session with plugins, and who is told.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "qrt/placement.h"
#include "qrt/session.h"
#include "runtime/place.h"

namespace qrt {

class FaultLog {
 public:
  FaultLog(FaultOptions options, std::function<void(std::string_view)> log)
      : options_(options), log_(std::move(log)) {}

  const FaultOptions& options() const { return options_; }
  /// `backend` failed to compile or run `layers` layers, from `layer` on.
  void add(const Backend& backend, const std::string& layer, int layers, const std::string& what);
  /// Sets `backend` aside at once.
  void giveUp(const Backend& backend, const std::string& why);
  const std::vector<Fault>& faults() const { return faults_; }

  /// True once it has failed too often, or was given up.
  bool isSetAside(const Backend& backend) const { return setAside_.count(&backend) != 0; }
  /// Backends that are set aside, with the reason: grows, never shrinks.
  const std::map<const Backend*, std::string>& setAside() const { return setAside_; }

  /// Tells the log of layers that run elsewhere than asked.
  void tellFallbacks(const Placement& placement);

 private:
  void setAside(const Backend& backend, const std::string& text);
  void tell(const std::string& line);

  FaultOptions options_;
  std::function<void(std::string_view)> log_;
  std::vector<Fault> faults_;
  std::map<const Backend*, int> failures_;
  std::map<const Backend*, std::string> setAside_;
  std::set<std::string> told_;
};

}  // namespace qrt
