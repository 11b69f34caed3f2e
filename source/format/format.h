// The .qrt file (schema/model.fbs) to and from a Graph. Model::load and save are in model_file.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "qrt/status.h"

namespace qrt {

/// Whether bytes begin as a .qrt file does.
bool looksLikeQrt(std::span<const std::byte> bytes);

/// A file as it will be written: `pieces` one after the other. They lie in `front` (prelude and
/// header) and in the graph's constants, which must outlive them.
struct FileImage {
  std::vector<std::byte> front;
  std::vector<std::span<const std::byte>> pieces;

  /// All pieces in one; for files that are small.
  std::vector<std::byte> joined() const;
};

/// The file of a graph that validate() accepts. Errors: unsupported (a header over 1 GiB).
Result<FileImage> encode(const Graph& graph);

/// The graph of a file at a 64-byte boundary. Its constants point into `bytes`, which `owner` keeps alive; `file` is
/// what they are mapped from, if they are. The file's structure is checked, the graph is not: see checkGraph().
/// Errors: corruptData, unsupported (another version, an unknown op).
Result<Graph> decode(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner,
                     const MappedFile* file = nullptr);

/// validate() and inferShapes(), and that the shapes which were in the file are those that come
/// out.
Status checkGraph(Graph& graph);

}  // namespace qrt
