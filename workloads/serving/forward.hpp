// The forward pass of one step on one GPU: what depends on the number of tokens alone as operations; what depends on
// each sequence's cache, and the experts, as shapes to be filled in.
#pragma once

#include <optional>
#include <vector>

#include "workloads/operation.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::workload {

/// Tokens of a step on one attention rank, how many of them need logits (one per sequence that samples), and the tokens
/// of all attention ranks together, which the experts see.
struct StepTokens {
  std::int64_t tokens = 0;
  std::int64_t logits = 0;
  std::int64_t tokens_of_all_ranks = 0;
};

/// All layers; a communication of dimension `data` is among all GPUs of the stage, `tensor` within an attention rank.
/// The experts' products and everything in MixerLayers are left out.
Operations token_operations(const Transformer&, const ServingPlan&, StepTokens);

/// Layers whose tokens look at others: attention, latent attention, state space; this GPU's share of each.
struct MixerLayers {
  Mixer mixer = Mixer::attention;
  std::int64_t layers = 0;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t window = 0;  ///< tokens looked at; 0: all
};
std::vector<MixerLayers> mixer_layers(const Transformer&, const ServingPlan&);

/// State-space layers: memory traffic per layer. A decode reads and writes the state of its sequence, a prompt streams
/// through chunk by chunk.
struct StateTraffic {
  double state_bytes = 0, bytes_per_token = 0;
  std::int64_t launches = 0;
};
StateTraffic state_traffic(const Transformer&, const ServingPlan&);

/// Routed experts of a layer on one GPU.
struct ExpertLayers {
  std::int64_t layers = 0, hidden = 0, ffn = 0, experts = 0, local_experts = 0, active = 0;
  bool gated = true;
};
std::optional<ExpertLayers> expert_layers(const Transformer&, const ServingPlan&);

/// Of an expert that all tokens go through: engines run it beside the routed ones (see StepPrices).
bool is_of_shared_expert(const Operation&);

/// All-reduce of a layer's result: a norm of the sum and the residual is next.
bool is_before_norm(const Operation&);

/// Kernels of a layer's routed experts: route, sort, two products, activation, sum. They are timed as one.
constexpr std::int64_t expert_kernels = 6;

/// Kernels of a forward pass: what launching them one by one costs the host. With prompts state-space layers scan
/// chunk by chunk.
std::int64_t kernels(const Operations&, const Transformer&, const ServingPlan&, bool prompts);

}  // namespace plenum::workload
