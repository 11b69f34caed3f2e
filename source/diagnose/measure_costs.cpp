#include "diagnose/measure_costs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "diagnose/samples.h"

namespace qrt {
namespace {

// Which layers of an arrangement go to its backend.
using Choice = bool (*)(size_t layer);
bool all(size_t) { return true; }
bool even(size_t layer) { return layer % 2 == 0; }
bool odd(size_t layer) { return layer % 2 == 1; }
bool not0(size_t layer) { return layer % 3 != 0; }
bool not1(size_t layer) { return layer % 3 != 1; }
bool not2(size_t layer) { return layer % 3 != 2; }

struct Arrangement {
  size_t backend;
  Choice choice;
};

std::vector<Arrangement> arrangementsOf(const Candidates& candidates) {
  std::vector<Arrangement> result;
  for (size_t b = 0; b < candidates.backends.size(); ++b) {
    const bool raises = std::any_of(candidates.layers.begin(), candidates.layers.end(),
                                    [&](const auto& layer) { return layer[b].raised; });
    const bool device = candidates.backends[b]->wantsPartitions();
    result.push_back({b, all});
    if (raises || device) result.insert(result.end(), {{b, even}, {b, odd}});
    if (device) result.insert(result.end(), {{b, not0}, {b, not1}, {b, not2}});
  }
  return result;
}

using Times = std::map<std::vector<int>, std::vector<double>>;  // milliseconds of partitions, by their layers

// What it saves that the layers before and after a tensor are of one partition.
struct Join {
  double bytes = 0;  // of the tensor
  double saved = 0;
  double deviation = 0;  // standard, of `saved`
};

double variance(const Measured& m) { return (m.high - m.low) * (m.high - m.low) / 16; }

// saved = launch + 2 · perByte · bytes, by the medians of Theil (1950) and Sen (1968), which single bad times do not move.
struct Border {
  double launch = 0, perByte = 0;

  explicit Border(const std::map<TensorId, Join>& joins) {
    std::vector<double> slopes, launches;
    for (const auto& [i, a] : joins) {
      for (const auto& [j, b] : joins) {
        if (b.bytes >= 2 * a.bytes) slopes.push_back((b.saved - a.saved) / (b.bytes - a.bytes));
      }
    }
    perByte = std::max(0.0, median(slopes) / 2);
    for (const auto& [i, join] : joins) launches.push_back(join.saved - 2 * perByte * join.bytes);
    launch = std::max(0.0, median(launches));
  }
  // Of a tensor, one way: what all tensors say, unless its own time is surely another.
  double way(const Join& join) const {
    const double own = std::max(0.0, (join.saved - launch) / 2), usual = perByte * join.bytes;
    return std::abs(own - usual) > join.deviation ? own : usual;  // two deviations of a way
  }
};

class Measuring {
 public:
  Measuring(const Model& model, const Candidates& candidates, const PlaceOptions& options)
      : model_(model), c_(candidates), options_(options) {}

  Result<Costs> run() {
    QRT_RETURN_IF_ERROR(time());
    layersOfHost();
    for (size_t b = 0; b < c_.backends.size(); ++b) {
      double launch = 0;
      if (c_.backends[b]->wantsPartitions()) launch = device(b);
      costs_.problem.launch.push_back(launch);
    }
    conversions();
    tensors();
    return std::move(costs_);
  }

 private:
  Status time();
  void layersOfHost();
  double device(size_t backend);
  Times partitionsOf(size_t backend) const;
  std::map<TensorId, Join> joinsOf(const Times& times) const;
  void conversions();
  void tensors();
  std::vector<double> moves(TensorId id) const;
  double perByte(const std::map<TensorId, double>& known) const;

