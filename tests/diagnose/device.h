// A device as sessions see one: it wants partitions, and takes the time it is told to.
#pragma once

#include <map>
#include <set>
#include <string>

#include "backends/backend.h"

namespace qrt::test {

/// What device() does. Not to be changed while sessions run.
struct DeviceModel {
  double launch = 0;                      ///< seconds for each run of a partition
  double perByte = 0;                     ///< seconds for each byte of a partition's inputs and outputs
  double perLayer = 0;                    ///< seconds of a layer that has no time of its own here
  double noise = 0;                       ///< standard deviation of a run, as a share
  std::map<std::string, double> seconds;  ///< by layer
  double perHostLayer = 0;                ///< seconds of a layer on the backend "host"
  std::set<std::string> refused;          ///< ops it does not run
  std::set<std::string> wrong;            ///< layers whose results are not what they should be
};
DeviceModel& deviceModel();

/// The backends "device" and "host" (which takes layers one by one), which findBackend() knows from the first call on.
const Backend& device();

}  // namespace qrt::test
