// How library code makes, passes on and checks errors. Include from .cpp files and internal headers only.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include "qrt/status.h"

namespace qrt {

/// Everything streamed into one string.
template <class... Args>
std::string concat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return std::move(out).str();
}

template <class... Args>
Status invalidArgument(const Args&... args) {
  return {StatusCode::invalidArgument, concat(args...)};
}
template <class... Args>
Status notFound(const Args&... args) {
  return {StatusCode::notFound, concat(args...)};
}
template <class... Args>
Status unsupported(const Args&... args) {
  return {StatusCode::unsupported, concat(args...)};
}
template <class... Args>
Status corruptData(const Args&... args) {
  return {StatusCode::corruptData, concat(args...)};
}
template <class... Args>
Status ioError(const Args&... args) {
  return {StatusCode::ioError, concat(args...)};
}
template <class... Args>
Status outOfMemory(const Args&... args) {
  return {StatusCode::outOfMemory, concat(args...)};
}
template <class... Args>
Status internalError(const Args&... args) {
  return {StatusCode::internal, concat(args...)};
}

/// The same failure with a place in front: "layer 'conv1' (Conv): …".
template <class... Args>
Status annotate(const Status& status, const Args&... where) {
  return status.ok() ? status : Status(status.code(), concat(where..., ": ", status.message()));
}

}  // namespace qrt

#define QRT_CONCAT_INNER(a, b) a##b
#define QRT_CONCAT(a, b) QRT_CONCAT_INNER(a, b)

/// Leaves the function with the Status if it is a failure.
#define QRT_RETURN_IF_ERROR(expr)                     \
  do {                                                \
    if (::qrt::Status status_ = (expr); !status_.ok()) return status_; \
  } while (0)

/// `QRT_ASSIGN_OR_RETURN(auto x, f());` leaves the function if f() failed.
#define QRT_ASSIGN_OR_RETURN(lhs, expr) \
  QRT_ASSIGN_OR_RETURN_IMPL(QRT_CONCAT(result_, __LINE__), lhs, expr)
#define QRT_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                              \
  if (!tmp.ok()) return tmp.status();             \
  lhs = std::move(tmp).value()

/// Our own bugs only, never input: checked in debug and sanitizer builds.
#ifdef NDEBUG
#define QRT_CHECK(condition) static_cast<void>(0)
#else
#define QRT_CHECK(condition)                                                        \
  ((condition) ? static_cast<void>(0)                                               \
               : (std::fprintf(stderr, "%s:%d: QRT_CHECK(%s)\n", __FILE__, __LINE__, \
                               #condition),                                         \
                  std::abort()))
#endif
