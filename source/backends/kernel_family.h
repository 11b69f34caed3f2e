// A backend made of families of ops: each family is a file that knows which layers it takes and compiles
// them one at a time.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "backends/backend.h"
#include "graph/op.h"

namespace qrt {

struct KernelFamily {
  std::span<const OpType> ops;
  /// Yes, or no with the reason (dtype, shape or attribute found).
  Verdict (*supports)(const Graph& graph, const Layer& layer);
  /// Picks the kernel for ctx.isa, packs weights, books scratch.
  Result<std::unique_ptr<Program>> (*compile)(const CompileContext& ctx, const Layer& layer);
};

/// The backend that a list of families makes; each op is in one of them at most. Layers that do not
/// concern it are of another precision, and refused without asking the families: `otherPrecision` says
/// which, and what a user can do.
class FamilyBackend final : public Backend {
 public:
  FamilyBackend(std::string_view name, std::string_view description,
                std::span<const KernelFamily* const> families,
                bool (*concerns)(const Graph& graph, const Layer& layer),
                std::string_view otherPrecision)
      : name_(name), description_(description), families_(families), concerns_(concerns),
        otherPrecision_(otherPrecision) {}

  std::string_view name() const override { return name_; }
  std::string description() const override { return std::string(description_); }
  Verdict supports(const Graph& graph, const Layer& layer) const override;
  /// Whether a family takes layers of that op.
  bool hasKernels(OpType op) const { return familyOf(op) != nullptr; }
  Result<std::unique_ptr<Program>> compile(const CompileContext& ctx) const override;

 private:
  const KernelFamily* familyOf(OpType op) const;

  std::string_view name_, description_;
  std::span<const KernelFamily* const> families_;
  bool (*concerns_)(const Graph& graph, const Layer& layer);
  std::string_view otherPrecision_;
};

}  // namespace qrt
