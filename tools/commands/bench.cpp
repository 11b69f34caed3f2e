// qrt bench: how long a model takes, as a whole and layer by layer.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "common/cli.h"
#include "peak/peak.h"

namespace qrt::tools {
namespace {

struct Args {
  ModelArgs model;
  SessionArgs session;
  int runs = 0;
  double seconds = 2;
  bool layers = false;
  bool json = false;
};

using Clock = std::chrono::steady_clock;

double msSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Times {
  double first = 0;
  std::vector<double> ms;  // sorted

  double quantile(double q) const {
    const auto at = static_cast<size_t>(std::ceil(q * static_cast<double>(ms.size())));
    return ms[std::clamp<size_t>(at, 1, ms.size()) - 1];
  }
};

// The same ordinary numbers in every run: no denormals, no zeros that a kernel might skip.
void fillInputs(Session& session) {
  std::mt19937 random(1);
  for (size_t i = 0; i < session.inputs().size(); ++i) {
    const TensorView view = orFail(session.input(i));
    if (view.dtype == DType::f32) {
      std::uniform_real_distribution<float> uniform(-1, 1);
      const std::span<float> values = orFail(view.as<float>());
      for (float& x : values) x = uniform(random);
    } else if (dtypeSize(view.dtype) == 1 && view.dtype != DType::boolean) {
      std::generate_n(static_cast<uint8_t*>(view.data), view.bytes(), [&] { return static_cast<uint8_t>(random()); });
    }
  }
}

Times measure(Session& session, const Args& args) {
  const auto once = [&] {
    const auto start = Clock::now();
    orFail(session.run());
    return msSince(start);
  };
  Times times;
  times.first = once();
  for (int i = 0; i < 2; ++i) orFail(session.run());
  session.resetProfile();
  const auto start = Clock::now();
  const auto enough = [&] {
    if (args.runs > 0) return times.ms.size() >= static_cast<size_t>(args.runs);
    return times.ms.size() >= 5 && msSince(start) >= 1000 * args.seconds;
  };
  while (!enough()) times.ms.push_back(once());
  std::sort(times.ms.begin(), times.ms.end());
  return times;
}

// Of this program: what getrusage() calls that counts the memory of whoever started it too. 0 if unknown.
size_t peakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (size_t kib = 0; word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

// Multiply-accumulates per second that the session's threads can do at most.
struct Peaks {
  double f32 = 0, s8 = 0;

  static Peaks measure(int threads) { return {bench::fmaPeak() * threads, bench::dotPeak() * threads}; }
  /// How much of it a layer reaches; more than all where an algorithm saves multiplications. 0 if the kernel has none.
  double share(const LayerProfile& layer) const {
    const double peak = layer.kernel.find("_f32_") != std::string::npos  ? f32
                        : layer.kernel.find("_s8_") != std::string::npos ? s8
                                                                         : 0;
    return peak > 0 && layer.medianMs > 0 ? static_cast<double>(layer.macs) / layer.medianMs * 1e3 / peak : 0;
  }
};

std::string backendNames(const Session& session) {
  std::vector<std::string> names;
  for (const LayerPlacement& p : session.placement().layers) {
    if (p.actual.empty()) continue;  // folded away
    if (std::find(names.begin(), names.end(), p.actual) == names.end()) names.push_back(p.actual);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

// Layers that a backend runs in one go have one time, at the first, and maybe the backend's own, marked "*".
void printLayers(const Profile& profile, double total, const Peaks& peaks) {
  std::vector<std::vector<std::string>> rows;
  bool device = false;
  for (const LayerProfile& l : profile.layers) {
    device = device || l.deviceMs > 0;
    const double ms = l.deviceMs > 0 ? l.deviceMs : l.medianMs;
    const auto rate = [&](int64_t count) {
      return count > 0 && ms > 0 ? format("%.1f", static_cast<double>(count) / ms / 1e6) : "";
    };
    rows.push_back({l.layer, l.op, l.backend, l.kernel, format(l.deviceMs > 0 ? "%.4f*" : "%.4f", ms),
                    format("%.1f%%", 100 * ms / total), rate(l.macs),
                    peaks.share(l) > 0 ? format("%.0f", 100 * peaks.share(l)) : "", rate(l.bytes)});
  }
  std::printf("\n");
  printTable({"layer", "op", "backend", "kernel", ">ms", ">share", ">GMAC/s", ">% peak", ">GB/s"}, rows);
  std::printf("peak: %.1f GMAC/s in f32, %.1f in s8\n", peaks.f32 / 1e9, peaks.s8 / 1e9);
  if (device) std::printf("* as the backend says\n");
  for (const LayerProfile& l : profile.layers) {
    if (!l.reason.empty()) std::printf("%s is not where it was asked to be: %s\n", l.layer.c_str(), l.reason.c_str());
  }
  for (const Fault& f : profile.faults) {
    std::printf("%s failed %lld times at layer '%s': %s; done on the CPU\n", f.backend.c_str(),
                static_cast<long long>(f.count), f.layer.c_str(), f.what.c_str());
  }
}

void run(const Args& args) {
  auto start = Clock::now();
  const Model model = args.model.load();
  const double loadMs = msSince(start);
  SessionOptions options = args.session.options(model, args.model);
  options.profiling = args.layers;
  start = Clock::now();
  Session session = orFail(Session::create(model, options));
  const double prepareMs = msSince(start);
  fillInputs(session);
  const Times times = measure(session, args);
  const Profile profile = session.profile();
  const size_t peak = peakMemory();
  const Peaks peaks = args.layers ? Peaks::measure(session.threads()) : Peaks();
  const std::string isa = orFail(activeIsaName());
  if (args.json) {
    nlohmann::ordered_json out = {{"model", args.model.path}, {"isa", isa}, {"threads", session.threads()},
                                  {"backend", backendNames(session)}, {"runs", times.ms.size()}, {"load_ms", loadMs},
                                  {"prepare_ms", prepareMs}, {"first_ms", times.first},
                                  {"min_ms", times.ms.front()}, {"median_ms", times.quantile(0.5)},
                                  {"p95_ms", times.quantile(0.95)}, {"peak_memory_bytes", peak},
                                  {"layers", nlohmann::ordered_json::array()}};
    if (args.layers) out["peak_gmac_per_s"] = {{"f32", peaks.f32 / 1e9}, {"s8", peaks.s8 / 1e9}};
    for (const LayerProfile& l : profile.layers) {
      out["layers"].push_back({{"name", l.layer}, {"op", l.op}, {"backend", l.backend}, {"kernel", l.kernel},
                               {"ms", l.medianMs}, {"device_ms", l.deviceMs}, {"macs", l.macs}, {"bytes", l.bytes},
                               {"share_of_peak", peaks.share(l)}, {"reason", l.reason}});
    }
    return printJson(out);
  }
  std::printf("%s: %s, %d thread%s, %s\n", args.model.path.c_str(), isa.c_str(), session.threads(),
              session.threads() == 1 ? "" : "s", backendNames(session).c_str());
  std::printf("median %.3f ms, min %.3f, 95%% %.3f (%zu runs), peak memory %s\n", times.quantile(0.5), times.ms.front(),
              times.quantile(0.95), times.ms.size(), bytes(static_cast<double>(peak)).c_str());
  std::printf("loaded in %.3f ms, prepared in %.3f, first run %.3f\n", loadMs, prepareMs, times.first);
  if (args.layers) printLayers(profile, profile.medianMs, peaks);
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "Time a model on random inputs, as a whole and layer by layer");
  command->footer("Example: qrt bench model.qrt --threads 2 --layers");
  const auto args = std::make_shared<Args>();
  args->model.add(*command);
  args->session.add(*command);
  command->add_option("--runs", args->runs, "Number of runs (default: as many as fit in --seconds, at least 5)")->check(CLI::PositiveNumber);
  command->add_option("--seconds", args->seconds, "How long to measure")->capture_default_str()->check(CLI::PositiveNumber);
  command->add_flag("--layers", args->layers, "Time every layer");
  command->add_flag("--json", args->json, "One JSON object on stdout");
  command->callback([args] { run(*args); });
}

}  // namespace qrt::tools
