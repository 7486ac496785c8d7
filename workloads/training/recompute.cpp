#include "workloads/training/recompute.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenum::workload {
namespace {

constexpr RecomputeModules cheap{.mlp_act = true, .moe_act = true, .layernorm = true, .mla_up_proj = true};

using Problems = std::vector<std::pair<std::string, std::string>>;

void check_modules(const RecomputeModules& modules, const Transformer& model, Problems& problems) {
  const auto counts = model.layer_counts();
  const auto has = [&](auto LayerKind::*part, auto what) {
    return std::ranges::any_of(counts, [&](const LayerCount& c) { return c.kind.*part == what; });
  };
  const auto needs = [&](bool asked, const char* name, bool there, const char* what) {
    if (asked && !there)
      problems.emplace_back(fmt::format("/recompute_modules/{}", name), fmt::format("the model has no {}", what));
  };
  const bool shared = model.experts && model.experts->shared_ffn > 0;
  needs(modules.core_attn, "core_attn",
        has(&LayerKind::mixer, Mixer::attention) || has(&LayerKind::mixer, Mixer::latent_attention), "attention");
  needs(modules.mlp, "mlp", has(&LayerKind::mlp, Mlp::dense), "dense MLP");
  needs(modules.mlp_act, "mlp_act", has(&LayerKind::mlp, Mlp::dense) || shared, "dense MLP and no shared experts");
  needs(modules.moe, "moe", has(&LayerKind::mlp, Mlp::experts), "experts");
  needs(modules.moe_act, "moe_act", has(&LayerKind::mlp, Mlp::experts), "experts");
  needs(modules.shared_experts, "shared_experts", shared, "shared experts");
  needs(modules.mla_up_proj, "mla_up_proj", model.latent_attention.has_value(), "latent attention");
}

}  // namespace

RecomputeModules recomputed_modules(const TrainingPlan& plan) {
  if (plan.recompute == Recompute::selective) return {.core_attn = !plan.flash_attention};
  return plan.recompute == Recompute::modules ? plan.recompute_modules.value_or(cheap) : RecomputeModules{};
}

bool stops_early(const TrainingPlan& plan, const LayerKind& kind) {
  return plan.recompute_early_stop && kind.mlp == Mlp::dense && !is_denoising(kind.mixer);
}

Problems check_recomputation(const TrainingPlan& plan, const Transformer& model) {
  Problems problems;
  if (plan.recompute_modules && plan.recompute != Recompute::modules)
    problems.emplace_back("/recompute_modules", "are computed again with \"recompute\": \"modules\" only");
  else if (plan.recompute_modules && model.diffusion)
    problems.emplace_back("/recompute_modules", "blocks of diffusion transformers have no such modules; leave it out");
  else if (plan.recompute_modules)
    check_modules(*plan.recompute_modules, model, problems);
  if (plan.recompute_group > 1 && plan.recompute != Recompute::full)
    problems.emplace_back("/recompute_group", "layers are grouped with \"recompute\": \"full\" only");
  else if (plan.recompute_group > 1 && plan.recompute_layers > 0)
    problems.emplace_back("/recompute_group",
                          "either groups of layers (uniform) or some layers of each chunk (block), not both");
  if (plan.recompute_early_stop && plan.recompute_group > 1)
    problems.emplace_back("/recompute_early_stop", "ends checkpoints of single layers; leave out recompute_group");
  return problems;
}

}  // namespace plenum::workload
