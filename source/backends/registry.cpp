// All backends of this process: the built-in ones, and plugins as they are loaded.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "backends/backend.h"
#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_int8/cpu_int8.h"
#include "backends/plugin/plugin.h"
#include "backends/reference/reference.h"
#include "base/closest.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "qrt/backends.h"

namespace qrt {
namespace {

namespace fs = std::filesystem;

struct LoadedPlugin {
  std::unique_ptr<Backend> backend;
  PluginOptions options;
};

// Never destroyed: sessions may outlive main().
class Plugins {
 public:
  static Plugins& instance() {
    static Plugins& plugins = *new Plugins;
    return plugins;
  }

  Result<const Backend*> load(const fs::path& path, const PluginOptions& options) {
    const std::lock_guard lock(mutex_);
    return loadLocked(path, options);
  }

  // With the plugins of QRT_PLUGIN_PATH.
  std::vector<const Backend*> all() {
    const std::lock_guard lock(mutex_);
    readEnvironment();
    std::vector<const Backend*> backends;
    for (const LoadedPlugin& plugin : loaded_) backends.push_back(plugin.backend.get());
    return backends;
  }

  std::vector<Status> failures() {
    const std::lock_guard lock(mutex_);
    readEnvironment();
    return failures_;
  }

 private:
  Result<const Backend*> loadLocked(const fs::path& path, const PluginOptions& options) {
    std::error_code error;
    const std::string file = fs::absolute(path, error).string();
    for (const LoadedPlugin& plugin : loaded_) {
      if (plugin.backend->pluginPath() == file && plugin.options == options) return plugin.backend.get();
    }
    const auto inName = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (!std::all_of(options.name.begin(), options.name.end(), inName)) {
      return invalidArgument(path.string(), ": the name '", options.name,
                             "', wanted lower case letters, digits and '-'");
    }
    if (!(options.callSeconds >= 0 && options.callSeconds <= 1e6)) {
      return invalidArgument(path.string(), ": callSeconds is ", options.callSeconds, ", wanted 0 (any time) to 1e6");
    }
    QRT_ASSIGN_OR_RETURN(auto backend, openPlugin(path.string(), options));
    if (const Backend* other = findLocked(backend->name())) {
      return invalidArgument(path.string(), ": the name '", backend->name(), "' is taken by ",
                             other->isPlugin() ? other->pluginPath() : "a built-in backend",
                             "; load it under another name");
    }
    loaded_.push_back({std::move(backend), options});
    return loaded_.back().backend.get();
  }

  const Backend* findLocked(std::string_view name) const {
    for (const Backend* backend : builtInBackends()) {
      if (backend->name() == name) return backend;
    }
    for (const LoadedPlugin& plugin : loaded_) {
      if (plugin.backend->name() == name) return plugin.backend.get();
    }
    return nullptr;
  }

  void readEnvironment() {
    if (std::exchange(environmentRead_, true)) return;
    const char* value = secure_getenv("QRT_PLUGIN_PATH");
    std::string_view rest = value == nullptr ? "" : value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) loadAll(fs::path(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  // A file, or the .so files of a folder, sorted.
  void loadAll(const fs::path& path) {
    std::vector<fs::path> files = {path};
    std::error_code error;
    if (fs::is_directory(path, error)) {
      files.clear();
      for (const auto& entry : fs::directory_iterator(path, error)) {
        if (entry.path().extension() == ".so") files.push_back(entry.path());
      }
      std::sort(files.begin(), files.end());
    }
    for (const fs::path& file : files) {
      const auto loaded = loadLocked(file, {});
      if (!loaded.ok()) failures_.push_back(annotate(loaded.status(), "QRT_PLUGIN_PATH"));
    }
  }

  std::mutex mutex_;
  std::vector<LoadedPlugin> loaded_;
  std::vector<Status> failures_;
  bool environmentRead_ = false;
};

BackendInfo describe(const Backend& backend) {
  return {std::string(backend.name()), backend.description(), std::string(backend.pluginPath())};
}

}  // namespace

std::span<const Backend* const> builtInBackends() {
  static const std::array<const Backend*, 3> backends = {&cpuInt8Backend(), &cpuFloatBackend(),
                                                           &referenceBackend()};
  return backends;
}

namespace {

std::vector<const Backend*>& addedBackends() {
  static std::vector<const Backend*> backends;
  return backends;
}

}  // namespace

void addBackend(const Backend& backend) { addedBackends().push_back(&backend); }

std::vector<const Backend*> allBackends() {
  const auto builtIn = builtInBackends();
  std::vector<const Backend*> backends(builtIn.begin(), builtIn.end());
  for (const Backend* plugin : Plugins::instance().all()) backends.push_back(plugin);
  return backends;
}

const Backend* findBackend(std::string_view name) {
  for (const Backend* backend : addedBackends()) {
    if (backend->name() == name) return backend;
  }
  // What is built in is found without loading any plugin.
  for (const Backend* backend : builtInBackends()) {
    if (backend->name() == name) return backend;
  }
  for (const Backend* backend : Plugins::instance().all()) {
    if (backend->name() == name) return backend;
  }
  return nullptr;
}

Result<const Backend*> backendNamed(std::string_view name) {
  if (const Backend* backend = findBackend(name)) return backend;
  std::vector<std::string> names;
  for (const Backend* backend : allBackends()) names.emplace_back(backend->name());
  std::string failures;
  for (const Status& failure : Plugins::instance().failures()) failures += "; " + failure.message();
  return notFound("no backend is named '", name, "'", suggestNames(name, names), failures);
}

std::vector<BackendInfo> backends() {
  std::vector<BackendInfo> infos;
  for (const Backend* backend : allBackends()) infos.push_back(describe(*backend));
  return infos;
}

Result<BackendInfo> BackendRegistry::load(const fs::path& path, const PluginOptions& options) {
  return catchOutOfMemory([&]() -> Result<BackendInfo> {
    QRT_ASSIGN_OR_RETURN(const Backend* backend, Plugins::instance().load(path, options));
    return describe(*backend);
  });
}

std::vector<Status> BackendRegistry::failures() { return Plugins::instance().failures(); }

}  // namespace qrt
