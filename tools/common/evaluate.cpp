#include "common/evaluate.h"

#include <algorithm>
#include <chrono>

#include "common/classes.h"
#include "common/cli.h"

namespace qrt::tools {

Accuracy evaluate(Session& session, const Model& model, const Dataset& data, const std::string& preprocessFile, size_t limit,
                  const std::function<void(size_t, size_t)>& onSample) {
  if (session.inputs().size() != 1) throw Failure{std::to_string(session.inputs().size()) + " inputs, eval wants a model with one"};
  const TensorInfo& output = session.outputs().at(0);
  const size_t classes = classCount(output);
  if (classes == 0) throw Failure{"output '" + output.name + "' is " + output.shape.toString() + ", eval wants one row of class scores"};
  std::optional<Preprocessing> how;
  if (data.images()) how = preprocessingFor(model, session.inputs()[0], preprocessFile);

  Accuracy result;
  result.samples = limit == 0 ? data.size() : std::min(limit, data.size());
  Progress progress("eval", result.samples);
  for (size_t i = 0; i < result.samples; ++i) {
    const auto label = data.label(i);
    if (!label) throw Failure{data.name(i) + ": has no label"};
    if (*label < 0 || static_cast<size_t>(*label) >= classes) {
      throw Failure{data.name(i) + ": label " + std::to_string(*label) + ", the model has " + std::to_string(classes) + " classes"};
    }
    data.load(i, orFail(session.input(0)), how ? &*how : nullptr);
    const auto start = std::chrono::steady_clock::now();
    orFail(session.run());
    result.ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    const std::vector<Ranked> best = bestClasses(orFail(session.output(0)), 5);
    const auto hit = std::find_if(best.begin(), best.end(), [&](const Ranked& r) { return r.index == static_cast<size_t>(*label); });
    result.hits1 += hit == best.begin();
    result.hits5 += hit != best.end();
    if (onSample) onSample(i, best[0].index);
    progress.step();
  }
  return result;
}

}  // namespace qrt::tools
