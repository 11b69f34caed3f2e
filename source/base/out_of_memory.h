// Where the library's exceptions end: memory that the standard containers cannot get.
#pragma once

#include <new>
#include <stdexcept>

#include "qrt/status.h"

namespace qrt {

/// What `call` returns, a Status or a Result; outOfMemory if a container in it could not grow.
template <class Call>
auto catchOutOfMemory(const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return Status(StatusCode::outOfMemory, "no memory left");  // short enough to need no memory
}

}  // namespace qrt
