// Model's way from and to .qrt files.
#include <cstring>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "base/mapped_file.h"
#include "base/replace_file.h"
#include "format/format.h"
#include "graph/model_data.h"
#include "graph/op.h"

namespace qrt {
namespace {

bool agree(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked()) return true;
  if (a.rank() != b.rank()) return false;
  for (int i = 0; i < a.rank(); ++i) {
    if (a[i] != b[i] && a[i] != Shape::kUnknown && b[i] != Shape::kUnknown) return false;
  }
  return true;
}

// What the checks of a graph call an invalid argument is here a file that is not right.
Status blameFile(const Status& status) {
  return status.code() == StatusCode::invalidArgument ? corruptData(status.message()) : status;
}

Result<Model> modelOf(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner,
                      const MappedFile* file = nullptr) {
  Result<Graph> graph = decode(bytes, owner, file);
  if (!graph.ok()) return blameFile(graph.status());
  if (Status status = checkGraph(*graph); !status.ok()) return blameFile(status);
  return makeModel(std::move(graph).value());
}

}  // namespace

Status checkGraph(Graph& graph) {
  QRT_RETURN_IF_ERROR(validate(graph));
  std::vector<std::pair<DType, Shape>> stored;
  stored.reserve(graph.tensors.size());
  for (const Tensor& tensor : graph.tensors) stored.emplace_back(tensor.dtype, tensor.shape);
  QRT_RETURN_IF_ERROR(inferShapes(graph));
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.dtype != stored[i].first || !agree(tensor.shape, stored[i].second)) {
      return invalidArgument("tensor '", tensor.name, "' is said to be ",
                             dtypeName(stored[i].first), " ", stored[i].second.toString(),
                             ", but its layer makes ", dtypeName(tensor.dtype), " ",
                             tensor.shape.toString());
    }
  }
  return {};
}

Result<Model> Model::load(const std::filesystem::path& path) {
  return catchOutOfMemory([&]() -> Result<Model> {
    QRT_ASSIGN_OR_RETURN(const auto file, MappedFile::open(path));
    Result<Model> model = modelOf(file->bytes(), file, file.get());
    if (!model.ok()) return annotate(model.status(), path.string());
    return model;
  });
}

Result<Model> Model::fromMemory(std::span<const std::byte> bytes,
                                std::shared_ptr<const void> owner) {
  return catchOutOfMemory([&]() -> Result<Model> {
    const auto address = reinterpret_cast<uintptr_t>(bytes.data());
    if (owner != nullptr && address % kAlignment == 0) return modelOf(bytes, owner);
    const ConstantData copy = ConstantData::copyOf(bytes);
    if (copy.bytes.size() != bytes.size())
      return outOfMemory("no memory for ", bytes.size(), " bytes");
    return modelOf(copy.bytes, copy.owner);
  });
}

Status Model::save(const std::filesystem::path& path) const {
  return catchOutOfMemory([&]() -> Status {
    QRT_ASSIGN_OR_RETURN(const FileImage image, encode(data_->graph));
    return replaceFile(path, image.pieces);
  });
}

}  // namespace qrt
