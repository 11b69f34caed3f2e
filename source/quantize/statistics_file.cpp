// Statistics in files: little-endian, everything in ascending order, so that equal statistics are equal
// bytes.
//
//   "QRTSTAT1"  model: text  fingerprint: u64
//   samples: u64 count, then u64 each, ascending
//   tensors: u64 count, then each, ascending by name:
//     name: text   min and max of every sample: 2 × f32   bins: u64 count, then u32 bin, u64 count each
//   text: u64 length, bytes
//
// The bytes are untrusted: every count is held against what is left before it is used.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/out_of_memory.h"
#include "base/replace_file.h"
#include "quantize/statistics.h"

namespace qrt {
namespace {

static_assert(std::endian::native == std::endian::little, "statistics files are little-endian");

constexpr std::string_view kMagic = "QRTSTAT1";
constexpr size_t kBinBytes = sizeof(uint32_t) + sizeof(uint64_t);

// A page of a histogram may hold a single bin: a file may ask for a lot more memory than it has bytes.
// Those of real data need some thirty times as much; a small one may need more.
constexpr size_t kPageBytes = TensorHistogram::kPageBins * sizeof(uint64_t);
constexpr size_t kMostPages = (size_t{256} << 20) / kPageBytes;
constexpr size_t kMostPagesPerKiB = 64 * 1024 / kPageBytes;

class Writer {
 public:
  template <class T>
  void number(T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(T));
  }
  void raw(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void text(std::string_view text) {
    number<uint64_t>(text.size());
    raw(text);
  }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

void write(Writer& out, const TensorHistogram& histogram) {
  uint64_t bins = 0;
  for (const SampleRange& range : histogram.samples()) {
    out.number(range.min);
    out.number(range.max);
  }
  histogram.forEachBin([&](uint32_t, uint64_t) { ++bins; });
  out.number(bins);
  histogram.forEachBin([&](uint32_t bin, uint64_t count) {
    out.number(bin);
    out.number(count);
  });
}

// Reads numbers and lists; the first that does not fit is remembered, and 0 or nothing is given from then on.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes)
      : bytes_(bytes), pagesLeft_(kMostPages + bytes.size() / 1024 * kMostPagesPerKiB) {}

  template <class T>
  T number() {
    T value{};
    const auto from = take(sizeof(T));
    if (!from.empty()) std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }
  /// How many things of at least `size` bytes follow.
  uint64_t count(size_t size) {
    const auto value = number<uint64_t>();
    if (value <= bytes_.size() / size) return value;
    fail(concat(value, " entries in the ", bytes_.size(), " bytes that are left"));
    return 0;
  }
  std::string text() {
    const auto from = take(count(1));
    return {reinterpret_cast<const char*>(from.data()), from.size()};
  }
  bool raw(std::string_view wanted) {
    const auto from = take(wanted.size());
    return from.size() == wanted.size() && std::memcmp(from.data(), wanted.data(), from.size()) == 0;
  }
  /// A histogram will have one page more.
  bool takePage() {
    if (pagesLeft_ == 0) fail("bins in more pages than a file of this size can need");
    return pagesLeft_ > 0 && pagesLeft_-- > 0;
  }
  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    bytes_ = {};
  }
  size_t left() const { return bytes_.size(); }
  const std::string& error() const { return error_; }

 private:
  std::span<const std::byte> take(size_t size) {
    if (size > bytes_.size()) {
      fail("the end of the file where more was wanted");
      return {};
    }
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  std::span<const std::byte> bytes_;
  size_t pagesLeft_;
  std::string error_;
};

void readSamples(Reader& in, std::vector<uint64_t>& samples) {
  const uint64_t count = in.count(sizeof(uint64_t));
  for (uint64_t i = 0; i < count; ++i) {
    const auto sample = in.number<uint64_t>();
    if (!samples.empty() && sample <= samples.back()) return in.fail("samples out of order");
    samples.push_back(sample);
  }
  if (count == 0) in.fail("no samples");
}

void readHistogram(Reader& in, const std::vector<uint64_t>& samples, TensorHistogram& histogram) {
  for (const uint64_t sample : samples) {
    const auto min = in.number<float>();
    const auto max = in.number<float>();
    if (!std::isfinite(min) || !std::isfinite(max) || min > max) {
      return in.fail(concat("a range of ", min, " … ", max));
    }
    if (in.error().empty()) histogram.addSample({sample, min, max});
  }
  const uint64_t count = in.count(kBinBytes);
  int64_t last = -1;
  for (uint64_t i = 0; i < count; ++i) {
    const auto bin = in.number<uint32_t>();
    const auto values = in.number<uint64_t>();
    if (bin <= last || !TensorHistogram::isFinite(bin)) return in.fail(concat("bin ", bin));
    if (values == 0 || values >> 53 != 0) return in.fail(concat(values, " values in a bin"));
    const bool samePage = last >= 0 && last / TensorHistogram::kPageBins == bin / TensorHistogram::kPageBins;
    if (!samePage && !in.takePage()) return;
    histogram.addBin(bin, values);
    last = bin;
  }
  if (count == 0) return in.fail("a tensor without values");
  if (!histogram.fitsRange()) in.fail("values outside the range of the samples");
}

void readTensors(Reader& in, Statistics::Data& data) {
  const size_t rangeBytes = data.samples.size() * 2 * sizeof(float);
  const uint64_t count = in.count(2 * sizeof(uint64_t) + rangeBytes + kBinBytes);
  std::string last;
  for (uint64_t i = 0; i < count && in.error().empty(); ++i) {
    std::string name = in.text();
    if (name <= last) return in.fail(concat("tensor '", name, "' behind '", last, "'"));
    readHistogram(in, data.samples, data.tensors[name]);
    last = std::move(name);
  }
  if (in.left() != 0) in.fail(concat(in.left(), " bytes too many"));
}

}  // namespace

Status Statistics::save(const std::string& path) const {
  return catchOutOfMemory([&]() -> Status {
    Writer out;
    out.raw(kMagic);
    out.text(data_->model);
    out.number(data_->fingerprint);
    out.number<uint64_t>(data_->samples.size());
    for (const uint64_t sample : data_->samples) out.number(sample);
    out.number<uint64_t>(data_->tensors.size());
    for (const auto& [name, histogram] : data_->tensors) {
      out.text(name);
      write(out, histogram);
    }
    const std::span<const std::byte> pieces[] = {out.bytes()};
    return replaceFile(path, pieces);
  });
}

Result<Statistics> Statistics::load(const std::string& path) {
  return catchOutOfMemory([&]() -> Result<Statistics> {
    QRT_ASSIGN_OR_RETURN(const auto file, MappedFile::open(path));
    Reader in(file->bytes());
    if (!in.raw(kMagic)) {
      return corruptData("'", path, "' is no statistics file: it does not begin with ", kMagic);
    }
    auto data = std::make_shared<Data>();
    data->model = in.text();
    data->fingerprint = in.number<uint64_t>();
    readSamples(in, data->samples);
    readTensors(in, *data);
    if (!in.error().empty()) return corruptData("statistics file '", path, "': ", in.error());
    return Statistics(std::move(data));
  });
}

}  // namespace qrt
