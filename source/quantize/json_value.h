// A JSON document that remembers where its values stand, so that errors can say so. The text is untrusted.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "qrt/status.h"

namespace qrt {

struct JsonValue {
  enum class Kind { null, boolean, integer, real, string, array, object };
  Kind kind = Kind::null;
  size_t offset = 0;     ///< of its first byte in the text
  size_t keyOffset = 0;  ///< the same of its key, if it is a member
  bool boolean = false;
  double number = 0;     ///< integers beyond 2^53 are rounded
  std::string string;
  std::vector<JsonValue> elements;
  std::map<std::string, JsonValue> members;
};

/// The text of a document and what messages call it.
struct JsonSource {
  std::string_view text;
  std::string_view name;
  /// invalidArgument "name:line:column: what", both counted from 1, columns in bytes.
  Status errorAt(size_t offset, std::string_view what) const;
};

/// Errors: invalidArgument with line and column: syntax, a key that occurs twice in an object, more than
/// kMostJsonDepth values within each other, more than kMostJsonValues in all.
Result<JsonValue> parseJson(const JsonSource& source);

constexpr size_t kMostJsonDepth = 16;
constexpr size_t kMostJsonValues = 1'000'000;

/// The value for a message: short ones as they are, "an object", "a list".
std::string describe(const JsonValue& value);

/// A string as JSON writes it.
std::string jsonText(std::string_view text);
/// A number as JSON writes it: reading gives back the same.
std::string numberText(double number);

}  // namespace qrt
