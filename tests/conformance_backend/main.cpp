// qrt-backend-conformance: does a backend keep its promises? For authors of plugins, and for our own.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "backends/backend.h"
#include "conformance_backend/suite.h"
#include "qrt/backends.h"

namespace {

using namespace qrt;
using namespace qrt::test;

constexpr const char* kUsage =
    "Usage: qrt-backend-conformance PLUGIN.so|NAME [--config TEXT] [--rounds N] [--seed N]\n"
    "Checks a backend, loaded from a plugin or built in (cpu-float, ...): each layer that it claims to run against "
    "the\n"
    "reference kernels, with odd shapes; whole networks; several threads at once; and, of a plugin, loading, "
    "unloading,\n"
    "and ends in either order. Exit code: 0 all right, 1 something is wrong, 2 bad usage or no such backend.\n"
    "Example: qrt-backend-conformance ./libqrt-npu-sim.so --config partial\n";

[[noreturn]] void usage(const std::string& why) {
  std::fprintf(stderr, "qrt-backend-conformance: %s\n%s", why.c_str(), kUsage);
  std::exit(2);
}

int number(const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 1 || value > 1000000)
    usage(std::string("'") + text + "' is no number from 1 to 1000000");
  return static_cast<int>(value);
}

void print(const SuiteResult& result) {
  std::printf("%-28s %7s %8s %6s  %s\n", "op", "asked", "claimed", "wrong", "a refusal");
  for (const auto& [name, op] : result.ops) {
    std::printf("%-28s %7d %8d %6d  %s\n", name.c_str(), op.asked, op.claimed, op.wrong, op.refusal.c_str());
  }
  for (const std::string& failure : result.failures) std::printf("FAIL %s\n", failure.c_str());
  std::printf("%s\n", result.failures.empty() ? "all right" : "not conformant");
}

}  // namespace

int main(int argc, char** argv) {
  std::string what;
  SuiteOptions options;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    if (is("--help") || is("-h")) return std::fputs(kUsage, stdout), 0;
    const bool option = is("--config") || is("--rounds") || is("--seed");
    if (option && i + 1 == argc) usage(std::string(argv[i]) + " without a value");
    if (is("--config")) options.config = argv[++i];
    else if (is("--rounds")) options.rounds = number(argv[++i]);
    else if (is("--seed")) options.seed = static_cast<unsigned>(number(argv[++i]));
    else if (argv[i][0] == '-' || !what.empty()) usage(std::string("unknown argument ") + argv[i]);
    else what = argv[i];
  }
  if (what.empty()) usage("which backend?");
  const bool plugin = std::filesystem::exists(what);
  std::string name = what;
  if (plugin) {
    const auto loaded = BackendRegistry::load(what, {.config = options.config});
    if (!loaded.ok()) usage(loaded.status().message());
    name = loaded->name;
  }
  const auto backend = backendNamed(name);
  if (!backend.ok()) usage(backend.status().message());
  std::printf("%s: %s\n", name.c_str(), (*backend)->description().c_str());
  SuiteResult result;
  checkOps(**backend, options, result);
  checkNetworks(**backend, result);
  checkConcurrency(**backend, options, result);
  if (plugin) checkLifeCycle(what, options, result);
  print(result);
  return result.failures.empty() ? 0 : 1;
}
