// Raw deflate streams, through stb_image's decoder.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace qrt::tools {

/// Exactly `size` bytes from a raw deflate stream; throws Failure, naming `name`, if it holds fewer or more.
std::vector<std::byte> inflate(std::span<const std::byte> packed, size_t size, const std::string& name);

}  // namespace qrt::tools
