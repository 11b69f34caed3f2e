#include "quantize/statistics.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/attribute_io.h"
#include "graph/model_data.h"

namespace qrt {
namespace {

// FNV-1a over 64-bit words: not against forgery, only against mistakes.
class Hash {
 public:
  void add(uint64_t word) { value_ = (value_ ^ word) * 0x100000001b3u ^ value_ >> 29; }
  void add(std::span<const std::byte> bytes) {
    add(bytes.size());
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<size_t>(8, bytes.size()))) {
      uint64_t word = 0;
      for (size_t i = 0; i < std::min<size_t>(8, bytes.size()); ++i) {
        word |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
      }
      add(word);
    }
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace

uint64_t calibrationFingerprint(const Model& model, const Recipe& recipe) {
  const Graph& graph = model.data().graph;
  Hash hash;
  hash.add(uint64_t{recipe.doFusion} | uint64_t{recipe.equalize} << 1);
  for (const Layer& layer : graph.layers) {
    hash.add(layer.name);
    hash.add(opName(layer.op));
    hash.add(attributesText(layer.op, layer.attributes));
    for (const auto* ids : {&layer.inputs, &layer.outputs}) {
      for (const TensorId id : *ids) hash.add(static_cast<uint64_t>(id));
    }
  }
  for (const Tensor& tensor : graph.tensors) {
    hash.add(tensor.name);
    hash.add(static_cast<uint64_t>(tensor.dtype));
    if (tensor.isConstant()) hash.add(tensor.constant->bytes);
  }
  return hash.value();
}

Status checkStatistics(const Statistics& statistics, const Model& model, const Recipe& recipe) {
  const uint64_t wanted = calibrationFingerprint(model, recipe);
  if (statistics.data().fingerprint == wanted) return {};
  return invalidArgument("the statistics are of another model, or of another do_fusion or equalize: ",
                         "they were taken of '", statistics.data().model, "' (fingerprint ",
                         statistics.data().fingerprint, "), wanted '", model.name(), "' (", wanted,
                         ")");
}

size_t Statistics::samples() const { return data_->samples.size(); }

Status Statistics::merge(const Statistics& other) {
  return catchOutOfMemory([&]() -> Status {
    const Data& theirs = other.data();
    if (theirs.fingerprint != data_->fingerprint) {
      return invalidArgument("cannot merge statistics of '", theirs.model, "' (fingerprint ",
                             theirs.fingerprint, ") into those of '", data_->model, "' (",
                             data_->fingerprint,
                             "): another model, or another do_fusion or equalize");
    }
    std::vector<uint64_t> both;
    std::set_intersection(theirs.samples.begin(), theirs.samples.end(), data_->samples.begin(),
                          data_->samples.end(), std::back_inserter(both));
    if (!both.empty()) {
      return invalidArgument("cannot merge: both statistics have sample ", both.front(),
                             both.size() > 1 ? concat(" and ", both.size() - 1, " more") : "",
                             ", wanted each sample once; firstSample numbers shards apart");
    }
    auto merged = std::make_shared<Data>(*data_);
    merged->samples.insert(merged->samples.end(), theirs.samples.begin(), theirs.samples.end());
    std::sort(merged->samples.begin(), merged->samples.end());
    for (const auto& [name, histogram] : theirs.tensors) merged->tensors[name].merge(histogram);
    data_ = std::move(merged);
    return {};
  });
}

}  // namespace qrt
