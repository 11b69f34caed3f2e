// The README's example: which class does a picture belong to?
#include <algorithm>
#include <cstdio>
#include <vector>

// [readme]
#include <qrt/import.h>
#include <qrt/qrt.h>

int classify(const char* path, std::span<const float> pixels) {
  qrt::Result<qrt::Model> model = qrt::importOnnx(path);
  if (!model.ok()) return -1;  // model.status().message() says why
  qrt::Result<qrt::Session> session = qrt::Session::create(*model, {.threads = 2});
  if (!session.ok()) return -1;
  std::span<float> input = session->input(0)->as<float>().value();
  std::copy(pixels.begin(), pixels.end(), input.begin());
  if (!session->run().ok()) return -1;
  std::span<const float> scores = session->output(0)->as<float>().value();
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}
// [readme]

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: classify MODEL.onnx PIXELS.f32\n"), 2;
  std::FILE* file = std::fopen(argv[2], "rb");
  if (file == nullptr) return std::perror(argv[2]), 2;
  std::vector<float> pixels(1 << 20);
  pixels.resize(std::fread(pixels.data(), sizeof(float), pixels.size(), file));
  std::fclose(file);
  const int best = classify(argv[1], pixels);
  std::printf("%d\n", best);
  return best < 0 ? 2 : 0;
}
