// The slow-layer guide's example: which layer is slow on a backend, and where each runs best.
#include <cstdio>

#include <qrt/import.h>

// [guide]
#include <qrt/diagnose.h>
#include <qrt/qrt.h>

// Names the layers that make `backend` slow, then finds the best place for each layer.
qrt::Result<qrt::LayerBackends> whereToRun(const qrt::Model& model, const std::string& backend) {
  qrt::BisectOptions suspect;
  suspect.backend = backend;
  suspect.say = [](const std::string& step) { std::printf("%s\n", step.c_str()); };
  qrt::Result<qrt::Bisection> slow = qrt::bisect(model, suspect);
  if (!slow.ok()) return slow.status();
  for (const qrt::Culprit& culprit : slow->culprits) {
    std::printf("%s (%s) costs %.3f ms\n", culprit.layer.c_str(), culprit.op.c_str(), culprit.gain);
  }

  qrt::PlaceOptions options;
  options.backends = {backend, "cpu-int8", "cpu-float"};
  qrt::Result<qrt::FoundPlacement> found = qrt::findPlacement(model, options);
  if (!found.ok()) return found.status();
  return found->placement;  // SessionOptions::placement, or placementToJson(model, …)
}
// [guide]

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  qrt::Result<qrt::Model> model = qrt::loadAnyModel(argv[1]);
  if (!model.ok()) return 1;
  const auto placement = whereToRun(*model, argv[2]);
  if (!placement.ok()) return 1;
  qrt::SessionOptions options;
  options.placement = *placement;
  const auto session = qrt::Session::create(*model, options);
  if (!session.ok()) return 1;
  std::printf("%zu layers placed\n", placement->size());
}
