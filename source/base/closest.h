// "Did you mean …?" for messages about names that do not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace qrt {

/// The end of a message about an unknown name: "; did you mean 'conv1' or 'conv2'?" with the (at most
/// three) names nearest to `wanted` by edit distance; if none is near, "; there are 'a', 'b', …".
std::string suggestNames(std::string_view wanted, std::span<const std::string> names);

}  // namespace qrt
