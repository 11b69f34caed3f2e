#include "common/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "common/cli.h"

namespace qrt::tools {
namespace {

std::vector<std::byte> npyBytes(const std::string& header, size_t dataBytes) {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size());
  text += '\0';
  text += header + std::string(dataBytes, '\1');
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(Npy, WriteThenReadGivesTheSame) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "qrt_npy_test.npy";
  const float values[] = {1, -2, 3.5f, 0, 5, 6};
  writeNpy(path, {DType::f32, {2, 3}, values});
  const Array array = readNpy(path);
  EXPECT_EQ(array.shape, (Shape{2, 3}));
  EXPECT_EQ(std::memcmp(array.bytes.data(), values, sizeof values), 0);
  EXPECT_EQ(std::filesystem::file_size(path) % 64, sizeof values);  // NumPy wants data aligned to 64
  std::filesystem::remove(path);
}

TEST(Npy, ReadsScalarsAndVectors) {
  EXPECT_EQ(parseNpy(npyBytes("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1), "t").shape, Shape());
  EXPECT_EQ(parseNpy(npyBytes("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", 24), "t").shape, (Shape{3}));
}

TEST(Npy, RefusesWhatItCannotRead) {
  const char* headers[] = {"{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }",
                           "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296,4), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }",
                           "{'descr':",
                           "{}",
                           ""};
  for (const char* header : headers) EXPECT_THROW(parseNpy(npyBytes(header, 16), "t"), Failure) << header;
  EXPECT_THROW(parseNpy({}, "t"), Failure);
}

TEST(Npz, RefusesTruncationAtEveryByte) {
  const std::vector<std::byte> whole = readFile(QRT_DEMO_DATA);
  EXPECT_EQ(parseNpz(whole, "t").at("y").shape, (Shape{360}));
  for (size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_THROW(parseNpz(std::span(whole).first(size), "t"), Failure) << size;
  }
}

}  // namespace
}  // namespace qrt::tools
