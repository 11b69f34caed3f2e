// qrt demo: the main job on a model and images that are part of the binary, or on the user's own.
#include <cstdio>
#include <filesystem>

#include "common/classes.h"
#include "common/cli.h"
#include "common/evaluate.h"

extern const unsigned char kDemoModel[];
extern const size_t kDemoModelSize;
extern const unsigned char kDemoData[];
extern const size_t kDemoDataSize;

namespace qrt::tools {
namespace {

std::span<const std::byte> embedded(const unsigned char* data, size_t size) {
  return std::as_bytes(std::span(data, size));
}

// Rows of text for an 8×8 picture.
std::vector<std::string> drawing(std::span<const float> pixels) {
  std::vector<std::string> rows;
  for (size_t y = 0; y < 8; ++y) {
    std::string& row = rows.emplace_back();
    for (size_t x = 0; x < 8; ++x) {
      const float p = pixels[y * 8 + x];
      row += p < 0.15f ? "  " : p < 0.4f ? ".." : p < 0.7f ? "oo" : "##";
    }
  }
  return rows;
}

void builtIn() {
  const Model model = orFail(importOnnx(embedded(kDemoModel, kDemoModelSize)));
  const Dataset data = Dataset::fromNpz(embedded(kDemoData, kDemoDataSize), "the demo's test images");
  Session session = orFail(Session::create(model, {.threads = 1}));
  const std::vector<std::string> labels = labelsFor(model, "", 10);

  std::printf("A small CNN reads scanned handwritten digits (ONNX, imported and optimized: %zu layers, %s of weights).\n\n",
              model.layers().size(), bytes(static_cast<double>(model.constantBytes())).c_str());
  std::vector<std::string> canvas(9);
  const auto show = [&](size_t i, size_t best) {
    if (i >= 5) return;
    const TensorView image = orFail(session.input(0));
    const std::vector<std::string> rows = drawing(orFail(image.as<float>()));
    for (size_t y = 0; y < 8; ++y) canvas[y] += rows[y] + "  ";
    canvas[8] += format("%-18s", ("-> " + labels[best]).c_str());
  };
  const Accuracy result = evaluate(session, model, data, "", 0, show);
  for (const std::string& row : canvas) std::printf("  %s\n", row.c_str());
  std::printf("\n%zu test images that it never saw: %.1f %% right, %.4f ms per image on one thread (%s).\n", result.samples,
              100 * result.top1(), result.msPerSample(), orFail(activeIsaName()).c_str());
  std::printf("Your own model and photo: ./dev demo MODEL.onnx PHOTO.jpg\n");
}

void own(const std::string& path, const std::vector<std::string>& images, const std::string& preprocessFile,
         const std::string& labelFile) {
  const Model model = orFail(loadAnyModel(path));
  Session session = orFail(Session::create(model, {.threads = 1}));
  if (session.inputs().size() != 1) throw Failure{"the demo wants a model with one input; see qrt run --help"};
  for (const std::string& image : images) {
    const TensorView input = orFail(session.input(0));
    const Preprocessing how = preprocessingFor(model, session.inputs()[0], preprocessFile);
    preprocess(readImage(image, how.channels()), how, input);
    orFail(session.run());
    session.resetProfile();
    orFail(session.run());
    std::printf("%s\n", image.c_str());
    for (size_t i = 0; i < session.outputs().size(); ++i) {
      const TensorInfo& info = session.outputs()[i];
      const size_t classes = classCount(info);
      const std::vector<std::string> labels = labelsFor(model, classes > 0 ? labelFile : "", classes);
      std::printf("  %s %s\n", info.name.c_str(), info.shape.toString().c_str());
      if (classes == 0) continue;
      for (const Ranked& best : bestClasses(orFail(session.output(i)), 5)) {
        std::printf("  %10.4f  %s\n", static_cast<double>(best.score),
                    labels.empty() ? ("class " + std::to_string(best.index)).c_str() : labels[best.index].c_str());
      }
    }
    std::printf("  %.3f ms on one thread\n", session.profile().medianMs);
  }
}

}  // namespace

void add_demo(CLI::App& app) {
  CLI::App* command = app.add_subcommand("demo", "Classify images with the built-in model, or with your own");
  command->footer("Example: qrt demo\n         qrt demo mobilenet.onnx cat.jpg --labels labels.txt");
  struct Args {
    std::string model, preprocess, labels;
    std::vector<std::string> images;
  };
  const auto args = std::make_shared<Args>();
  command->add_option("MODEL", args->model, "A .qrt, .onnx or .tflite file (default: the built-in digits)");
  command->add_option("IMAGE", args->images, "Photos to run it on");
  command->add_option("--preprocess", args->preprocess, kPreprocessHelp);
  command->add_option("--labels", args->labels, "Class names, one per line");
  command->callback([args] {
    if (args->model.empty()) return builtIn();
    if (args->images.empty()) throw Failure{"demo " + args->model + ": wanted an image as well"};
    own(args->model, args->images, args->preprocess, args->labels);
  });
}

}  // namespace qrt::tools
