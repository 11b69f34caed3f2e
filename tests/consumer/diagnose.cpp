// An app that places layers by measuring them: finds the placement of a model, keeps it as a file would, runs the
// model with it on ones, prints the first output.
#include <qrt/diagnose.h>
#include <qrt/qrt.h>

#include <algorithm>
#include <cstdio>

namespace {

int fail(const qrt::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto model = qrt::Model::load(argc > 1 ? argv[1] : "");
  if (!model.ok()) return fail(model.status());
  const auto found = qrt::findPlacement(*model, {.backends = {"cpu-float", "reference"}, .runs = 5});
  if (!found.ok()) return fail(found.status());
  const auto placement = qrt::placementFromJson(qrt::placementToJson(*model, found->placement), *model);
  if (!placement.ok()) return fail(placement.status());
  auto session = qrt::Session::create(*model, {.placement = *placement});
  if (!session.ok()) return fail(session.status());
  const auto input = session->input(0)->as<float>();
  if (!input.ok()) return fail(input.status());
  std::fill(input->begin(), input->end(), 1.0f);
  if (qrt::Status status = session->run(); !status.ok()) return fail(status);
  for (const float value : session->output(0)->as<float>().value()) std::printf("%g ", value);
  std::printf("\n");
  return 0;
}
