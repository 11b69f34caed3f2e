// Who can run layers: the backends built into this library, and those loaded from plugins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "qrt/status.h"

namespace qrt {

/// A backend, for lists.
struct BackendInfo {
  std::string name;         ///< as in SessionOptions::backends
  std::string description;  ///< one line
  std::string plugin = {};  ///< the file it was loaded from; empty: built in
};

/// All backends: those built in, in order of default priority, then plugins.
std::vector<BackendInfo> backends();

/// How to load a plugin.
struct PluginOptions {
  std::string name = {};    ///< what to call the backend; empty: the plugin's own name
  std::string config = {};  ///< handed to the plugin: a device, a file, whatever its documentation says
  /// Seconds that loading it, a question whether it supports a layer, or compiling a partition may take, 0: any time.
  /// Such calls are made in threads of their own. One that takes longer is left alone there, with the memory it uses,
  /// and the plugin is neither asked nor given layers before it returns; FaultOptions says what sessions do.
  double callSeconds = 120;

  bool operator==(const PluginOptions&) const = default;
};

/// Backend plugins (qrt/backend.h): shared libraries that run layers on other devices. All functions may be called by
/// any thread. A plugin runs only layers of sessions that name it (SessionOptions::backends, layerBackends,
/// Session::setLayerBackend); it stays loaded until the process ends.
///
/// Plugins that the environment variable QRT_PLUGIN_PATH names (files, or folders of .so files, separated by ':') are
/// loaded when a backend is first looked for that is not built in, or all are listed. It is ignored in set-user-ID
/// programs.
class BackendRegistry {
 public:
  /// Loads a plugin. The same file under another name is another backend: another device. Loading what is loaded
  /// already, with equal options, does nothing. Errors: notFound, ioError (not a library), corruptData (not a plugin),
  /// unsupported (another version of the ABI), invalidArgument (a name that is taken, or has characters that names
  /// have not; callSeconds that cannot be), failed (it did not open in time), or what the plugin says when its device
  /// does not open; all name the file.
  static Result<BackendInfo> load(const std::filesystem::path& path, const PluginOptions& options = {});

  /// Why files of QRT_PLUGIN_PATH are not loaded, one Status each.
  static std::vector<Status> failures();
};

}  // namespace qrt
