// Sessions that are timed side by side.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "qrt/diagnose.h"

namespace qrt {

/// Fills a session's inputs with ordinary numbers, the same for every session of a model.
Status fillRandom(Session& session);

/// A session with some layers pinned, and what its runs took.
class Trial {
 public:
  using Fill = std::function<Status(Session&)>;
  /// Prepares the model, fills its inputs (`fill` or random) and runs it once to warm up.
  static Result<Trial> create(const Model& model, SessionOptions options, const Fill& fill);

  /// One run, which counts.
  Status run();

  const Session& session() const { return session_; }
  Session& session() { return session_; }
  /// By run, milliseconds.
  const std::vector<double>& total() const { return total_; }
  /// By run, milliseconds of a layer, or of the partition that begins with it; with SessionOptions::profiling. Empty if
  /// there is no such layer.
  std::vector<double> layer(const std::string& name) const;
  /// The last run's.
  double lastTotal() const { return total_.back(); }
  double lastLayer(const std::string& name) const {
    const auto found = layers_.find(name);
    return found == layers_.end() ? 0 : found->second.back();
  }

 private:
  explicit Trial(Session session) : session_(std::move(session)) {}

  Session session_;
  std::vector<double> total_;
  std::map<std::string, std::vector<double>> layers_;
};

/// Runs all of them `runs` times, in another order each time, and each after a run that does not count.
Status runInTurn(std::vector<Trial>& trials, int runs, const std::function<void()>& progress);

}  // namespace qrt