  const Model& model_;
  const Candidates& c_;
  const PlaceOptions& options_;
  std::vector<Arrangement> arrangements_;
  std::vector<Trial> trials_;
  Costs costs_;
  std::vector<std::map<TensorId, double>> ways_;  // by device's space − 2: one way of a tensor
  std::vector<double> wayPerByte_;
  std::map<TensorId, double> toFloat_, toInt8_;
  double conversionPerByte_ = 0;
};

Status Measuring::time() {
  arrangements_ = arrangementsOf(c_);
  for (const Arrangement& arrangement : arrangements_) {
    SessionOptions options = options_.session;
    options.backends.clear();
    options.layerBackends.clear();
    options.placement.clear();
    options.profiling = true;
    for (size_t i = 0; i < c_.layers.size(); ++i) {
      if (!c_.layers[i][arrangement.backend].possible || !arrangement.choice(i)) continue;
      options.placement[c_.name(i)] = c_.backends[arrangement.backend]->name();
    }
    QRT_ASSIGN_OR_RETURN(Trial trial, Trial::create(model_, std::move(options), options_.fill));
    trials_.push_back(std::move(trial));
  }
  size_t done = 0;
  const size_t total = trials_.size() * static_cast<size_t>(options_.runs);
  return runInTurn(trials_, options_.runs, [&] {
    if (options_.progress) options_.progress(++done, total);
  });
}

// Layers that are run one by one.
void Measuring::layersOfHost() {
  costs_.layers.assign(c_.layers.size(), std::vector<Measured>(c_.backends.size()));
  for (size_t i = 0; i < c_.layers.size(); ++i) {
    PlacementProblem::Layer layer;
    for (size_t b = 0; b < c_.backends.size(); ++b) {
      layer.time.push_back(std::numeric_limits<double>::infinity());
      layer.space.push_back(c_.space(i, b));
      if (!c_.layers[i][b].possible || c_.backends[b]->wantsPartitions()) continue;
      for (size_t t = 0; t < trials_.size(); ++t) {
        if (arrangements_[t].backend != b || arrangements_[t].choice != all) continue;
        costs_.layers[i][b] = measured(trials_[t].layer(c_.name(i)));
        layer.time.back() = lowerQuartile(trials_[t].layer(c_.name(i)));
      }
    }
    costs_.problem.layers.push_back(std::move(layer));
  }
}

// Times of the device's partitions of one or two layers.
Times Measuring::partitionsOf(size_t backend) const {
  Times times;
  for (size_t t = 0; t < trials_.size(); ++t) {
    if (arrangements_[t].backend != backend) continue;
    std::map<int, std::vector<int>> partitions;
    for (const LayerPlacement& placed : trials_[t].session().placement().layers) {
      const auto layer = c_.index.find(placed.layer);
      if (layer != c_.index.end() && placed.actual == c_.backends[backend]->name()) {
        partitions[placed.partition].push_back(layer->second);
      }
    }
    for (const auto& [number, layers] : partitions) {
      if (layers.size() > 2) continue;
      const std::vector<double> samples = trials_[t].layer(c_.name(static_cast<size_t>(layers[0])));
      auto& known = times[layers];
      known.insert(known.end(), samples.begin(), samples.end());
    }
  }
  return times;
}

// By the tensor between the layers.
std::map<TensorId, Join> Measuring::joinsOf(const Times& times) const {
  std::map<TensorId, Join> joins;
  for (const auto& [layers, samples] : times) {
    if (layers.size() != 2) continue;
    const auto first = times.find({layers[0]}), second = times.find({layers[1]});
    if (first == times.end() || second == times.end()) continue;
    const std::vector<TensorId>& read = c_.graph.layers[static_cast<size_t>(layers[1])].inputs;
    const TensorId made = c_.graph.layers[static_cast<size_t>(layers[0])].outputs[0];
    if (std::find(read.begin(), read.end(), made) == read.end()) continue;
    const Measured a = measured(first->second), b = measured(second->second), ab = measured(samples);
    joins[made] = {c_.bytes(made), lowerQuartile(first->second) + lowerQuartile(second->second) - lowerQuartile(samples),
                   std::sqrt(variance(a) + variance(b) + variance(ab))};
  }
  return joins;
}

double Measuring::perByte(const std::map<TensorId, double>& known) const {
  std::vector<double> rates;
  for (const auto& [id, ms] : known) rates.push_back(ms / c_.bytes(id));
  return median(rates);
}

// Fills in the times of layers, those of tensors' ways, and returns that of a launch.
double Measuring::device(size_t backend) {
  const Times times = partitionsOf(backend);
  const std::map<TensorId, Join> joins = joinsOf(times);
  const Border border(joins);
  std::map<TensorId, double> ways;
  for (const auto& [id, join] : joins) ways[id] = border.way(join);
  ways_.push_back(ways);
  wayPerByte_.push_back(border.perByte);
  const auto way = [&](TensorId id) {
    if (id == kNoTensor || c_.graph.tensor(id).isConstant()) return 0.0;
    const auto known = ways.find(id);
    return known == ways.end() ? wayPerByte_.back() * c_.bytes(id) : known->second;
  };
  // A layer that was never alone takes, per second on its other backend, what others do.
  std::vector<double> speeds;
  std::vector<size_t> unseen;
  for (size_t i = 0; i < c_.layers.size(); ++i) {
    if (!c_.layers[i][backend].possible) continue;
    double other = std::numeric_limits<double>::infinity();
    for (const double time : costs_.problem.layers[i].time) other = std::min(other, time);
    const auto found = times.find({static_cast<int>(i)});
    double& time = costs_.problem.layers[i].time[backend];
    if (found == times.end()) {
      unseen.push_back(i);
      time = other;
      continue;
    }
    costs_.layers[i][backend] = measured(found->second);
    time = lowerQuartile(found->second) - border.launch;
    for (const TensorId id : c_.graph.layers[i].inputs) time -= way(id);
    for (const TensorId id : c_.graph.layers[i].outputs) time -= way(id);
    time = std::max(0.0, time);
    if (std::isfinite(other) && other > 0) speeds.push_back(time / other);
  }
  for (const size_t i : unseen) {
    double& time = costs_.problem.layers[i].time[backend];
    time = std::isfinite(time) ? time * median(speeds) : 0;
  }
  return border.launch;
}

// Quantize and Dequantize layers that sessions put between float and int8.
void Measuring::conversions() {
  std::map<std::string, TensorId> ids;
  for (size_t i = 0; i < c_.graph.tensors.size(); ++i) ids[c_.graph.tensors[i].name] = static_cast<TensorId>(i);
  std::map<TensorId, std::vector<double>> toFloat, toInt8;
  for (const Trial& trial : trials_) {
    const std::vector<LayerInfo> layers = trial.session().layers();
    for (const LayerInfo& layer : layers) {
      if (c_.index.contains(layer.name) || (layer.op != "Quantize" && layer.op != "Dequantize")) continue;
      const bool quantizes = layer.op == "Quantize";
      const auto id = ids.find(quantizes ? layer.outputs[0] : layer.inputs[0]);
      if (id == ids.end()) continue;
      const std::vector<double> samples = trial.layer(layer.name);
      auto& known = (quantizes ? toInt8 : toFloat)[id->second];
      known.insert(known.end(), samples.begin(), samples.end());
    }
  }
  for (const auto& [id, samples] : toFloat) toFloat_[id] = lowerQuartile(samples);
  for (const auto& [id, samples] : toInt8) toInt8_[id] = lowerQuartile(samples);
  std::vector<double> rates;
  for (const auto* known : {&toFloat_, &toInt8_}) {
    if (!known->empty()) rates.push_back(perByte(*known));
  }
  conversionPerByte_ = median(rates);
}

// [from · spaces + to]: by way of the host, and of the other precision, where it must be.
std::vector<double> Measuring::moves(TensorId id) const {
  const int spaces = c_.spaces();
  const Tensor& tensor = c_.graph.tensor(id);
  const auto producers = c_.graph.producers();
  const int producer = producers[static_cast<size_t>(id)];
  const auto converted = [&](const std::map<TensorId, double>& known) {
    const auto found = known.find(id);
    return found != known.end() ? found->second : conversionPerByte_ * c_.bytes(id);
  };
  const bool quantized = tensor.quant.has_value();
  // What a Quantize layer of the model made was float before.
  const bool wasFloat = producer >= 0 && c_.graph.layers[static_cast<size_t>(producer)].op == OpType::Quantize;
  const double toFloat = quantized && !wasFloat ? converted(toFloat_) : 0;
  const double toInt8 = quantized ? converted(toInt8_) : 0;
  const auto way = [&](int space) {
    if (space < 2) return 0.0;
    const auto& known = ways_[static_cast<size_t>(space) - 2];
    const auto found = known.find(id);
    return found != known.end() ? found->second : wayPerByte_[static_cast<size_t>(space) - 2] * c_.bytes(id);
  };
  std::vector<double> result;
  for (int from = 0; from < spaces; ++from) {
    for (int to = 0; to < spaces; ++to) {
      const double conversion = from == 1 ? toInt8 : to == 1 ? toFloat : 0;
      result.push_back(from == to ? 0 : way(from) + way(to) + conversion);
    }
  }
  return result;
}

void Measuring::tensors() {
  costs_.problem.spaces = c_.spaces();
  const auto producers = c_.graph.producers();
  const auto consumers = c_.graph.consumers();
  for (size_t i = 0; i < c_.graph.tensors.size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    if (c_.graph.tensor(id).isConstant() || !c_.graph.tensor(id).shape.known()) continue;
    if (consumers[i].empty() && !c_.graph.isOutput(id)) continue;
    costs_.problem.tensors.push_back({producers[i], consumers[i], c_.graph.isOutput(id), moves(id)});
  }
}

}  // namespace

Result<Costs> measureCosts(const Model& model, const Candidates& candidates, const PlaceOptions& options) {
  return Measuring(model, candidates, options).run();
}

}  // namespace qrt
