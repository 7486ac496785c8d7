// How long a step of a replica takes: kernels as the device model says, collectives as the frameworks' own kernels were
// measured, host time as the engine's profile says.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "calibration/device.hpp"
#include "sim/datacenter/serving/sequence.hpp"
#include "sim/datacenter/serving/step_communication.hpp"
#include "workloads/serving/forward.hpp"

namespace plenum::datacenter {

class StepPrices {
 public:
  StepPrices(const workload::Transformer&, const workload::ServingPlan&, const workload::EngineProfile&,
             const calibration::Device&, const topology::NodeSpecification&, bool pools = false);

  /// All attention ranks of the replica in lockstep: as long as the slowest one needs. `slowdown`: of its GPUs' own
  /// kernels, beside healthy ones'.
  Seconds step(std::span<const RankStep>, double slowdown = 1);
  /// The same for decodes alone: of the rank with the most, with `context` tokens cached in all, and of all ranks.
  /// With drafts each sequence computes several tokens, which share one pass over its cache.
  Seconds decode_step(std::int64_t sequences, std::int64_t context, std::int64_t sequences_of_all_ranks,
                      std::int64_t tokens_each = 1, double slowdown = 1);

  calibration::Footing footing() const { return footing_; }

 private:
  struct TokenPrice {
    Seconds computing{}, communicating{};
    Seconds beside{};          ///< of computing: what graphs run beside something longer
    std::int64_t kernels = 0;  ///< 0: not priced yet
    std::int64_t gaps = 0;     ///< between kernels that were not timed together
  };

  TokenPrice price(workload::StepTokens, bool decodes);
  const TokenPrice& decode_price(std::int64_t tokens, std::int64_t tokens_of_all_ranks);
  Seconds linear_layer(const workload::MatrixProduct&);
  Seconds time_of(const workload::Operation&);
  calibration::Framework products_of() const;
  Seconds experts(std::int64_t tokens, bool decodes);
  bool weight_only() const;
  bool cutlass_experts() const;
  bool grouped(bool decodes) const;
  bool deep_gemm() const;
  calibration::Estimate deep_gemm_experts(std::int64_t tokens, calibration::Estimate fused) const;
  bool shared_expert_beside() const;
  std::int64_t norms_of(const workload::Operation&) const;
  calibration::Estimate grouped_experts(std::int64_t tokens) const;
  calibration::Estimate grouped_products(std::int64_t groups, std::int64_t rows) const;
  bool filled_up() const;
  calibration::Estimate filled_experts(std::int64_t tokens, bool decodes) const;
  Seconds prompt_mixing(std::span<const PromptChunk>);
  Seconds whole_texts(std::span<const PromptChunk>);
  Seconds prompt_mixing(const PromptChunk&);
  Seconds prompt_mixing(const workload::MixerLayers&, const PromptChunk&);
  Seconds decodes_beside(const RankStep&, std::span<const RankStep> ranks);
  Seconds checking_host(std::int64_t sequences, std::int64_t tokens_each) const;
  double states_moved(std::int64_t tokens_each) const;
  Seconds decode_mixing(std::int64_t sequences, std::int64_t context, std::int64_t tokens_each);
  Seconds decode_mixing(const workload::MixerLayers&, std::int64_t sequences, std::int64_t length,
                        std::int64_t tokens_each);
  Seconds reading(double bytes) const;
  Seconds latent_prompt(const workload::MixerLayers&, std::int64_t tokens, std::int64_t cached);
  Seconds latent_decode(const workload::MixerLayers&, std::int64_t sequences, std::int64_t length);
  Seconds state_space(double bytes);
  Seconds with_host(Seconds gpu, const TokenPrice&, std::int64_t sequences, bool graph) const;
  Seconds use(calibration::Estimate);

  const workload::Transformer model_;  ///< as the engine computes it
  const workload::ServingPlan& plan_;
  const workload::EngineProfile& engine_;
  const calibration::Device& device_;
  const calibration::Framework framework_;
  const StepCommunication communication_;
  const std::vector<workload::MixerLayers> mixers_;
  const std::optional<workload::ExpertLayers> experts_;
  const workload::StateTraffic state_;
  const bool over_nodes_;  ///< a stage's GPUs are not one node's
  const bool pools_;       ///< there is no head
  std::map<std::pair<std::int64_t, std::int64_t>, TokenPrice> decode_prices_;
  calibration::Footing footing_ = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
