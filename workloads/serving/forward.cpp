#include "workloads/serving/forward.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/serving/layer_operations.hpp"

namespace plenum::workload {
namespace {

std::int64_t divided(std::int64_t amount, std::int64_t by) { return (amount + by - 1) / by; }

/// Embedding, logits and sampling.
void add_ends(Operations& operations, const Transformer& model, const ServingPlan& plan, StepTokens step) {
  const std::int64_t vocabulary = divided(model.vocabulary, plan.tensor_parallel);
  operations.push_back({"embedding", Family::embedding, MemoryBound{Bytes(4 * step.tokens * model.hidden), 1}, 1});
  if (step.logits == 0) return;
  operations.push_back(
      {"logits", Family::matrix_product, MatrixProduct{step.logits, vocabulary, model.hidden, 1, Precision::bf16}, 1});
  if (plan.tensor_parallel > 1)
    operations.push_back(
        {"gather logits", Family::communication,
         Communication{CollectiveKind::all_gather, GroupDimension::tensor, Bytes(2 * step.logits * model.vocabulary)},
         1});
  operations.push_back({"sampling", Family::loss, MemoryBound{Bytes(4 * 3 * step.logits * model.vocabulary), 3}, 1});
}

}  // namespace

Operations token_operations(const Transformer& model, const ServingPlan& plan, StepTokens step) {
  Operations operations;
  for (const auto& [kind, count] : model.layer_counts()) {
    LayerOperations layers(model, plan, step, count, operations);
    layers.add_mixer(kind.mixer);
    layers.add_mlp(kind.mlp);
  }
  add_ends(operations, model, plan, step);
  return operations;
}

std::vector<MixerLayers> mixer_layers(const Transformer& model, const ServingPlan& plan) {
  std::vector<MixerLayers> all;
  for (const auto& [kind, count] : model.layer_counts()) {
    if (kind.mixer == Mixer::none) continue;
    MixerLayers layers{kind.mixer,
                       count,
                       divided(model.heads, plan.tensor_parallel),
                       std::max<std::int64_t>(1, model.kv_heads / plan.tensor_parallel),
                       model.head_dim,
                       kind.windowed ? model.window : 0};
    all.push_back(layers);
  }
  return all;
}

/// The chunked scan writes and reads keys, queries and values a few times in bf16: convolution, normalization, chunk
/// products, output.
StateTraffic state_traffic(const Transformer& model, const ServingPlan& plan) {
  const auto& space = *model.state_space;
  const double tensor = static_cast<double>(plan.tensor_parallel);
  const double state = static_cast<double>(space.inner() * space.state) / tensor;
  const double stream = static_cast<double>(space.convolved()) / tensor;
  return {.state_bytes = bytes_per_element(plan.state) * state, .bytes_per_token = 2 * 8 * stream, .launches = 4};
}

std::optional<ExpertLayers> expert_layers(const Transformer& model, const ServingPlan& plan) {
  if (!model.experts) return std::nullopt;
  const auto& experts = *model.experts;
  ExpertLayers layers{.layers = 0,
                      .hidden = experts.latent > 0 ? experts.latent : model.hidden,
                      .ffn = divided(experts.ffn, plan.stage_gpus() / plan.expert_parallel),
                      .experts = experts.count,
                      .local_experts = divided(experts.count, plan.expert_parallel),
                      .active = experts.active,
                      .gated = model.gated_mlp};
  for (const auto& [kind, count] : model.layer_counts())
    if (kind.mlp == Mlp::experts) layers.layers += count;
  return layers;
}

bool is_of_shared_expert(const Operation& operation) { return operation.name.starts_with("shared "); }

bool is_before_norm(const Operation& operation) {
  return operation.name.ends_with("all-reduce") && operation.name != "squares all-reduce";
}

namespace {

/// Of Gated DeltaNet's scan (flash-linear-attention, chunk_gated_delta_rule, as SGLang calls it): convolution, its
/// output cut in three, gates, two norms, the sum of decays, keys' products, two to invert them, w and u, states of the
/// chunks, output; the states of the sequences are gathered, cleared, cast and scattered.
constexpr std::int64_t scan_kernels = 18;

std::int64_t kernels_of(Mixer mixer, const Transformer& model, bool prompts) {
  if (mixer == Mixer::attention) return 1;
  const bool scan = mixer == Mixer::state_space && prompts && model.state_space->delta_rule;
  return scan ? scan_kernels : 3;  // latent: two absorptions, attention
}

}  // namespace

std::int64_t kernels(const Operations& operations, const Transformer& model, const ServingPlan& plan, bool prompts) {
  std::int64_t count = 0;
  for (const auto& mixer : mixer_layers(model, plan)) count += mixer.layers * kernels_of(mixer.mixer, model, prompts);
  if (const auto experts = expert_layers(model, plan)) count += expert_kernels * experts->layers;
  for (const auto& operation : operations) {
    const auto* memory_bound = std::get_if<MemoryBound>(&operation.work);
    count += operation.count * (memory_bound ? memory_bound->launches : 1);
  }
  return count;
}

}  // namespace plenum::workload
