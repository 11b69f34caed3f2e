// What moving one layer costs, as a share of preparing the whole model without packed weights: each layer of a model to
// backend TO and back, in new sessions, medians over their ROUNDS. All layers begin on FROM if it is given.
// QRT_PLUGIN_PATH loads plugins. The bytes of the outputs must stay.
//
//   bench_prepare MODEL.qrt TO [ROUNDS [FROM]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "qrt/qrt.h"

namespace {

using namespace qrt;

template <class T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "bench_prepare: %s\n", result.status().message().c_str());
  std::exit(1);
}

void must(const Status& status) {
  if (!status.ok()) must(Result<int>(status));
}

template <class Call>
double milliseconds(const Call& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::vector<std::byte> outputs(Session& session) {
  must(session.run());
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < session.outputs().size(); ++i) {
    const ConstTensorView view = must(session.output(i));
    const auto* first = static_cast<const std::byte*>(view.data);
    bytes.insert(bytes.end(), first, first + view.bytes());
  }
  return bytes;
}

void fill(Session& session) {
  for (size_t i = 0; i < session.inputs().size(); ++i) {
    const TensorView view = must(session.input(i));
    auto* bytes = static_cast<unsigned char*>(view.data);
    for (size_t k = 0; k < view.bytes(); ++k) bytes[k] = static_cast<unsigned char>(k % 4 == 3 ? 0x3f : k * 7 % 120);
  }
}

// The times of one way, by layer.
struct Times {
  std::map<std::string, std::vector<double>> ms;

  void print(const char* way, double full) const {
    std::vector<std::pair<double, std::string>> shares;
    for (const auto& [layer, times] : ms) shares.push_back({100 * median(times) / full, layer});
    std::sort(shares.begin(), shares.end());
    std::printf("%-5s median %5.1f %%  worst %5.1f %% (%s)\n", way, shares[shares.size() / 2].first,
                shares.back().first, shares.back().second.c_str());
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::fprintf(stderr, "Usage: bench_prepare MODEL.qrt TO [ROUNDS [FROM]]\n");
    return 2;
  }
  const Model model = must(Model::load(argv[1]));
  const std::string backend = argv[2];
  const int rounds = argc > 3 ? std::max(1, std::atoi(argv[3])) : 9;
  SessionOptions options{.threads = 1};
  if (argc > 4) options.layerBackends["*"] = argv[4];
  std::vector<double> full;
  Times away, back;
  int moved = 0, other = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Session> session;  // no other one holds weights
    full.push_back(milliseconds([&] { session.push_back(must(Session::create(model, options))); }));
    fill(session[0]);
    const auto wanted = outputs(session[0]);
    for (const LayerPlacement& layer : Placement(session[0].placement()).layers) {
      away.ms[layer.layer].push_back(milliseconds([&] { must(session[0].setLayerBackend(layer.layer, backend)); }));
      if (round == 0) {
        for (const LayerPlacement& now : session[0].placement().layers) {
          moved += now.layer == layer.layer && now.actual == backend;
        }
        other += outputs(session[0]) != wanted;
      }
      back.ms[layer.layer].push_back(milliseconds([&] { must(session[0].setLayerBackend(layer.layer, "")); }));
      if (round == 0) other += outputs(session[0]) != wanted;
    }
  }
  std::printf("%s, %zu layers to %s, %d of which go; whole prepare %.2f ms\n", argv[1], away.ms.size(), argv[2], moved,
              median(full));
  away.print("away", median(full));
  back.print("back", median(full));
  if (other == 0) return 0;
  std::printf("%d outputs of other bytes\n", other);
  return 1;
}
