// A plugin's shared library, and calling what it offers. Nothing that comes from it is believed before it was checked.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "qrt/backend.h"

namespace qrt {

/// Keeps the library in memory. Whoever may still call into it holds one.
class PluginLibrary {
 public:
  /// Errors: notFound, ioError (not a library, or it does not load), corruptData (no plugin, or a table that is
  /// not whole), unsupported (another version of the ABI); all begin with the path.
  static Result<std::shared_ptr<const PluginLibrary>> open(const std::string& path);
  ~PluginLibrary();
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  const QrtBackendApi& api() const { return api_; }
  bool can(uint32_t capability) const { return (api_.capabilities & capability) != 0; }
  const std::string& path() const { return path_; }

 private:
  PluginLibrary(std::string path, void* handle) : path_(std::move(path)), handle_(handle) {}
  Status readTable();
  Status checkFunctions() const;

  std::string path_;
  void* handle_;
  QrtBackendApi api_{};  // fields that the plugin does not know are null
};

/// What a plugin wrote as a text: one line, never empty if `otherwise` is not.
std::string pluginText(const char* text, size_t size, const char* otherwise);

/// Calls call(text, textSize); its code and text as a Status. Allocates nothing on success.
template <class Call>
Status callPlugin(const Call& call, std::string* said = nullptr) {
  char text[512] = "";
  QrtCode code = QRT_INTERNAL;
  try {
    code = call(text, sizeof text);
  } catch (...) {
    return {StatusCode::failed, "the plugin threw an exception"};
  }
  if (code == QRT_OK) {
    if (said != nullptr) *said = pluginText(text, sizeof text, "");
    return {};
  }
  const std::string reason = pluginText(text, sizeof text, "the plugin gives no reason");
  if (code < QRT_OK || code > QRT_INTERNAL) {
    return {StatusCode::failed, concat(reason, " (unknown code ", code, ")")};
  }
  return {static_cast<StatusCode>(code), reason};
}

}  // namespace qrt
