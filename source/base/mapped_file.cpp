#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/error.h"

namespace qrt {
namespace {

Status systemError(const std::filesystem::path& path, int error) {
  const std::string message =
      concat("cannot read '", path.string(), "': ", std::generic_category().message(error));
  return {error == ENOENT || error == ENOTDIR ? StatusCode::notFound : StatusCode::ioError,
          message};
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  // Nonblocking: a pipe without a writer must not hang us before we see that it is not a file.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return systemError(path, errno);
  struct stat info {};
  const int statError = ::fstat(file, &info) == 0 ? 0 : errno;
  const size_t size = static_cast<size_t>(info.st_size);
  void* data = nullptr;
  int mapError = 0;
  if (statError == 0 && S_ISREG(info.st_mode) && size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) mapError = errno;
  }
  ::close(file);
  if (statError != 0) return systemError(path, statError);
  if (!S_ISREG(info.st_mode)) {
    return ioError("cannot read '", path.string(), "': it is ",
                   S_ISDIR(info.st_mode) ? "a folder" : "not a file");
  }
  if (mapError != 0) return systemError(path, mapError);
  return std::make_shared<const MappedFile>(data, size);
}

void MappedFile::givePagesBack(std::span<const std::byte> part) const {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(part.data()) / page * page;
  const uintptr_t end = reinterpret_cast<uintptr_t>(part.data()) + part.size();
  if (!part.empty()) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<void*>(data_), size_);
}

}  // namespace qrt
