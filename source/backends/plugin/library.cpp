#include "backends/plugin/library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace qrt {
namespace {

constexpr size_t kLongestName = 64;
constexpr size_t kLongestDescription = 256;

bool isName(const char* name) {
  const size_t size = strnlen(name, kLongestName + 1);
  return size > 0 && size <= kLongestName && std::all_of(name, name + size, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

Result<std::shared_ptr<const PluginLibrary>> PluginLibrary::open(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return notFound(path, ": no such file");
  // A bare file name would be searched for in the system's folders.
  const std::string full = std::filesystem::absolute(path, error).string();
  void* handle = dlopen(full.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return ioError(path, ": ", pluginText(dlerror(), 512, "it does not load"));
  std::shared_ptr<PluginLibrary> library(new PluginLibrary(full, handle));
  QRT_RETURN_IF_ERROR(annotate(library->readTable(), path));
  return std::shared_ptr<const PluginLibrary>(std::move(library));
}

PluginLibrary::~PluginLibrary() { dlclose(handle_); }

Status PluginLibrary::readTable() {
  const auto entry = reinterpret_cast<QrtBackendEntry>(dlsym(handle_, QRT_BACKEND_ENTRY));
  if (entry == nullptr) return corruptData("it exports no ", QRT_BACKEND_ENTRY, "(): not a backend plugin");
  const QrtBackendApi* table = entry(QRT_BACKEND_ABI);
  if (table == nullptr) return unsupported("it does not serve hosts of ABI version ", QRT_BACKEND_ABI);
  constexpr size_t kFirstFields = offsetof(QrtBackendApi, capabilities);
  if (table->structSize < kFirstFields) {
    return corruptData("its table has ", table->structSize, " bytes, wanted ", sizeof(QrtBackendApi));
  }
  if (table->magic != QRT_BACKEND_MAGIC) {
    return corruptData("its table begins with the magic number ", table->magic, ", wanted ", QRT_BACKEND_MAGIC);
  }
  if (table->abi != QRT_BACKEND_ABI) {
    return unsupported("it speaks version ", table->abi, " of the backend ABI, wanted ", QRT_BACKEND_ABI);
  }
  if (table->structSize < sizeof(QrtBackendApi)) {
    return corruptData("its table has ", table->structSize, " bytes, wanted ", sizeof(QrtBackendApi));
  }
  std::memcpy(&api_, table, sizeof api_);
  return checkFunctions();
}

Status PluginLibrary::checkFunctions() const {
  if (api_.name == nullptr || !isName(api_.name)) {
    return corruptData("its name is not 1 to ", kLongestName, " lower case letters, digits and '-'");
  }
  if (api_.description == nullptr ||
      strnlen(api_.description, kLongestDescription + 1) > kLongestDescription) {
    return corruptData("its description is missing or longer than ", kLongestDescription, " bytes");
  }
  const bool direct = api_.run != nullptr;
  const bool split = api_.submit != nullptr && api_.wait != nullptr;
  const bool device = api_.allocate != nullptr && api_.release != nullptr && api_.upload != nullptr &&
                      api_.download != nullptr;
  const std::pair<bool, const char*> wanted[] = {
      {api_.open != nullptr, "open"},
      {api_.close != nullptr, "close"},
      {api_.supports != nullptr, "supports"},
      {api_.compile != nullptr, "compile"},
      {api_.destroy != nullptr, "destroy"},
      {direct || split, "run, or submit and wait"},
      {!can(QRT_REPORTS_LAYERS) || api_.layerSeconds != nullptr, "layerSeconds, which its capabilities promise"},
      {!can(QRT_DEVICE_MEMORY) || device, "allocate, release, upload and download, which its capabilities promise"}};
  for (const auto& [there, name] : wanted) {
    if (!there) return corruptData("its table lacks ", name);
  }
  return {};
}

std::string pluginText(const char* text, size_t size, const char* otherwise) {
  std::string line = text == nullptr ? "" : std::string(text, strnlen(text, size));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  }
  return line.empty() ? otherwise : line;
}

}  // namespace qrt
