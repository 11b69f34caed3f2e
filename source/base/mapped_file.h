// A whole file as memory, read-only, without reading it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "qrt/status.h"

namespace qrt {

/// Unmapped when the last owner goes. Writing to the file while it is mapped shows in the bytes; a
/// file that is cut short kills readers, so writers replace files by renaming.
class MappedFile {
 public:
  /// Errors: notFound, ioError; messages name the path.
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

  MappedFile(const void* data, size_t size) : data_(data), size_(size) {}
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// Takes the pages that `part` of bytes() touches out of this process's memory until they are read again.
  void givePagesBack(std::span<const std::byte> part) const;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  const void* data_;
  size_t size_;
};

}  // namespace qrt
