// NumPy's .npy and .npz files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "qrt/tensor.h"

namespace qrt::tools {

/// A dense array in C order.
struct Array {
  DType dtype = DType::f32;
  Shape shape;
  std::vector<std::byte> bytes;

  ConstTensorView view() const { return {dtype, shape, bytes.data()}; }
};

/// Reads a .npy file, version 1 to 3, little-endian, C order. Throws Failure.
Array readNpy(const std::filesystem::path& path);
/// The same from memory; `name` is for messages.
Array parseNpy(std::span<const std::byte> bytes, const std::string& name);
/// Arrays by name, without ".npy". Compressed (savez_compressed) or not. Throws Failure.
std::map<std::string, Array> parseNpz(std::span<const std::byte> bytes, const std::string& name);
/// Writes to a temporary name, then renames. Throws Failure.
void writeNpy(const std::filesystem::path& path, const ConstTensorView& view);

/// A whole file. Throws Failure naming it.
std::vector<std::byte> readFile(const std::filesystem::path& path);
/// Writes to a temporary name, then renames. Throws Failure.
void writeFile(const std::filesystem::path& path, std::initializer_list<std::span<const std::byte>> parts);

}  // namespace qrt::tools
