// An app that embeds libqrt: loads a model, runs it on ones, prints the first output.
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
  auto session = qrt::Session::create(*model, {.threads = 2});
  if (!session.ok()) return fail(session.status());
  const auto input = session->input(0)->as<float>();
  if (!input.ok()) return fail(input.status());
  std::fill(input->begin(), input->end(), 1.0f);
  if (qrt::Status status = session->run(); !status.ok()) return fail(status);
  for (const float value : session->output(0)->as<float>().value()) std::printf("%g ", value);
  std::printf("\n");
  return 0;
}
