// Errors as values. Nothing in libqrt throws across its API, aborts on bad input, or prints.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace qrt {

/// What kind of failure a Status reports. Values are stable.
enum class StatusCode {
  ok = 0,
  invalidArgument = 1,  ///< the caller passed something that cannot be right
  notFound = 2,         ///< no such file, layer, tensor or backend
  unsupported = 3,      ///< valid, but libqrt does not do it
  corruptData = 4,      ///< a file or buffer is not what it claims to be
  ioError = 5,          ///< the operating system refused
  outOfMemory = 6,      ///< a size is more than the process may or can allocate
  failed = 7,           ///< a backend failed while preparing or running
  internal = 8,         ///< a bug in libqrt
};

/// Success, or a code and a sentence naming what was found and what was wanted.
class [[nodiscard]] Status {
 public:
  /// Success.
  Status() = default;
  /// A failure; `code` must not be `ok`.
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  /// True on success.
  bool ok() const { return code_ == StatusCode::ok; }
  /// The kind of failure, `StatusCode::ok` on success.
  StatusCode code() const { return code_; }
  /// One line for a person; empty on success.
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::ok;
  std::string message_;
};

/// A value, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  /// Holds a value.
  Result(T value) : value_(std::move(value)) {}
  /// Holds a failure; `status.ok()` must be false.
  Result(Status status) : status_(std::move(status)) {}

  /// True if a value is held.
  bool ok() const { return value_.has_value(); }
  /// Why there is no value; success if there is one.
  const Status& status() const { return status_; }
  /// The value; only when `ok()`.
  T& value() & { return *value_; }
  /// The value; only when `ok()`.
  const T& value() const& { return *value_; }
  /// The value, moved out; only when `ok()`. By value, so that `for (auto& x : *f())` does not dangle.
  T value() && { return *std::move(value_); }
  /// The value; only when `ok()`.
  T& operator*() & { return *value_; }
  /// The value; only when `ok()`.
  const T& operator*() const& { return *value_; }
  /// The value, moved out; only when `ok()`.
  T operator*() && { return *std::move(value_); }
  /// The value's member; only when `ok()`.
  T* operator->() { return &*value_; }
  /// The value's member; only when `ok()`.
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace qrt
