#include "backends/kernel_family.h"

#include "base/error.h"

namespace qrt {

Verdict FamilyBackend::supports(const Graph& graph, const Layer& layer) const {
  if (!concerns_(graph, layer)) return Verdict::notItsPrecision(otherPrecision_);
  const KernelFamily* family = familyOf(layer.op);
  return family != nullptr ? family->supports(graph, layer)
                           : Verdict::no(concat("no ", name_, " kernel for this op"));
}

Result<std::unique_ptr<Program>> FamilyBackend::compile(const CompileContext& ctx) const {
  const Layer& layer = ctx.graph.layers[static_cast<size_t>(ctx.layers.front())];
  return familyOf(layer.op)->compile(ctx, layer);
}

const KernelFamily* FamilyBackend::familyOf(OpType op) const {
  for (const KernelFamily* family : families_) {
    for (const OpType member : family->ops) {
      if (member == op) return family;
    }
  }
  return nullptr;
}

}  // namespace qrt
