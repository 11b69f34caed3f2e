// The one file that knows the folder of the build, so that the others compile to the same objects everywhere.
#include "plugins/plugin_support.h"

namespace qrt::test {

std::string fake(const std::string& name) { return QRT_FAKE_DIR + name + ".so"; }
std::string npuSimFile() { return QRT_NPU_SIM; }

}  // namespace qrt::test
