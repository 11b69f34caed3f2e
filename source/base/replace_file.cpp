#include "base/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"

namespace qrt {
namespace {

namespace fs = std::filesystem;

// Creates a file of a name that nobody has; returns −1 with errno on failure.
int createTemporary(const fs::path& folder, fs::path& name) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    name = folder / concat(".qrt-", ::getpid(), "-", counter++, ".tmp");
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
}

// 0 or the errno.
int writeAll(int file, std::span<const std::byte> bytes) {
  constexpr size_t kMost = size_t{1} << 30;  // Linux takes at most 2 GiB a call
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), std::min(bytes.size(), kMost));
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return 0;
}

// Makes the rename itself last; not every file system can, and the file is complete either way.
void syncFolder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(::fsync(file));
  ::close(file);
}

// The file that a symbolic link, or a chain of them, stands for.
fs::path withoutLinks(fs::path path) {
  constexpr int kMostLinks = 40;  // as in Linux
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) break;
    path = path.parent_path() / target;
  }
  return path;
}

}  // namespace

Status replaceFile(const fs::path& name, std::span<const std::span<const std::byte>> pieces) {
  const fs::path path = withoutLinks(name);
  const auto failure = [&](int error) {
    return ioError("cannot write '", path.string(), "': ", std::generic_category().message(error));
  };
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return failure(errno);  // links in a circle, for one
  if (exists && !S_ISREG(info.st_mode)) {
    return ioError("cannot write '", path.string(), "': it is ",
                   S_ISDIR(info.st_mode) ? "a folder" : "not a file");
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  fs::path temporary;
  const int file = createTemporary(folder, temporary);
  if (file < 0) return failure(errno);
  int error = 0;
  if (exists && ::fchmod(file, info.st_mode & 0777) != 0) error = errno;
  for (size_t i = 0; i < pieces.size() && error == 0; ++i) error = writeAll(file, pieces[i]);
  if (error == 0 && ::fsync(file) != 0) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return failure(error);
  }
  syncFolder(folder);
  return {};
}

}  // namespace qrt
