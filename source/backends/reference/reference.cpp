#include "backends/reference/reference.h"

#include "graph/op.h"

namespace qrt {
namespace {

class ReferenceProgram final : public Program {
 public:
  explicit ReferenceProgram(const Layer& layer)
      : layer_(layer), kernel_(concat("reference_", opName(layer.op))) {}

  Status run(const RunArgs& args) override { return runReference(layer_, args.inputs, args.outputs); }
  std::string_view kernel() const override { return kernel_; }

 private:
  Layer layer_;
  std::string kernel_;
};

class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }
  std::string description() const override {
    return "portable reference kernels, one thread; runs every op, exact but slow";
  }
  Verdict supports(const Graph&, const Layer&) const override { return Verdict::yes(); }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override {
    const Layer& layer = ctx.graph.layers[static_cast<size_t>(ctx.layers.front())];
    return std::unique_ptr<Program>(std::make_unique<ReferenceProgram>(layer));
  }
};

}  // namespace

const Backend& referenceBackend() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace qrt
